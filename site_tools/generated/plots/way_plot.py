"""The figure of *How it is built*: the rooms that a gradient passes on its way to a verdict."""

from __future__ import annotations

from bpttcheck.figures import ACCENT, INK, Figure
from bpttcheck.figures.svg import words
from bpttcheck.figures.unrolled_network import arrow

DOWN = (
    ("cli", "starts a process"),
    ("check/search", "draws a case"),
    ("check/program", "calls your function"),
    ("check/derivative", "walks the loss"),
    ("check/verdict", "compares"),
)
UP = (
    ("check/search", "finds the smallest case"),
    ("check/cause", "chooses what to ask"),
    ("diagnosis", "names the mistake"),
    ("mend", "edits the text"),
    ("cli", "prints the report"),
)
"""From below: where a gradient that is wrong goes on."""

_WIDE, _HIGH, _APART, _TOP = 152, 40, 64, 8
_LEFT, _RIGHT = 10, 198


def plot() -> Figure:
    """Return the way: down for every gradient, and up again for those that are wrong."""
    parts = []
    for k, (room, does) in enumerate(DOWN):
        parts += _room(_LEFT, _level(k), room, does, INK)
    for k, (room, does) in enumerate(reversed(UP)):
        parts += _room(_RIGHT, _level(k), room, does, ACCENT)
    left, right = _LEFT + _WIDE / 2, _RIGHT + _WIDE / 2
    for k in range(len(DOWN) - 1):
        below, above = _level(k + 1) - 4, _level(k) + _HIGH + 4
        parts.append(arrow(left, above, left, below))
        parts.append(arrow(right, below, right, above, back=True))
    last = _level(len(DOWN) - 1) + _HIGH / 2
    parts.append(arrow(_LEFT + _WIDE + 4, last, _RIGHT - 4, last, back=True))
    bottom = _level(len(DOWN) - 1) + _HIGH + 18
    parts.append(words(_LEFT, bottom, "right, undecided: reported", "start"))
    parts.append(words(_RIGHT, bottom, "wrong: goes on", "start", ACCENT))
    told = [", then ".join(f"{room} {does}" for room, does in way) for way in (DOWN, UP)]
    title = f"The rooms on the way of a gradient. {told[0]}. One that is wrong goes on: {told[1]}."
    return Figure("way", title, tuple(parts), 360, bottom + 10)


def _level(k: int) -> int:
    return _TOP + k * _APART


def _room(x: float, y: float, room: str, does: str, colour: str) -> list[str]:
    place = f'x="{x:g}" y="{y:g}" width="{_WIDE}" height="{_HIGH}" rx="6"'
    small = f'x="{x + _WIDE / 2:g}" y="{y + 33:g}" text-anchor="middle" font-size="12.5"'
    return [
        f'<rect {place} fill="none" stroke="{colour}"/>',
        words(x + _WIDE / 2, y + 17, room, colour=colour),
        f'<text {small} fill="{colour}">{does}</text>',
    ]
