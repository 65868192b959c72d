"""A figure with several sliders: every curve is computed beforehand, a script chooses and draws.

Without scripts, the curves that it starts with are shown. Curves are kept as logarithms with two
decimals, one array for each line, indexed by the places of the sliders that it depends on.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike

from bpttcheck.figures.chart import HEIGHT, LEFT, TOP, WIDTH, Axis, Line, chart
from bpttcheck.figures.play import Moving


@dataclass(frozen=True)
class Slider:
    """A slider: what it moves, its values, and where it starts."""

    label: str
    values: Sequence[float]
    start: int = 0


@dataclass(frozen=True)
class Curves:
    """A line for every setting.

    Arguments:
        says: its name.
        ys: array (places of the first slider, of the second, …, points); a size of one for a slider
            on which the line does not depend.
        colour: its colour.
        dash: its dashes.
    """

    says: str
    ys: ArrayLike
    colour: str
    dash: str = ""


def explore(
    key: str,
    title: str,
    says: str,
    curves: Sequence[Curves],
    sliders: Sequence[Slider],
    xs: Sequence[int],
    y: Axis,
    cut: Slider,
) -> Moving:
    """Return curves over a common axis, with a slider for each of their indices.

    Arguments:
        key: the figure's name on the page.
        title: what is to be seen, in words that fit every setting.
        says: the sentence under the figure at the start; the script writes its own.
        curves: the lines.
        sliders: what chooses among them, in the order of the arrays' axes.
        xs: where the points are, from 0.
        y: the vertical axis; powers of ten.
        cut: a slider whose value is the right end of the horizontal axis; values are among ``xs``.

    Raises:
        ValueError: an array does not have an axis for each slider and one for the points.
    """
    sizes = [len(slider.values) for slider in sliders]
    arrays = []
    for curve in curves:
        ys = np.asarray(curve.ys, dtype=float)
        fits = ys.ndim == len(sizes) + 1 and ys.shape[-1] == len(xs)
        if not fits or any(n not in (1, size) for n, size in zip(ys.shape, sizes, strict=False)):
            raise ValueError(
                f"{curve.says}: expected {(*sizes, len(xs))} or 1 in their place, got {ys.shape}"
            )
        arrays.append(ys)
    at = [slider.start for slider in sliders]
    end = cut.values[cut.start]
    shown = [k for k, x in enumerate(xs) if x <= end]
    lines = [
        Line(
            curve.says,
            [xs[k] for k in shown],
            ys[tuple(min(i, n - 1) for i, n in zip(at, ys.shape, strict=False))][shown],
            curve.colour,
            curve.dash,
        )
        for curve, ys in zip(curves, arrays, strict=True)
    ]
    figure = chart(key, title, lines, Axis(0, end, end / 4, "steps back from the loss"), y)
    first = len(figure.parts) - 3 * len(lines)  # after the grid; then a sample and a name each
    parts = list(figure.parts)
    for k in range(first, first + len(lines)):
        parts[k] = f"<g data-line>{parts[k]}</g>"
    data = {
        "names": [curve.says for curve in curves],
        "curves": [np.round(np.log10(np.maximum(ys, 1e-99)), 2).tolist() for ys in arrays],
        "xs": list(xs),
        "values": [list(slider.values) for slider in (*sliders, cut)],
        "labels": [slider.label for slider in (*sliders, cut)],
        "box": [LEFT, TOP, WIDTH, HEIGHT],
        "powers": [y.low, y.high],
    }
    frames = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    fields = "".join(_field(key, k, slider) for k, slider in enumerate((*sliders, cut)))
    script = resources.files("bpttcheck.figures").joinpath("sliders.js").read_text("utf-8")
    return Moving(
        f'<figure class="play explore" data-name="{key}"><div class="drawing">'
        f"{figure.around(''.join(parts))}</div>{fields}"
        f'<output aria-live="polite">{html.escape(says)}</output>'
        '<p class="save" hidden><button type="button">Save as SVG</button> '
        '<button type="button">Save as PNG</button></p>'
        f'<script type="application/json">{frames}</script><script>{script}</script></figure>'
    )


def _field(key: str, number: int, slider: Slider) -> str:
    name = f"{key}-{number}"
    return (
        f'<p hidden><label for="{name}">{html.escape(slider.label)}</label> '
        f'<input type="range" id="{name}" min="0" max="{len(slider.values) - 1}" '
        f'value="{slider.start}" autocomplete="off" '
        f'aria-valuetext="{slider.values[slider.start]:g}"></p>'
    )
