// What a program reports, drawn: the states, and below them the messages. The build draws with it,
// and the page draws anew after every run.

const LEFT = 14;
const WIDTH = 332;
const INK = "currentColor";
const ACCENT = "var(--md-typeset-a-color, #1a5fb4)";
const BAD = "var(--refuted, #a3242a)";
const ROWS = [
  { of: "states", says: (letter) => `states ${letter}`, colour: INK, top: 30, high: 46 },
  { of: "messages", says: (letter) => `messages ∂L/∂${letter}`, colour: ACCENT, top: 132, high: 84 },
];
const HEIGHT = 264;
const NAMED = 6; // steps that have room for a number each
const MOST = 2000; // numbers in a drawing

const finite = (value) => typeof value === "number";

function short(value) {
  if (!finite(value)) return { inf: "∞", "-inf": "−∞" }[value] ?? String(value);
  return String(Number(value.toPrecision(3))).replaceAll("-", "−");
}

const text = (x, y, words, { anchor = "middle", colour = INK, size = 15 } = {}) =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}" ` +
  `font-size="${size}">${words}</text>`;

// The bars of one row; those of the run before are outlines behind them.
function bars(steps, before, { of, name, colour, top, high }) {
  const all = [...steps.flat(), ...before.flat()].filter(finite).map(Math.abs);
  const largest = Math.max(...all, 1e-300);
  const places = Math.max(steps.length, before.length);
  const slot = WIDTH / places;
  const zero = top + high / 2 + 12;
  const unit = high / 2 / largest;
  const parts = [text(LEFT, top - 12, name, { anchor: "start", colour })];
  const each = (values, draw) =>
    values.forEach((entries, t) => {
      const wide = Math.min(slot * 0.62, 44) / entries.length;
      const from = LEFT + slot * (t + 0.5) - (wide * entries.length) / 2;
      entries.forEach((value, k) => draw(value, from + wide * k, wide, k, t, entries.length));
    });
  const box = (value, x, wide) => {
    const tall = Math.max(Math.abs(value) * unit, 0.6);
    const y = value < 0 ? zero : zero - tall;
    const air = wide > 6 ? 1 : 0.3;
    return `x="${(x + air).toFixed(1)}" y="${y.toFixed(1)}" width="${(wide - 2 * air).toFixed(1)}" height="${tall.toFixed(1)}"`;
  };
  each(before, (value, x, wide) => {
    if (!finite(value)) return;
    parts.push(
      `<rect ${box(value, x, wide)} fill="none" stroke="${colour}" stroke-dasharray="3 2" opacity="0.6"/>`,
    );
  });
  each(steps, (value, x, wide, k, t, count) => {
    const middle = x + wide / 2;
    if (!finite(value)) {
      parts.push(text(middle, zero - 4, short(value), { colour: BAD }));
      return;
    }
    parts.push(
      `<rect ${box(value, x, wide)} fill="${colour}" fill-opacity="${k ? 0.45 : 0.85}"/>`,
    );
    if (places > NAMED || count > 1) return;
    const end = Math.abs(value) * unit;
    const y = value < 0 ? zero + end + 13 : zero - end - 4;
    parts.push(text(middle, y, short(value), { colour, size: 13 }));
  });
  const line = `M${LEFT} ${zero}h${WIDTH}`;
  parts.push(`<path d="${line}" stroke="${INK}" stroke-width="1" opacity="0.4" fill="none"/>`);
  if (places > NAMED || steps.some((entries) => entries.length > 1)) {
    const most = steps.flat().filter(finite).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    const says = `largest ${short(most)}`;
    parts.push(text(LEFT + WIDTH, top - 12, says, { anchor: "end", colour, size: 13 }));
  }
  return parts.join("");
}

function steps(count) {
  const slot = WIDTH / count;
  const every = Math.ceil(count / 12);
  return Array.from({ length: count }, (_, t) =>
    t % every
      ? ""
      : text(LEFT + slot * (t + 0.5), HEIGHT - 8, `${t}`, { size: 13 }),
  ).join("");
}

// Arguments: a report; the one before it, or null; a name that no other figure of the page has.
export function drawn(told, before, key) {
  const rows = ROWS.filter(({ of }) => told[of].length).map((row) => ({
    ...row,
    name: row.says(told.letter),
  }));
  const inWords = (steps) => steps.map((entries) => entries.map(short).join(" and ")).join("; ");
  const said = rows.map(({ of, name }) => `${name}, from step 0 on: ${inWords(told[of])}`);
  const count = Math.max(0, ...rows.map(({ of }) => told[of].length));
  const numbers = rows.reduce((sum, { of }) => sum + told[of].flat().length, 0);
  const much = numbers > MOST && `${numbers} numbers are too many to draw.`;
  const nothing = !count && "Nothing to draw was reported.";
  const title = much || nothing || `${said.join(". ")}.`;
  return (
    `<svg viewBox="0 0 360 ${HEIGHT}" role="img" aria-labelledby="${key}" ` +
    `style="max-width: 414px; width: 100%" font-family="KaTeX_Main, serif" font-size="15">` +
    `<title id="${key}">${title[0].toUpperCase()}${title.slice(1)}</title>` +
    (much || nothing
      ? text(180, HEIGHT / 2, title)
      : rows.map((row) => bars(told[row.of], before?.[row.of] ?? [], row)).join("") +
        steps(count)) +
    "</svg>"
  );
}
