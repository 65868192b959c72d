"""Lines, points and bars over two axes, at a width that a phone has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from bpttcheck.figures.legend import ROW, legend, rows
from bpttcheck.figures.svg import INK, Figure, number, path, power_of_ten, words

LEFT, TOP, WIDTH, HEIGHT, RIGHT, BELOW = 50, 26, 292, 220, 18, 58


@dataclass(frozen=True)
class Axis:
    """One axis: its ends, the distance of its ticks, and what it measures.

    ``powers``: the ends are exponents of ten, and what is drawn is taken to its logarithm.
    """

    low: float
    high: float
    step: float
    says: str = ""
    powers: bool = False

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies: 0 and 1 are its ends.

        What has no logarithm lies on the lower end.
        """
        if self.powers:
            value = float(np.log10(value)) if value > 0 else self.low
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return where the ticks are."""
        return [float(tick) for tick in np.arange(self.low, self.high + self.step / 2, self.step)]

    def label(self, tick: float) -> str:
        """Return what stands beside a tick."""
        return power_of_ten(tick) if self.powers else number(tick)


@dataclass(frozen=True)
class Line:
    """A line through points, named below the figure."""

    says: str
    xs: Sequence[float] | ArrayLike
    ys: Sequence[float] | ArrayLike
    colour: str = INK
    dash: str = ""


def chart(
    key: str,
    title: str,
    lines: Iterable[Line],
    x: Axis,
    y: Axis,
    mark: tuple[float, float] | None = None,
) -> Figure:
    """Return lines over two axes, cut where they leave them; ``mark`` is a point to circle."""
    lines = list(lines)
    parts = [*_grid(x, y)]
    for line in lines:
        shares = [(x.share(a), y.share(b)) for a, b in _pairs(line.xs, line.ys)]
        parts.append(path(_within(shares), line.colour, line.dash))
    if mark:
        parts.append(_circle(_across(x, mark[0]), _up(y, mark[1]), 4.5))
    return _figure(key, title, parts, [(line.says, line.colour, line.dash) for line in lines])


def points(
    key: str, title: str, groups: Iterable[Line], x: Axis, y: Axis, circle: bool = False
) -> Figure:
    """Return points over two axes of one scale; with ``circle``, that of radius one beside them."""
    height = WIDTH * (y.high - y.low) / (x.high - x.low)
    groups = list(groups)
    parts = [*_grid(x, y, height=height)]
    if circle:
        angles = np.linspace(0, 2 * np.pi, 73)
        ring = "L".join(
            f"{_across(x, np.cos(a)):.1f} {_up(y, np.sin(a), height):.1f}" for a in angles
        )
        parts.append(path(f"M{ring}", INK, "4 4", 1.2, 0.6))
    for group in groups:
        places = [(_across(x, a), _up(y, b, height)) for a, b in _pairs(group.xs, group.ys)]
        filled = group.colour if group.dash == "" else "none"
        dots = [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{filled}" stroke="{group.colour}"/>'
            for a, b in places
        ]
        parts.append(f"<g>{''.join(dots)}</g>")
    names = [(group.says, group.colour, group.dash or "dot") for group in groups]
    return _figure(key, title, parts, names, height)


def bars(key: str, title: str, names: Sequence[str], groups: Iterable[Line], y: Axis) -> Figure:
    """Return bars side by side for each name, a bar for each group."""
    groups = list(groups)
    parts = [*_grid(Axis(0, 1, 2), y, numbers=False)]
    slot = WIDTH / len(names)
    thick = 0.7 * slot / len(groups)
    for j, group in enumerate(groups):
        for i, value in enumerate(np.asarray(group.ys, dtype=float)):
            left = LEFT + slot * (i + 0.15) + thick * j
            ends = sorted((_up(y, 0.0), _up(y, value)))
            parts.append(
                f'<rect x="{left:.1f}" y="{ends[0]:.1f}" width="{thick - 4:.1f}" '
                f'height="{max(0.8, ends[1] - ends[0]):.1f}" fill="{group.colour}" '
                f'fill-opacity="{0.85 if not group.dash else 0.12}" stroke="{group.colour}" '
                f'stroke-dasharray="{group.dash}"/>'
            )
    for i, name in enumerate(names):
        parts.append(words(LEFT + slot * (i + 0.5), TOP + HEIGHT + 24, name))
    parts.append(path(f"M{LEFT} {_up(y, 0.0):.1f}h{WIDTH}", INK, width=1))
    says = [(group.says, group.colour, "frame" if group.dash else "box") for group in groups]
    return _figure(key, title, parts, says)


def _figure(
    key: str,
    title: str,
    parts: list[str],
    names: list[tuple[str, str, str]],
    height: float = HEIGHT,
) -> Figure:
    """Return the whole, with the names below it."""
    below = TOP + height + BELOW
    lines = rows([name for name, _, _ in names], WIDTH + RIGHT)
    parts = [*parts, *legend(names, LEFT, below + 4, WIDTH + RIGHT)]
    return Figure(key, title, tuple(parts), LEFT + WIDTH + RIGHT, round(below + ROW * len(lines)))


def _pairs(xs: ArrayLike, ys: ArrayLike) -> list[tuple[float, float]]:
    a, b = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(f"ys: expected as many numbers as xs, {a.shape}, got {b.shape}")
    return list(zip(a.tolist(), b.tolist(), strict=True))


def _within(shares: Sequence[tuple[float, float]]) -> str:
    """Return the path through points, without what is above or below the axes."""
    pieces, last = [], None
    for (x1, y1), (x2, y2) in pairwise(shares):
        cuts = [(edge - y1) / (y2 - y1) for edge in (0.0, 1.0)] if y1 != y2 else [0.0, 1.0]
        start, end = max(0.0, min(cuts)), min(1.0, max(cuts))
        if start >= end or (y1 == y2 and not 0 <= y1 <= 1):
            continue
        begin, stop = (
            f"{LEFT + WIDTH * (x1 + s * (x2 - x1)):.1f} "
            f"{TOP + HEIGHT * (1 - (y1 + s * (y2 - y1))):.1f}"
            for s in (start, end)
        )
        pieces.append(f"L{stop}" if begin == last else f"M{begin}L{stop}")
        last = stop
    return "".join(pieces)


def _across(axis: Axis, value: float) -> float:
    return LEFT + WIDTH * axis.share(value)


def _up(axis: Axis, value: float, height: float = HEIGHT) -> float:
    return TOP + height * (1 - axis.share(value))


def _circle(x: float, y: float, r: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="none" stroke="{INK}" '
        'stroke-width="1.5"/>'
    )


def _grid(x: Axis, y: Axis, *, numbers: bool = True, height: float = HEIGHT) -> Iterable[str]:
    """Yield the rules and numbers of both axes."""
    for tick in y.ticks():
        up = TOP + height * (y.high - tick) / (y.high - y.low)
        yield path(f"M{LEFT} {up:.1f}h{WIDTH}", INK, width=1, opacity=0.15)
        yield words(LEFT - 8, up + 5, y.label(tick), "end")
    if numbers:
        for tick in x.ticks():
            place = LEFT + WIDTH * (tick - x.low) / (x.high - x.low)
            yield words(place, TOP + height + 24, x.label(tick))
    yield words(LEFT + WIDTH / 2, TOP + height + 45, x.says)
    yield words(LEFT, TOP - 12, y.says, "start")
