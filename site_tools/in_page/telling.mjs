// What the page says after a run. Fetched when a program is run for the first time.
import { drawn } from "./figure.mjs";

const MOVES = 350; // milliseconds

const minus = (words) => words.replaceAll(/(?<![\w\]])-(?=[\d.i])|(?<=e)-(?=\d)/g, "−");

// What the reader has changed: the lines that went, and those that came.
export function changes(before, after) {
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

// The report in sentences, worst first, and what they come to.
export function verdict({ verdicts }) {
  const of = (kind) => verdicts.filter((row) => row.verdict === kind);
  const names = (rows) => rows.map(({ name }) => `∂L/∂${name}`).join(", ");
  const parts = of("wrong").map(({ name, says }) => `✗ Wrong: ∂L/∂${name}, ${minus(says)}.`);
  parts.push(...of("missing").map(({ name }) => `✗ Missing: ∂L/∂${name}.`));
  parts.push(...of("undecided").map(({ name, says }) => `? Not decided: ∂L/∂${name}, ${minus(says)}.`));
  if (of("right").length) parts.push(`✓ Right: ${names(of("right"))}.`);
  const kind = ["wrong", "missing", "undecided"].find((word) => of(word).length) ?? "right";
  return [kind === "missing" ? "wrong" : kind, parts.join("\n")];
}

export function failure({ line, says, stopped }, seconds) {
  if (stopped && !line) return "Stopped: it did not end. In which line it was is not known.";
  if (stopped) return `Stopped after ${seconds} seconds, in line ${line}. Does a loop there ever end?`;
  const hint = /^ImportError: no module/.test(says)
    ? " The Python of this page has no NumPy and few modules; math is there."
    : "";
  return `${line ? `Line ${line}: ` : ""}${says}.${hint}`;
}

// From one report's numbers to the next: what moves can be followed.
export function moving(figure, from, to, key) {
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
