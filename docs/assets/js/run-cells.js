// Programs that run in the page: a box to change them in, and what they say. MicroPython does it, in
// a worker that is fetched from this site when a program is run for the first time and ended after
// each run. Without scripts, workers or WebAssembly a program is text, with its output.
"use strict";

(() => {
  const HERE = new URL("../run/", document.currentScript.src);
  const LIMIT = 3000; // milliseconds; then it is stopped, and says where it was
  const GRACE = 1500; // who does not listen to that is ended
  const LOAD = 60000;

  const able =
    location.protocol !== "file:" && "WebAssembly" in window && "Worker" in window;
  let loaded = false;
  let telling = null; // the module that says what came of a run

  function tell(use, missing) {
    telling ??= import(new URL("telling.mjs", HERE));
    telling.then(use, () => {
      telling = null; // it may come the next time
      missing();
    });
  }

  function made(tag, options = {}, ...parts) {
    const element = Object.assign(document.createElement(tag), options);
    element.append(...parts);
    return element;
  }

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

  function tellChanges(place, rows) {
    const shown = rows.slice(0, 6).map(([sign, line, text]) => {
      const tag = sign === "+" ? "ins" : "del";
      return made("li", {}, `${sign} line ${line}: `, made(tag, {}, made("code", { textContent: text.trim() })));
    });
    if (rows.length > 6) shown.push(made("li", { textContent: `and ${rows.length - 6} lines more` }));
    place.replaceChildren(...(shown.length ? ["What you changed:", made("ul", {}, ...shown)] : []));
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

    function missing() {
      say("open", "Python could not be loaded, so this program is only text. Is this page still online?");
    }

    function heard(what, given) {
      if (what === "running") say("waits", "Running …");
      if (what === "printed") output.append(`${given.line}\n`);
      if (what === "told") {
        const from = last;
        last = told = given.report;
        tell(({ moving }) => last === given.report && moving(figure, from, last, key), missing);
      }
      if (!["done", "stopped", "missing"].includes(what)) return;
      stop = null;
      go.textContent = "Run";
      figure.classList.toggle("run-stale", !told);
      if (what === "stopped") say("open", "Stopped.");
      else if (what === "missing") missing();
      else if (given) {
        const kind = given.stopped ? "open" : "wrong";
        tell(({ failure }) => say(kind, failure(given, LIMIT / 1000), given.line), missing);
      } else if (told) tell(({ verdict }) => say(...verdict(told)), missing);
      else say("open", "It ran to its end and reported nothing, so nothing was compared.");
    }

    function start() {
      if (stop) return stop();
      told = null;
      output.textContent = "";
      const program = box.area.value;
      tell(({ changes }) => tellChanges(changed, changes(original, program)), missing);
      say("waits", loaded ? "Running …" : "Loading Python from this site, 220 kB …");
      go.textContent = "Stop";
      stop = run(program, heard);
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
