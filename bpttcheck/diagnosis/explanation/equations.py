"""The gradients of the cells that have identities, as text: what is right, and who says so."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bpttcheck.cells.cell import Cell

OURS = "bpttcheck.cells."


class Right(NamedTuple):
    """What is right where a mistake was made: said, and the id of an identity or ""."""

    said: str
    identity: str


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def table_of(cell: Cell) -> str:
    """Return the name of a cell's table in the file: a GRU has one for each reset."""
    return "-".join([cell.name, *filter(None, [cell.options.get("reset")])])


def equation(cell: Cell | None, quantity: str) -> Right | None:
    """Return the equation of a cell's gradient of a quantity; None where no identity has it.

    The quantities are named as in ``equations.toml``: h, h0, a_i, i, W_i, dW_i. Another cell of
    the same name, or one without a gate that the identities have, has none of its own.
    """
    if cell is None or not cell.step.__module__.startswith(OURS):
        return None
    if not cell.options.get("forget", True):
        return None
    table = _tables().get(table_of(cell), {})
    if quantity not in table:
        return None
    identity, text = table[quantity]
    return Right(text, identity)
