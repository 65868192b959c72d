"""The mistakes that a diagnosis can name: what is done, what is right, which identity."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.recognition.forms import is_known

OURS = "bpttcheck.cells."


class Right(NamedTuple):
    """What is right where a mistake was made: said, and the id of an identity or ""."""

    said: str
    identity: str


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("equations.toml").read_text(encoding="utf-8"))


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


@dataclass(frozen=True)
class Entry:
    """A cause: a stable id, what the code does, what is right of any network, the identity's id.

    ``of`` is what the mistake makes a wrong gradient of where it does not say itself. An entry of
    ``words`` says the same of every network; else the network's own equation is said if it has one.
    Causes that are ``better`` may say of one gradient the same, and say it better.
    """

    id: str
    does: str
    right: str
    words: bool = False
    of: str = ""
    identity: str = ""
    returned: bool = False
    better: frozenset[str] = frozenset()

    def right_of(self, cell: Cell | None, about: str = "") -> Right:
        """Return what is right in a cell, of the gradient that a mistake is about.

        The identity of another network is none of somebody's own cell.
        """
        quantity = about or self.of
        own = equation(cell, f"d{quantity}" if self.returned else quantity)
        if own is None:
            return Right(self.right, self.identity if is_known(cell) else "")
        return Right(self.right if self.words else own.said, own.identity)


def _read() -> dict[str, Entry]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rights, found = table["rights"], {}
    for name, one in table["mistakes"].items():
        words = "words" in one
        right = one.pop("words") if words else rights.get(one["right"], one["right"])
        better = frozenset(one.get("better", ()))
        found[name] = Entry(name, **{**one, "right": right, "words": words, "better": better})
    return found


CATALOGUE = _read()


def said_better(causes: frozenset[str], others: Iterable[frozenset[str]]) -> bool:
    """Tell whether another explanation says the same of all parameters, and says it better."""
    for other in others:
        if other != causes and len(other) == len(causes):
            said, better = causes - other, other - causes
            if len(said) == 1 and better <= CATALOGUE[next(iter(said))].better:
                return True
    return False
