"""The figures of *Speed*: peak memory and time against T, drawn from the page's own table."""

from __future__ import annotations

import re
from pathlib import Path

from bpttcheck.figures.chart import Axis, Line, chart
from bpttcheck.figures.svg import ACCENT, INK, Figure

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "speed.md"
HEAD = "| T | ours, MB (s) |"

LINES = {
    "ours": (ACCENT, ""),
    "checkpoints": (ACCENT, "5 4"),
    "torch": (INK, ""),
    "jax": (INK, "2 3"),
}
"""Of each column, its colour and dash."""


def table(text: str) -> tuple[list[int], dict[str, list[tuple[float, float]]]]:
    """Return the steps, and for each contender its megabytes and seconds.

    Raises:
        ValueError: there is no such table.
    """
    _, found, rest = text.partition(HEAD)
    if not found:
        raise ValueError(f"speed.md: expected a table that begins with {HEAD!r}, got none")
    rows = (found + rest).partition("\n\n")[0].splitlines()
    names = re.findall(r"\| (\w+), MB \(s\) ", rows[0])
    steps, values = [], {name: [] for name in names}
    for row in rows[2:]:
        first, *cells = (cell.strip().replace(",", "") for cell in row.strip("| ").split("|"))
        steps.append(int(first))
        for name, cell in zip(names, cells, strict=True):
            megabytes, seconds = re.fullmatch(r"(\S+) \((\S+)\)", cell).groups()
            values[name].append((float(megabytes), float(seconds)))
    return steps, values


def plots() -> list[Figure]:
    """Return both figures."""
    steps, values = table(PAGE.read_text(encoding="utf-8"))
    across = Axis(3, 6, 1, "steps T", powers=True)
    up = (
        Axis(-1, 4, 1, "peak memory of the call, MB", powers=True),
        Axis(-3, 2, 1, "processor time, s", powers=True),
    )
    drawings = []
    for i, (key, axis) in enumerate(zip(("memory", "time"), up, strict=True)):
        lines = [
            Line(name, steps, [pair[i] for pair in values[name]], *style)
            for name, style in LINES.items()
        ]
        most = "; ".join(f"{name} {values[name][-1][i]:,g}" for name in LINES)
        title = (
            f"{axis.says} against steps, both on scales of powers of ten. At T = {steps[-1]:,}: "
        )
        drawings.append(chart(f"{key}-of-long-sequences", title + most, lines, across, axis))
    return drawings
