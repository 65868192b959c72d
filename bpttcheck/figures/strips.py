"""Bars that lie, one below the other, each with its name above it: where names are long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bpttcheck.figures.chart import Line
from bpttcheck.figures.legend import ROW, legend, rows
from bpttcheck.figures.svg import Figure, number, words

LEFT, TOP, WIDTH, APART, THICK = 10, 6, 340, 38, 12


def strips(
    key: str,
    title: str,
    names: Sequence[str],
    groups: Iterable[Line],
    says: Sequence[str] | None = None,
) -> Figure:
    """Return a bar for each name, in which the groups follow one another.

    All bars are of one length, whatever their sums are.

    Arguments:
        key: its name on the page.
        title: what is to be seen, in words.
        names: of the bars, from the top.
        groups: for each, what it says, its ``ys`` a number for each bar, its colour, and its dash:
            any makes it hollow.
        says: what stands at the end of each name's line; the first group's number, if not said.

    Raises:
        ValueError: not as many numbers as names, or none above zero.
    """
    groups = list(groups)
    values = np.array([np.asarray(group.ys, dtype=float) for group in groups])
    if values.shape != (len(groups), len(names)):
        raise ValueError(
            f"groups: expected {len(names)} numbers each, one for each name, got {values.shape[1:]}"
        )
    if not (values.sum(axis=0) > 0).all():
        raise ValueError(f"groups: expected bars above zero, got {values.sum(axis=0).min():g}")
    scales = WIDTH / values.sum(axis=0)
    parts = []
    for i, name in enumerate(names):
        y = TOP + APART * i
        count = (
            f"{number(values[0, i])} of {number(values[:, i].sum())}" if says is None else says[i]
        )
        parts += [words(LEFT, y + 13, name, "start"), words(LEFT + WIDTH, y + 13, count, "end")]
        x = float(LEFT)
        for group, value in zip(groups, values[:, i], strict=True):
            if value:
                parts.append(_bar(x, y + 18, value * scales[i], group))
                x += value * scales[i]
    below = TOP + APART * len(names) + 14
    entries = [(group.says, group.colour, "frame" if group.dash else "box") for group in groups]
    parts += legend(entries, LEFT, below, WIDTH)
    height = below + ROW * len(rows([group.says for group in groups], WIDTH))
    return Figure(key, title, tuple(parts), WIDTH + 2 * LEFT, height)


def _bar(x: float, y: float, length: float, group: Line) -> str:
    opacity = 0.12 if group.dash else 0.85
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{length:.1f}" height="{THICK}" '
        f'fill="{group.colour}" fill-opacity="{opacity}" stroke="{group.colour}"/>'
    )
