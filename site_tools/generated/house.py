"""The picture of the package's rooms: which imports which, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import bpttcheck
from bpttcheck.figures.svg import ACCENT, Figure, path, words

ROOT = Path(bpttcheck.__file__).parent
HIGH, ACROSS, WIDE, GAP = 46, 4, 90, 6
"""Of a row; rooms in a row at most; width of a room, and what is left between two."""

LARGE = 150
"""Lines from which a room is drawn; smaller files of helpers would hide the plan."""


def rooms() -> str:
    """Return the rooms, each above all that it imports, as a figure."""
    lines = _lines()
    drawn = {name for name, count in lines.items() if count >= LARGE and name != "__init__"}
    floors: dict[int, list[str]] = {}
    for name in sorted(drawn, key=lambda name: -lines[name]):
        floors.setdefault(_floor(name), []).append(name)
    rows = [
        floors[i][k : k + ACROSS] for i in sorted(floors) for k in range(0, len(floors[i]), ACROSS)
    ]
    parts = []
    for i, row in enumerate(reversed(rows)):
        y = 6 + i * HIGH
        left = (ACROSS * (WIDE + GAP) - len(row) * (WIDE + GAP)) / 2
        for j, name in enumerate(row):
            x = 4 + left + j * (WIDE + GAP)
            parts.append(path(f"M{x:g} {y}h{WIDE}v{HIGH - 12}h-{WIDE}z", ACCENT, width=1.2))
            parts.append(words(x + WIDE / 2, y + 15, name))
            parts.append(_small(x + WIDE / 2, y + 28, f"{lines[name]:,} lines"))
    title = "Rooms of the package from top to bottom, each above all that it imports: " + "; ".join(
        ", ".join(row) for row in reversed(rows)
    )
    width, height = ACROSS * (WIDE + GAP) + 4, len(rows) * HIGH + 4
    drawing = Figure("house", title, tuple(parts), width, height)
    return f'<div class="figure">{drawing._repr_html_()}</div>'


def _small(x: float, y: float, content: str) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="middle"'
    return f'<text {place} fill="currentColor" font-size="10">{content}</text>'


def _room(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").parts[0]


@cache
def _lines() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for file in ROOT.rglob("*.py"):
        count = len(file.read_text(encoding="utf-8").splitlines())
        found[_room(file)] = found.get(_room(file), 0) + count
    return found


@cache
def _imports() -> Mapping[str, frozenset[str]]:
    """Return by room the rooms whose modules it imports, at any depth of nesting."""
    found: dict[str, set[str]] = {name: set() for name in _lines()}
    for file in ROOT.rglob("*.py"):
        room, rooms = _room(file), set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:  # nearly every node of the package
                continue
            rooms |= {name.split(".")[1] for name in names if name.startswith("bpttcheck.")}
        found[room] |= (rooms & found.keys()) - {room, "__init__"}
    return {name: frozenset(by) for name, by in found.items()}


@cache
def _floor(name: str) -> int:
    """Return how many rooms stand below it, one on the other."""
    return 1 + max(map(_floor, _imports()[name]), default=0)
