"""The figures of *Checkers* and of *Right code*: bars drawn from the pages' own tables."""

from __future__ import annotations

import re
from pathlib import Path

from bpttcheck.figures import ACCENT, INK, Figure, Line
from bpttcheck.figures.strips import strips

PAGES = Path(__file__).parents[3] / "docs" / "explanation"
SLIPS = "| Checker | Points found | Slips always found |"
PROGRAMS = "| Programs | Number | Before | Now |"


def table(page: str, head: str) -> list[list[str]]:
    """Return the cells of the rows of a page's table, without marks of code.

    Raises:
        ValueError: there is no table that begins so.
    """
    text = (PAGES / page).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n{head}")
    if not found:
        raise ValueError(f"{page}: expected a table that begins with {head!r}, got none")
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def checkers() -> Figure:
    """Return how many of the slips each checker always finds."""
    names, found, of = [], [], []
    for name, _, slips, _ in table("checkers.md", SLIPS):
        first, _, more = name.replace("`", "").partition("… ")
        names.append(f"{_above(names)}, {more}" if more else first)
        always, among = map(int, re.fullmatch(r"(\d+) of (\d+)", slips).groups())
        found.append(always)
        of.append(among)
    groups = [
        Line("always found", [], found, ACCENT),
        Line("not always", [], [a - f for a, f in zip(of, found, strict=True)], ACCENT, "frame"),
    ]
    title = (
        "Of the slips, how many each checker finds at every point where they matter: "
        + "; ".join(f"{name}, {f} of {a}" for name, f, a in zip(names, found, of, strict=True))
    )
    return strips("slips", title, names, groups)


def _above(names: list[str]) -> str:
    """Return the name of the checker that the row above is about."""
    return next(name for name in reversed(names) if ", " not in name)


def programs() -> Figure:
    """Return what was said of the programs, before and now."""
    kinds = ("right", "wrong", "undecided", "failed")
    names, said, numbers = [], [], []
    for kind, _, *builds in table("trusted.md", PROGRAMS):
        for build, verdicts in zip(("before", "now"), builds, strict=True):
            names.append(f"{kind}, {build}")
            numbers.append(verdicts)
            said.append([int(number) for number in verdicts.split(" · ")])
    looks = {
        "right": (ACCENT, ""),
        "wrong": (INK, ""),
        "undecided": (INK, "frame"),
        "failed": (ACCENT, "frame"),
    }
    groups = [
        Line(f"called {k}" if k != "failed" else k, [], [row[i] for row in said], *looks[k])
        for i, k in enumerate(kinds)
    ]
    title = "What was said of each kind of program: " + "; ".join(
        f"{name}: " + ", ".join(f"{n} {k}" for n, k in zip(row, kinds, strict=True) if n)
        for name, row in zip(names, said, strict=True)
    )
    return strips("programs", title, names, groups, numbers)
