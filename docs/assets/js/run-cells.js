// Programs that run in the page: a box to change them in, and what they say. MicroPython does it, in
// a worker that is fetched from this site when a program is run for the first time and ended after
// each run. Without scripts, workers or WebAssembly a program is text, with its output.
"use strict";

(() => {
  const HERE = new URL("../run/", document.currentScript.src);
  const LIMIT = 3000; // milliseconds; then it is stopped, and says where it was
  const GRACE = 1500; // who does not listen to that is ended
  const LOAD = 60000;
  const MOVES = 350;

  const able =
    location.protocol !== "file:" && "WebAssembly" in window && "Worker" in window;
  let loaded = false;

  function made(tag, options = {}, ...parts) {
    const element = Object.assign(document.createElement(tag), options);
    element.append(...parts);
    return element;
  }

  const minus = (words) => words.replaceAll(/(?<![\w\]])-(?=[\d.i])|(?<=e)-(?=\d)/g, "−");

  // The box: a text area, and the numbers of its lines.
  function editor(original, name, help) {
    const numbers = made("pre", { className: "run-lines" });
    numbers.setAttribute("aria-hidden", "true");
    const area = made("textarea", { value: original, spellcheck: false, wrap: "off" });
    area.setAttribute("aria-label", name);
    area.setAttribute("aria-describedby", help);
    for (const off of ["autocapitalize", "autocomplete", "autocorrect"]) area.setAttribute(off, "off");

    function count() {
      const lines = area.value.split("\n").length;
      area.rows = lines;
      while (numbers.children.length > lines) numbers.lastElementChild.remove();
      for (let k = numbers.children.length; k < lines; k++) {
        numbers.append(made("span", { textContent: `${k + 1}\n` }));
      }
    }

    // A new line begins where the one before it does. Tab is left alone: it leaves the box.
    function onKey(event) {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      const before = area.value.slice(0, area.selectionStart).split("\n").at(-1);
      const indent = /^ */.exec(before)[0] + (/:\s*$/.test(before) ? "    " : "");
      event.preventDefault();
      // So that it can be undone; where a browser has it no more, it cannot.
      if (!document.execCommand?.("insertText", false, `\n${indent}`)) {
        area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, "end");
        count();
      }
    }

    area.addEventListener("keydown", onKey);
    area.addEventListener("input", count);
    count();
    return {
      area,
      box: made("div", { className: "run-editor" }, numbers, area),
      set(text) {
        area.value = text;
        count();
      },
      mark(line) {
        for (const span of numbers.children) span.className = "";
        if (line) numbers.children[line - 1]?.classList.add("run-bad");
      },
      show(line) {
        const lines = area.value.split("\n");
        const start = lines.slice(0, line - 1).join("\n").length + (line > 1);
        area.focus();
        area.setSelectionRange(start, start + lines[line - 1].length);
      },
    };
  }

  // What the reader has changed: the lines that went, and those that came.
  function changes(before, after) {
    const [a, b] = [before.split("\n"), after.split("\n")];
    const same = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        const skips = Math.max(same[i + 1][j], same[i][j + 1]);
        same[i][j] = a[i] === b[j] ? same[i + 1][j + 1] + 1 : skips;
      }
    }
    const rows = [];
    for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
      if (a[i] === b[j] && i < a.length && j < b.length) [i, j] = [i + 1, j + 1];
      else if (i < a.length && (j === b.length || same[i + 1][j] >= same[i][j + 1])) {
        rows.push(["−", i + 1, a[i++]]);
      } else rows.push(["+", j + 1, b[j++]]);
    }
    return rows.filter(([, , line]) => line.trim());
  }

  function tellChanges(place, rows) {
    const shown = rows.slice(0, 6).map(([sign, line, text]) => {
      const tag = sign === "+" ? "ins" : "del";
      return made("li", {}, `${sign} line ${line}: `, made(tag, {}, made("code", { textContent: text.trim() })));
    });
    if (rows.length > 6) shown.push(made("li", { textContent: `and ${rows.length - 6} lines more` }));
    place.replaceChildren(...(shown.length ? ["What you changed:", made("ul", {}, ...shown)] : []));
  }

  // The report in a sentence, worst first.
  function verdict({ verdicts }) {
    const of = (kind) => verdicts.filter((row) => row.verdict === kind);
    const names = (rows) => rows.map(({ name }) => `∂L/∂${name}`).join(", ");
    const parts = of("wrong").map(({ name, says }) => `✗ Wrong: ∂L/∂${name}, ${minus(says)}.`);
    parts.push(...of("missing").map(({ name }) => `✗ Missing: ∂L/∂${name}.`));
    parts.push(...of("undecided").map(({ name, says }) => `? Not decided: ∂L/∂${name}, ${minus(says)}.`));
    if (of("right").length) parts.push(`✓ Right: ${names(of("right"))}.`);
    const kind = ["wrong", "missing", "undecided"].find((word) => of(word).length) ?? "right";
    return [kind === "missing" ? "wrong" : kind, parts.join("\n")];
  }

  function wrongSentence({ line, says, stopped }) {
    if (stopped && !line) return "Stopped: it did not end. In which line it was is not known.";
    if (stopped) return `Stopped after ${LIMIT / 1000} seconds, in line ${line}. Does a loop there ever end?`;
    const hint = /^ImportError: no module/.test(says)
      ? " The Python of this page has no NumPy and few modules; math is there."
      : "";
    return `${line ? `Line ${line}: ` : ""}${says}.${hint}`;
  }

  // From one report's numbers to the next: what moves can be followed.
  function moving(figure, drawn, from, to, key) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const alike = (a, b) => a?.length === b.length && a.every((row, t) => row.length === b[t].length);
    const number = (value) => typeof value === "number";
    const between = (a, b, share) =>
      b.map((row, t) =>
        row.map((value, k) =>
          number(value) && number(a[t][k]) ? a[t][k] + share * (value - a[t][k]) : value,
        ),
      );
    const start = performance.now();
    const step = (now) => {
      const share = Math.min(1, (now - start) / MOVES);
      const ease = 1 - (1 - share) ** 3;
      const shown = share === 1 ? to : {
        ...to,
        states: between(from.states, to.states, ease),
        messages: between(from.messages, to.messages, ease),
      };
      figure.innerHTML = drawn(shown, from, key);
      if (share < 1) requestAnimationFrame(step);
    };
    if (!still && from && alike(from.states, to.states) && alike(from.messages, to.messages)) {
      requestAnimationFrame(step);
    } else figure.innerHTML = drawn(to, from, key);
  }

  // One worker, one run. Calls back with what happens; returns how to stop it.
  function run(program, heard) {
    const worker = new Worker(new URL("worker.mjs", HERE), { type: "module" });
    let timer = 0;
    const end = (what, given) => {
      clearTimeout(timer);
      worker.terminate();
      heard(what, given);
    };
    const missing = () => end("missing");
    timer = setTimeout(missing, LOAD);
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      missing();
    });
    worker.addEventListener("message", ({ data }) => {
      if (data.kind === "done") end("done", data.failed);
      else if (data.kind === "missing") missing();
      else {
        if (data.kind === "running") {
          loaded = true;
          clearTimeout(timer);
          timer = setTimeout(() => end("done", { line: null, stopped: true }), LIMIT + GRACE);
        }
        heard(data.kind, data);
      }
    });
    worker.postMessage({ program, limit: LIMIT });
    return () => end("stopped");
  }

  function enhance(cell, number) {
    const listing = cell.querySelector(".highlight");
    const original = listing.textContent.replace(/\n+$/, "");
    const bar = cell.querySelector(".run-bar");
    const figure = cell.querySelector("figure");
    const output = cell.querySelector("samp");
    const key = figure.querySelector("title").id;
    const asBuilt = { drawing: figure.innerHTML, printed: output.textContent };
    let last = JSON.parse(figure.dataset.told);
    let told = null; // by the run that is on
    let stop = null;

    const help = made("span", {
      id: `run-help-${number}`,
      className: "run-help",
      textContent: "Ctrl + Enter runs it; Tab leaves the box.",
    });
    const box = editor(original, cell.dataset.name, help.id);
    const go = made("button", { type: "button", className: "run-go", textContent: "Run" });
    const reset = made("button", { type: "button", textContent: "Reset", disabled: true });
    const jump = made("button", { type: "button", hidden: true });
    const says = made("p", { className: "run-says" });
    says.setAttribute("role", "status");
    const changed = made("div", { className: "run-changed" });
    listing.hidden = true;
    listing.after(box.box);
    bar.append(go, reset, jump, help);
    bar.hidden = false;
    bar.after(says, changed);

    function say(kind, words, line = null) {
      says.dataset.kind = kind;
      says.textContent = words;
      box.mark(line);
      jump.hidden = !line;
      jump.textContent = `Show line ${line}`;
      jump.onclick = () => box.show(line);
    }

    function heard(what, given) {
      if (what === "running") say("waits", "Running …");
      if (what === "printed") output.append(`${given.line}\n`);
      if (what === "told") {
        const from = last;
        last = told = given.report;
        import(new URL("figure.mjs", HERE)).then(({ drawn }) => {
          if (last === given.report) moving(figure, drawn, from, last, key);
        });
      }
      if (!["done", "stopped", "missing"].includes(what)) return;
      stop = null;
      go.textContent = "Run";
      figure.classList.toggle("run-stale", !told);
      if (what === "stopped") say("open", "Stopped.");
      else if (what === "missing") {
        say("open", "Python could not be loaded, so this program is only text. Is this page still online?");
      } else if (given) say(given.stopped ? "open" : "wrong", wrongSentence(given), given.line);
      else if (told) say(...verdict(told));
      else say("open", "It ran to its end and reported nothing, so nothing was compared.");
    }

    function start() {
      if (stop) return stop();
      told = null;
      output.textContent = "";
      tellChanges(changed, changes(original, box.area.value));
      say("waits", loaded ? "Running …" : "Loading Python from this site, 220 kB …");
      go.textContent = "Stop";
      stop = run(box.area.value, heard);
    }

    go.addEventListener("click", start);
    reset.addEventListener("click", () => {
      stop?.();
      box.set(original);
      reset.disabled = true;
      tellChanges(changed, []);
      last = JSON.parse(figure.dataset.told);
      figure.innerHTML = asBuilt.drawing;
      figure.classList.remove("run-stale");
      output.textContent = asBuilt.printed;
      say("open", "As it was.");
      box.area.focus();
    });
    box.area.addEventListener("input", () => {
      reset.disabled = box.area.value === original;
      box.mark(null);
    });
    box.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        if (!stop) start();
      }
    });
  }

  function explain(cell) {
    const bar = cell.querySelector(".run-bar");
    const why = location.protocol === "file:"
      ? "it runs where the page comes from a server, not from a folder"
      : "this browser has no WebAssembly";
    bar.replaceChildren(made("span", { className: "run-help", textContent: `Here the program is text: ${why}.` }));
    bar.hidden = false;
  }

  document$.subscribe(() => {
    const cells = document.querySelectorAll(".run-cell:not(.run-text):not(:has(textarea))");
    cells.forEach(able ? enhance : explain);
  });
})();
