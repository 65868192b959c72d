"""The mistakes that a diagnosis can name: what is done, what is right, which identity."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.explanation.equations import Right, equation


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
        """Return what is right in a cell, of the gradient that a mistake is about."""
        quantity = about or self.of
        own = equation(cell, f"d{quantity}" if self.returned else quantity)
        if own is None:
            return Right(self.right, self.identity)
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
