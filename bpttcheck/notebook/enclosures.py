"""Terms in balls: printed, and compared."""

from __future__ import annotations

from math import ceil, log2
from typing import Any


def show(term: Any, where: str = "", note: str = "") -> None:
    """Print the midpoints of a term in balls, of one sequence; a column is written flat."""
    rows = term.value.reshape(term.core or (1, 1))
    rows = rows.T if rows.shape[1] == 1 else rows
    for i, row in enumerate(rows):
        numbers = " ".join(f"{float(entry.value.mid()):9.5f}" for entry in row)
        print(f"{'' if i else where:13}{numbers}{'' if i else note}")


def agree(left: Any, right: Any, where: str = "") -> None:
    """Print what two terms in balls have in common; refuse what is apart or too wide to tell.

    Raises:
        AssertionError: two entries are different numbers, or their radii exceed 2⁻⁴⁰ of the terms
            that were added up, so that overlapping says little.
    """
    right, worst = 0 * left + right, 0.0  # a plain number becomes a ball
    for one, other, size in zip(
        left.value.flat, right.value.flat, (left.size + right.size).flat, strict=True
    ):
        assert one.value.overlaps(other.value), f"{where}: different numbers"
        radius = one.value.rad() + other.value.rad()
        assert radius * 2**40 <= size.value, f"{where}: too wide, raise ctx.prec"
        worst = max(worst, float((radius / size.value).mid()) if radius != 0 else 0.0)
    show(left, where, f"   ± 2^{ceil(log2(worst))}" if worst else "   ± 0")
