((figure) => {
// The data are the first script. Not sought by its type: instant navigation drops that.
const data = JSON.parse(figure.querySelector("script").textContent);
const [left, top, width, height] = data.box, [low, high] = data.powers;
const inputs = [...figure.querySelectorAll("input")], says = figure.querySelector("output");
const svg = figure.querySelector("svg"), lines = svg.querySelectorAll("[data-line] path");
const ticks = [...svg.querySelectorAll("text")].filter((t) => Math.abs(t.getAttribute("y") - (top + height + 24)) < 0.5);
const power = (x) => { const n = Math.round(x); return n ? `10<sup>${String(n).replace("-", "−")}</sup>` : "1"; };
function drawn(ys, end) {
  let d = "", last = "";
  for (let k = 1; k < ys.length && data.xs[k] <= end; k++) {
    const [x1, x2] = [data.xs[k - 1] / end, data.xs[k] / end], [y1, y2] = [ys[k - 1], ys[k]];
    const cuts = y1 === y2 ? [0, 1] : [(low - y1) / (y2 - y1), (high - y1) / (y2 - y1)].sort((a, b) => a - b);
    const [s, e] = [Math.max(0, cuts[0]), Math.min(1, cuts[1])];
    if (s >= e || (y1 === y2 && (y1 < low || y1 > high))) continue;
    const at = (u) => `${(left + width * (x1 + u * (x2 - x1))).toFixed(1)} ${(top + height * (1 - (y1 + u * (y2 - y1) - low) / (high - low))).toFixed(1)}`;
    d += at(s) === last ? `L${at(e)}` : `M${at(s)}L${at(e)}`;
    last = at(e);
  }
  return d;
}
function draw() {
  const at = inputs.map((input) => Number(input.value)), end = data.values.at(-1)[at.at(-1)];
  inputs.forEach((input, k) => input.setAttribute("aria-valuetext", data.values[k][at[k]]));
  const chosen = data.curves.map((array) => {
    for (const place of at.slice(0, -1)) array = array[Math.min(place, array.length - 1)];
    return array;
  });
  chosen.forEach((ys, k) => lines[k].setAttribute("d", drawn(ys, end)));
  ticks.forEach((tick, k) => { tick.textContent = end * k / (ticks.length - 1); });
  const last = data.xs.indexOf(end);
  const settings = inputs.map((_, k) => `${data.labels[k]} ${String(data.values[k][at[k]]).replace("-", "−")}`);
  const left_ = data.names.map((name, k) => `${name} ${power(chosen[k][last])}`);
  says.innerHTML = `${settings.join(", ")}. Left after ${end} steps, about: ${left_.join(", ")}.`;
}
function save(kind) {
  const copy = svg.cloneNode(true), style = getComputedStyle(svg), [, , w, h] = svg.getAttribute("viewBox").split(" ");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", 2 * w); copy.setAttribute("height", 2 * h);
  copy.setAttribute("style", `color: ${style.color}; background: ${getComputedStyle(document.body).backgroundColor}; font-family: serif`);
  const accent = getComputedStyle(figure).getPropertyValue("--md-typeset-a-color") || "#1a5fb4";
  const text = new XMLSerializer().serializeToString(copy).replaceAll(/var\(--md-typeset-a-color[^)]*\)/g, accent);
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const give = (href) => Object.assign(document.createElement("a"), { href, download: `${figure.dataset.name}.${kind}` }).click();
  if (kind === "svg") return give(address);
  const image = new Image();
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * w, height: 2 * h });
    canvas.getContext("2d").drawImage(image, 0, 0);
    give(canvas.toDataURL("image/png"));
  };
  image.src = address;
}
inputs.forEach((input) => input.addEventListener("input", draw));
[...figure.querySelectorAll(".save button")].forEach((button, k) => button.addEventListener("click", () => save(["svg", "png"][k])));
for (const part of figure.querySelectorAll("p")) part.hidden = false;
draw();
})(document.currentScript.parentElement);
