"""A cell's step, run once on things that keep what is done to them: the calls of NumPy in order.

Whatever network the cell is in, whatever its size, its steps are these calls on the rows at hand. A
step that does more than arithmetic has no list.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from bpttcheck.activations import Activation, Into
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell, of

ENTRYWISE = frozenset(
    (np.add, np.subtract, np.multiply, np.divide, np.negative, np.exp, np.log, np.sqrt, np.tanh)
)
"""What can be in a list: where the result is of the operands' dtype, whatever that is."""

Place: TypeAlias = tuple[Any, ...]
"""Where rows are; the first entry says what the others are.

``("before", state)``, ``("after", state)``; ``("a", (first, last))`` of gates side by side;
``("across", gates)``, the same gate above gate, as ``("gates", gates)`` are;
``("product", j, gates)``, a part of a product; ``("kept", name, symbol)``, beside all these;
``("room", j, symbol)``, of one step; ``("weight", name)``;
``("number", number, symbol, text)``: in the text, 1 and 1.0 differ.
The symbol is that of the number of entries.
"""


class Entrywise(NamedTuple):
    """A function of rows; those of the result are the last of them."""

    function: Any
    places: tuple[Place, ...]


class Squashed(NamedTuple):
    """An activation of rows, and how it is written into others."""

    squash: Activation
    into: Into
    source: Place
    made: Place


class Multiplied(NamedTuple):
    """Rows times a matrix: W of a product, by its index, or a further one by its name."""

    matrix: int | str
    source: Place
    made: Place


class Copied(NamedTuple):
    """Rows that are kept in a second place."""

    source: Place
    made: Place


ListedCall = Entrywise | Squashed | Multiplied | Copied


class Unlisted(Exception):
    """A step does something else than arithmetic; its text says what."""


class Listed(NDArrayOperatorsMixin):
    """Something of every step, entry by entry: where its rows are, and the symbol of its size.

    What is in the room of a step has yet to be kept, if it is: it is made where that is then.
    """

    def __init__(self, step: StepList, place: Place, symbol: str) -> None:
        self.step, self.place, self.symbol = step, place, symbol

    def __array_ufunc__(self, function: Any, method: str, *given: Any, **options: Any) -> Listed:
        if function not in ENTRYWISE or method != "__call__" or options:
            raise Unlisted(f"{function.__name__} of rows")
        return self.step.entrywise(function, given)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise Unlisted(f"{function.__name__} of rows")

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise Unlisted("an array of rows")

    def __bool__(self) -> bool:
        raise Unlisted("a decision by value")


class StepList:
    """The words of :class:`~bpttcheck.cells.step.Step`, written down."""

    def __init__(self, cell: Cell) -> None:
        self.cell, self.graph = cell, cell.graph
        self._written: list[tuple[type, tuple[Any, ...]]] = []
        self._rooms = 0
        self._products: set[int] = set()

    def calls(self) -> tuple[ListedCall, ...]:
        """Return what was written, places as they are by now."""
        found: list[Any] = []
        for kind, given in self._written:
            now = [g.place if isinstance(g, Listed) else g for g in given]
            found.append(Entrywise(now[0], tuple(now[1:])) if kind is Entrywise else kind(*now))
        return tuple(found)

    def entrywise(self, function: Any, given: tuple[Any, ...]) -> Listed:
        """Write a function of rows and numbers, and return what it makes."""
        symbol = next(g.symbol for g in given if isinstance(g, Listed))
        operands = [self._rows(g, symbol) for g in given]
        made = Listed(self, ("room", self._rooms, symbol), symbol)
        self._rooms += 1
        self._write(Entrywise, function, *operands, made)
        return made

    def before(self, state: str) -> Listed:
        """Return a state of the step before."""
        return Listed(self, ("before", state), self.cell.width(state))

    carried = before

    def weight(self, name: str) -> Listed:
        """Return a further weight."""
        return Listed(self, ("weight", name), self.cell.weights[name][-1])

    def gate(self, letter: str, read: Any = None, *, plus: Any = None) -> Listed:
        """Write a gate."""
        return self.gates((letter,), read, plus=plus)[0]

    def gates(self, letters: Iterable[str], read: Any = None, *, plus: Any = None) -> list[Listed]:
        """Write gates that lie side by side: weigh, add, squash."""
        chosen = tuple(letters)
        if plus is not None and len(chosen) > 1:
            raise Unlisted("the same added to several gates")
        if read is not None:
            self._add(chosen, self._product(chosen, read))
        if plus is not None:
            self._add(chosen, self._rows(plus, "n"))
        for squash, alike in groupby(chosen, lambda k: self.cell.gates[k].squash):
            ks = tuple(alike)
            into = squash.within("phi" if not ks[0] else f"the squash of {', '.join(ks)}")
            self._write(Squashed, squash, into, ("across", self._own(ks)), self._gates(ks))
        return [Listed(self, self._gates((k,)), "n") for k in chosen]

    def product(self, letter: str, read: Any) -> Listed:
        """Write the product of a gate and its bias, by themselves."""
        made: Listed = self._product((letter,), read) + self.weight(f"b_W{letter}")
        self._keep(made, ("kept", of("q", letter), "n"))
        return made

    def linear(self, name: str, read: Any) -> Listed:
        """Write a further matrix times what it reads."""
        high, wide = self.cell.weights[name]
        source, made = ("kept", f"read_{name}", wide), ("kept", f"q_{name}", high)
        self._keep(self._rows(read, wide), source)
        self._write(Multiplied, name, source, made)
        return Listed(self, made, high)

    def state(self, letter: str, value: Any) -> Listed:
        """Write where a state is kept."""
        symbol = self.cell.width(letter)
        self._keep(self._rows(value, symbol), ("after", letter))
        return Listed(self, ("after", letter), symbol)

    def squashed(self, state: str) -> Listed:
        """Write a state as it is let out."""
        squash, symbol = self.cell.squash, self.cell.width(state)
        made = ("kept", f"{squash.name}_{state}", symbol)
        self._write(Squashed, squash, squash.within("squash"), ("after", state), made)
        return Listed(self, made, symbol)

    def _write(self, kind: type, *given: Any) -> None:
        self._written.append((kind, given))

    def _add(self, gates: tuple[str, ...], rows: Listed) -> None:
        a = ("a", self._own(gates))
        self._write(Entrywise, np.add, a, rows, a)

    def _rows(self, given: Any, symbol: str) -> Listed:
        """Return rows of as many entries as the symbol says; of a number, the same ones."""
        if type(given) in (int, float):
            return Listed(self, ("number", given, symbol, repr(given)), symbol)
        if not isinstance(given, Listed) or given.symbol != symbol:
            raise Unlisted(f"{symbol} entries of something else")
        return given

    def _gates(self, letters: tuple[str, ...]) -> Place:
        """Return where gates are: that of a vanilla RNN is made where its state goes."""
        return ("gates", self._own(letters)) if letters[0] else ("after", "h")

    def _own(self, letters: tuple[str, ...]) -> tuple[int, int]:
        """Return where gates that lie side by side are in the order of the stack."""
        first = self.graph.order.index(letters[0])
        return first, first + len(letters)

    def _keep(self, value: Listed, place: Place) -> None:
        """Have a value made where it is kept, or copied to there."""
        if value.place[0] == "room":
            value.place = place
        elif value.place != place:
            self._write(Copied, value, place)

    def _product(self, letters: tuple[str, ...], read: Any) -> Listed:
        """Return a part of the product of all that read the same, which is written once."""
        j, p = next((j, p) for j, p in enumerate(self.graph.products) if letters[0] in p.gates)
        if j not in self._products:
            self._products.add(j)
            source = self._rows(read, self.cell.width("h"))
            if p.read != "h-":
                self._keep(source, ("kept", p.read, source.symbol))
            self._write(Multiplied, j, source, ("product", j, (0, len(p.gates))))
        first = p.gates.index(letters[0])
        part = ("product", j, (first, first + len(letters)))
        return Listed(self, part, "n" if len(letters) == 1 else "")


@lru_cache(256)
def step_list(cell: Cell) -> tuple[ListedCall, ...] | None:
    """Return the calls of a cell's step; None where it does more than arithmetic."""
    step: Any = StepList(cell)
    try:
        cell.step(step)
    except Exception:  # whatever it is, it is done, or raised, where a step is run on arrays
        return None
    calls: tuple[ListedCall, ...] = step.calls()
    return calls
