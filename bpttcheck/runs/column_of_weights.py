"""All weights of a cell as one column, one below the other in the order of the cell's axes."""

from __future__ import annotations

from itertools import accumulate, pairwise

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell


def shapes_of(cell: Cell, m: int, n: int, p: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight; a state of a size of its own has n as well."""
    sizes = {"m": m, "p": p}
    return {k: tuple(sizes.get(s, n) for s in symbols) for k, symbols in cell.axes.items()}


def parts(column: Array, lengths: list[int]) -> list[Array]:
    """Return the parts of columns that lie one above the other, (…, length) each."""
    return [column[..., i:j] for i, j in pairwise(accumulate(lengths, initial=0))]
