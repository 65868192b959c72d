"""The names of lines and bars, below the figure, where they meet nothing and a phone has room."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpttcheck.figures.svg import path, words

ROW = 20
_SAMPLE, _GAP = 24, 18
_LETTER = 7.8
"""How wide a letter is at most, on average: too much rather than too little."""

_TAG = re.compile(r"<[^>]*>")


def text_width(content: str, letter: float = _LETTER) -> float:
    """Return about how wide a label is, a little more than it will be."""
    return letter * len(_TAG.sub("", content).replace("\u200b", ""))


def rows(names: Sequence[str], width: float) -> list[list[str]]:
    """Return names in rows of at most this width."""
    found: list[list[str]] = []
    left = 0.0
    for name in names:
        needs = _SAMPLE + text_width(name) + _GAP
        if not found or needs - _GAP > left:
            found.append([])
            left = width
        found[-1].append(name)
        left -= needs
    return found


def legend(
    entries: Sequence[tuple[str, str, str]], left: float, top: float, width: float
) -> list[str]:
    """Return a sample and a name for each entry.

    Arguments:
        entries: what each says, its colour, and its dash: ``"box"``, ``"frame"``, ``"dot"`` and
            ``"open"`` are samples of bars and points, all else is a line's.
        left: where it begins.
        top: the same, from above.
        width: the room there is.
    """
    parts, y = [], top
    remaining = list(entries)
    for row in rows([name for name, _, _ in entries], width):
        x = left
        for name in row:
            _, colour, dash = remaining.pop(0)
            parts += [_sample(x, y, colour, dash), words(x + _SAMPLE, y + 5, name, "start", colour)]
            x += _SAMPLE + text_width(name) + _GAP
        y += ROW
    return parts


def _sample(x: float, y: float, colour: str, dash: str) -> str:
    if dash in ("box", "frame"):
        filled = 0.85 if dash == "box" else 0.12
        return (
            f'<rect x="{x + 4:g}" y="{y - 6:g}" width="12" height="12" fill="{colour}" '
            f'fill-opacity="{filled}" stroke="{colour}"/>'
        )
    if dash in ("dot", "open"):
        inside = colour if dash == "dot" else "none"
        return f'<circle cx="{x + 10:g}" cy="{y:g}" r="4" fill="{inside}" stroke="{colour}"/>'
    return path(f"M{x:g} {y:g}h18", colour, dash)
