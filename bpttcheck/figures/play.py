"""A figure with a slider: every picture is computed beforehand, so that it needs no server.

The pictures differ in some parts only. Those are kept as JSON beside the figure, and a few lines
of script put them in place. Without scripts, the first picture and its sentence are shown.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bpttcheck.figures.svg import Figure

# The frames are the first script. Not sought by its type: instant navigation drops that.
SCRIPT = """(figure => {
const frames = JSON.parse(figure.querySelector("script").textContent);
const slider = figure.querySelector("input"), says = figure.querySelector("output");
const parts = figure.querySelectorAll("[data-part]"), title = figure.querySelector("title");
slider.addEventListener("input", () => {
const frame = frames[slider.value];
parts.forEach((part, i) => { part.innerHTML = frame.parts[i]; });
says.innerHTML = frame.says; title.textContent = frame.title;
slider.setAttribute("aria-valuetext", frame.value);
});
figure.querySelector("p").hidden = false;
})(document.currentScript.parentElement);"""


@dataclass(frozen=True)
class Moving:
    """A figure with a slider, for a notebook to show."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


def play(
    label: str,
    values: Sequence[str],
    figures: Sequence[Figure],
    says: Sequence[str],
    start: int = 0,
) -> Moving:
    """Return figures of which a slider chooses one.

    Arguments:
        label: what the slider moves.
        values: the value at each place of the slider, as it is read out.
        figures: the picture at each place; all made of the same number of parts.
        says: a sentence for each picture, shown below it; HTML.
        start: the place to begin with.

    Raises:
        ValueError: the numbers of values, pictures, sentences or parts differ.
    """
    for name, many in (("figures", figures), ("says", says)):
        if len(many) != len(values):
            raise ValueError(f"{name}: expected {len(values)}, one for each value, got {len(many)}")
    first = figures[start]
    for value, figure in zip(values, figures, strict=True):
        if len(figure.parts) != len(first.parts):
            raise ValueError(
                f"figures: expected {len(first.parts)} parts each, got {len(figure.parts)} at "
                f"{value!r}"
            )
    moves = [len({figure.parts[i] for figure in figures}) > 1 for i in range(len(first.parts))]
    content = "".join(
        f"<g data-part>{part}</g>" if moving else part
        for part, moving in zip(first.parts, moves, strict=True)
    )
    frames = [
        {
            "value": value,
            "says": sentence,
            "title": figure.title,
            "parts": [p for p, moving in zip(figure.parts, moves, strict=True) if moving],
        }
        for value, figure, sentence in zip(values, figures, says, strict=True)
    ]
    data = json.dumps(frames, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    name = f"{first.key}-slider"
    return Moving(
        f'<figure class="play"><div class="drawing" style="overflow: auto hidden">'
        f"{first.around(content)}</div>"
        f'<p hidden><label for="{name}">{html.escape(label)}</label> '
        f'<input type="range" id="{name}" min="0" max="{len(values) - 1}" value="{start}" '
        f'autocomplete="off" aria-valuetext="{html.escape(values[start])}"></p>'
        f'<output for="{name}" aria-live="polite">{says[start]}</output>'
        f'<script type="application/json">{data}</script><script>{SCRIPT}</script></figure>'
    )
