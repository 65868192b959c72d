"""The figures of *RTRL*: from which end a product is taken, and what each end costs."""

from __future__ import annotations

import re
from pathlib import Path

from bpttcheck.figures import ACCENT, INK, Axis, Figure, Line, chart
from bpttcheck.figures.svg import low, words
from bpttcheck.figures.unrolled_network import arrow

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "rtrl.md"
STATES = 16
"""For which the numbers that are kept are drawn."""

_COUNT = re.compile(r"^n = +(\d+): BPTT +(\d+), RTRL +(\d+)$", re.MULTILINE)
_UNIT, _N = 9, 3
_FACTORS = (  # what it is, its rows and columns, its left side
    ("∂L/∂" + low("h", "3"), 1, _N, 12),
    (low("J", "3"), _N, _N, 82),
    (low("J", "2"), _N, _N, 152),
    ("∂" + low("h", "1") + "/∂W", _N, _N * _N, 222),
)


def counts(text: str) -> tuple[list[int], list[int], list[int]]:
    """Return n, and the products of a step of BPTT and of RTRL, as the page prints them.

    Raises:
        ValueError: the page prints none.
    """
    rows = [tuple(map(int, row)) for row in _COUNT.findall(text)]
    if not rows:
        raise ValueError("rtrl.md: expected rows 'n = …: BPTT …, RTRL …', got none")
    return tuple(list(column) for column in zip(*rows, strict=True))


def order() -> Figure:
    """Return the product of one loss and one step, taken from both ends."""
    parts = []
    for label, height, width, x in _FACTORS:
        parts.append(words(x + _UNIT * width / 2, 22, label))
        parts.append(_box(x, 50, height, width, INK))
    for x in (60, 130, 200):
        parts.append(words(x, 55, "·"))
    for y, name, colour, rows, ends, each in (
        (112, "BPTT: back in time", ACCENT, 1, (12, 302), "n² products each"),
        (186, "RTRL: forward in time", INK, _N, (302, 12), "n⁴ products each"),
    ):
        parts.append(words(12, y, name, "start", colour))
        parts.append(arrow(ends[0], y + 12, ends[1], y + 12, back=colour == ACCENT))
        widths = (_N, _N, _N) if rows == 1 else (_N * _N,) * 3
        for i, width in enumerate(widths):
            at = (12, 82, 152)[i] if rows == 1 else (222, 117, 12)[i]
            parts.append(_box(at, y + 34, rows, width, colour))
        parts.append(words(345, y, each, "end", colour))
    title = (
        "The derivative of the third loss by what W does in the first step is a product: a row for "
        "the loss, two square Jacobians, and a wide matrix with a column for each weight. BPTT "
        "multiplies from the left, back in time, and carries a row of n numbers: n squared "
        "products each. RTRL multiplies from the right, forward in time, and carries a matrix of n "
        "by n squared numbers: n to the fourth products each."
    )
    return Figure("order", title, tuple(parts), 360, 246)


def _box(x: float, middle: float, rows: int, columns: int, colour: str) -> str:
    height = _UNIT * rows
    return (
        f'<rect x="{x:g}" y="{middle - height / 2:g}" width="{_UNIT * columns}" height="{height}" '
        f'fill="{colour}" fill-opacity="0.12" stroke="{colour}"/>'
    )


def costs() -> list[Figure]:
    """Return the products a step against n, and the numbers kept against T."""
    n, bptt, rtrl = counts(PAGE.read_text(encoding="utf-8"))
    work = chart(
        "products",
        "Products a step against the number n of states, both on scales of powers of ten. "
        f"At n = {n[-1]}: BPTT {bptt[-1]:,}, RTRL {rtrl[-1]:,}; RTRL rises twice as steeply.",
        [Line("BPTT", n, bptt, ACCENT), Line("RTRL", n, rtrl)],
        Axis(0, 2, 1, "states n", powers=True),
        Axis(0, 6, 1, "products a step, counted", powers=True),
    )
    steps = [1, 10, 100, 1000, 10000]
    crossing = STATES**2
    kept = chart(
        "kept",
        f"Numbers kept against the steps T, for n = {STATES}: those of BPTT grow with T, those of "
        f"RTRL are {STATES**3:,} always. They are as many at T = n squared = {crossing}.",
        [
            Line("BPTT, T n", steps, [STATES * step for step in steps], ACCENT),
            Line("RTRL, n³", steps, [STATES**3 for _ in steps]),
        ],
        Axis(0, 4, 1, f"steps T, with n = {STATES}", powers=True),
        Axis(0, 6, 1, "numbers kept", powers=True),
        mark=(crossing, STATES**3),
    )
    return [work, kept]
