"""The unrolled network: three steps side by side, values up and right, messages down and left."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from bpttcheck.figures.svg import ACCENT, INK, Figure, low, path, words

PLACES = (92, 202, 312)
"""Where the three steps stand."""
RISE, BOX, FIRST = 70, 30, 52
WIDTH = 360


def unrolled(
    key: str,
    title: str,
    levels: Sequence[str],
    up: Sequence[str],
    down: Sequence[str | None],
    across: tuple[str, str],
    state: int = 1,
    into: int | None = None,
) -> Figure:
    """Return the network over three steps.

    Arguments:
        key: its name on the page.
        title: what is to be seen, in words.
        levels: the letters of a step, from the input at the bottom to the loss at the top.
        up: what multiplies a value on its way from each level to the next; may be empty.
        down: what multiplies a message on its way back, for the same pairs; None draws no way back.
        across: the same from a state to the next, and back.
        state: which of the levels is the state.
        into: which level of the next step it enters; the same one, unless said otherwise.

    Raises:
        ValueError: not one entry of up and down between each two levels.
    """
    for name, given in (("up", up), ("down", down)):
        if len(given) != len(levels) - 1:
            raise ValueError(f"{name}: expected {len(levels) - 1}, one a gap, got {len(given)}")
    heights = [FIRST + RISE * (len(levels) - 1 - k) - 22 for k in range(len(levels))]
    parts = [node for t, x in enumerate(PLACES, 1) for node in _step(x, t, levels, heights)]
    for x in PLACES:
        for k, (value, message) in enumerate(zip(up, down, strict=True)):
            parts += _upright(x, heights[k], heights[k + 1], value, message)
    parts.append(words(12, heights[state] + 5, low(levels[state], "0")))
    starts = (7, *PLACES[:-1])
    enters = heights[state if into is None else into]
    for left, right in zip(starts, PLACES, strict=True):
        parts += _onward(left + 19, heights[state], right - 19, enters, *across)
    return Figure(key, title, tuple(parts), WIDTH, heights[0] + 24)


def arrow(x1: float, y1: float, x2: float, y2: float, *, back: bool = False) -> str:
    """Return an arrow: of a value, or, dashed and coloured, of a message."""
    colour, dash = (ACCENT, "5 4") if back else (INK, "")
    length = hypot(x2 - x1, y2 - y1)
    along, aside = (x2 - x1) / length, (y2 - y1) / length
    wings = [
        f"{x2 - 6 * along + 4 * side * aside:.1f} {y2 - 6 * aside - 4 * side * along:.1f}"
        for side in (1, -1)
    ]
    line = path(f"M{x1:g} {y1:g}L{x2:g} {y2:g}", colour, dash, 1.4)
    return line + path(f"M{wings[0]}L{x2:g} {y2:g}L{wings[1]}", colour, "", 1.4)


def box(x: float, y: float, label: str, width: float = 34, colour: str = INK) -> str:
    """Return a labelled box around a point."""
    return (
        f'<rect x="{x - width / 2:g}" y="{y - BOX / 2:g}" width="{width:g}" height="{BOX}" rx="6" '
        f'fill="none" stroke="{colour}"/>' + words(x, y + 5, label, colour=colour)
    )


def _step(x: float, t: int, levels: Sequence[str], heights: Sequence[float]) -> list[str]:
    return [box(x, y, low(name, str(t))) for name, y in zip(levels, heights, strict=True)]


def _upright(x: float, lower: float, upper: float, value: str, message: str | None) -> list[str]:
    """Return the arrows between two levels, each with its factor."""
    start, end, middle = lower - BOX / 2 - 3, upper + BOX / 2 + 3, (lower + upper) / 2 + 5
    if message is None:
        return [arrow(x, start, x, end), words(x - 7, middle, value, "end")]
    return [
        arrow(x - 7, start, x - 7, end),
        words(x - 13, middle, value, "end"),
        arrow(x + 7, end, x + 7, start, back=True),
        words(x + 13, middle, message, "start", ACCENT),
    ]


def _onward(x1: float, y1: float, x2: float, y2: float, value: str, message: str) -> list[str]:
    """Return the arrows from a state to the next step, side by side, and their factors."""
    middle, height = (x1 + x2) / 2, (y1 + y2) / 2
    apart = (x1 + 2, x2 - 2) if y1 == y2 else (x1, x2)
    over, under = (-13, 25) if y1 == y2 else (-16, 24)
    shift = 0 if y1 == y2 else 9
    return [
        arrow(apart[0], y1 - 6, apart[1], y2 - 6),
        words(middle + shift, height + over, value),
        arrow(apart[1], y2 + 7, apart[0], y1 + 7, back=True),
        words(middle - shift, height + under, message, colour=ACCENT),
    ]
