"""Lines, points and bars over two axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bpttcheck.figures.svg import INK, Figure, number, path, power_of_ten, words

LEFT, TOP, WIDTH, HEIGHT, RIGHT, BELOW = 62, 16, 400, 250, 138, 52


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
        """Return how far along the axis a value lies, from 0 to 1; what lies beyond, at its end."""
        if self.powers:
            value = float(np.log10(value)) if value > 0 else self.low
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def ticks(self) -> list[float]:
        """Return where the ticks are."""
        return [float(tick) for tick in np.arange(self.low, self.high + self.step / 2, self.step)]

    def label(self, tick: float) -> str:
        """Return what stands beside a tick."""
        return power_of_ten(tick) if self.powers else number(tick)


@dataclass(frozen=True)
class Line:
    """A line through points, named beside one of them."""

    says: str
    xs: Sequence[float] | ArrayLike
    ys: Sequence[float] | ArrayLike
    colour: str = INK
    dash: str = ""
    named_at: int = -1


def chart(
    key: str,
    title: str,
    lines: Iterable[Line],
    x: Axis,
    y: Axis,
    mark: tuple[float, float] | None = None,
) -> Figure:
    """Return lines over two axes; ``mark`` is a point to circle."""
    parts = [*_grid(x, y)]
    for line in lines:
        places = [(_across(x, a), _up(y, b)) for a, b in _pairs(line.xs, line.ys)]
        d = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        at = places[line.named_at]
        lift = 5 if line.named_at == -1 else -6
        parts.append(path(d, line.colour, line.dash))
        parts.append(words(at[0] + 8, at[1] + lift, line.says, "start", line.colour))
    if mark:
        parts.append(_circle(_across(x, mark[0]), _up(y, mark[1]), 4.5))
    return _figure(key, title, parts)


def points(
    key: str, title: str, groups: Iterable[Line], x: Axis, y: Axis, circle: bool = False
) -> Figure:
    """Return points over two axes of one scale; with ``circle``, that of radius one beside them."""
    parts = [*_grid(x, y)]
    if circle:
        angles = np.linspace(0, 2 * np.pi, 73)
        ring = "L".join(f"{_across(x, np.cos(a)):.1f} {_up(y, np.sin(a)):.1f}" for a in angles)
        parts.append(path(f"M{ring}", INK, "4 4", 1.2, 0.6))
    for group in groups:
        places = [(_across(x, a), _up(y, b)) for a, b in _pairs(group.xs, group.ys)]
        filled = group.colour if group.dash == "" else "none"
        dots = [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{filled}" stroke="{group.colour}"/>'
            for a, b in places
        ]
        parts.append(f"<g>{''.join(dots)}</g>")
    return _figure(key, title, parts)


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
        top = TOP + 14 + 24 * j
        parts.append(
            f'<rect x="{LEFT + WIDTH + 10}" y="{top - 10}" width="12" height="12" '
            f'fill="{group.colour}" fill-opacity="{0.85 if not group.dash else 0.12}" '
            f'stroke="{group.colour}" stroke-dasharray="{group.dash}"/>'
        )
        parts.append(words(LEFT + WIDTH + 30, top + 1, group.says, "start", group.colour))
    for i, name in enumerate(names):
        parts.append(words(LEFT + slot * (i + 0.5), TOP + HEIGHT + 20, name))
    parts.append(path(f"M{LEFT} {_up(y, 0.0):.1f}h{WIDTH}", INK, width=1))
    return _figure(key, title, parts)


def _figure(key: str, title: str, parts: list[str]) -> Figure:
    return Figure(key, title, tuple(parts), LEFT + WIDTH + RIGHT, TOP + HEIGHT + BELOW)


def _pairs(xs: ArrayLike, ys: ArrayLike) -> Iterable[tuple[float, float]]:
    a, b = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(f"ys: expected as many numbers as xs, {a.shape}, got {b.shape}")
    return zip(a.tolist(), b.tolist(), strict=True)


def _across(axis: Axis, value: float) -> float:
    return LEFT + WIDTH * axis.share(value)


def _up(axis: Axis, value: float) -> float:
    return TOP + HEIGHT * (1 - axis.share(value))


def _circle(x: float, y: float, r: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="none" stroke="{INK}" '
        'stroke-width="1.5"/>'
    )


def _grid(x: Axis, y: Axis, *, numbers: bool = True) -> Iterable[str]:
    """Yield the rules and numbers of both axes."""
    for tick in y.ticks():
        height = TOP + HEIGHT * (y.high - tick) / (y.high - y.low)
        yield path(f"M{LEFT} {height:.1f}h{WIDTH}", INK, width=1, opacity=0.15)
        yield words(LEFT - 8, height + 5, y.label(tick), "end")
    if numbers:
        for tick in x.ticks():
            place = LEFT + WIDTH * (tick - x.low) / (x.high - x.low)
            yield words(place, TOP + HEIGHT + 20, x.label(tick))
    yield words(LEFT + WIDTH / 2, TOP + HEIGHT + 42, x.says)
    yield words(LEFT, TOP - 5, y.says, "start")
