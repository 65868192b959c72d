"""A cell's steps forward as its list has them: calls of NumPy alone, step after step."""

from __future__ import annotations

from itertools import repeat
from typing import Any

from bpttcheck.activations import activation_calls
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.each_row import Calls, Rows, copies, matrix_product, perform
from bpttcheck.cells.forward_steps import ForwardSteps
from bpttcheck.cells.step_list import Copied, Entrywise, Place, Squashed, step_list


class ListedSteps(ForwardSteps):
    """The steps of a cell without mask, offsets or states that are held; one at a time if unlisted.

    What is kept of a step is a row of an array that is there; all else is in the room of one step.
    """

    def make(self) -> None:
        """Make the steps of the block."""
        listed = step_list(self.cell) if self.alike else None
        if listed is None:
            super().make()
            return
        self._found: dict[Place, Any] = {}
        self._sizes = {self.cell.width(k): a.shape[-1] for k, a in self.states.items()}
        calls: Calls = []
        for call in listed:
            if isinstance(call, Entrywise):
                calls.append(map(call.function, *map(self._rows, call.places)))
                continue
            source, made = self._rows(call.source), self._rows(call.made)
            if isinstance(call, Squashed):
                calls += activation_calls(call.squash, call.into, source, made)
            elif isinstance(call, Copied):
                calls.append(copies(source, made))
            else:
                k = call.matrix
                W = self.weights[k].mT if isinstance(k, str) else self.W[k]
                by = matrix_product(next(iter(source)), W, next(iter(made)))
                calls.append(map(by, source, repeat(W), made))
        perform(calls)

    def _rows(self, place: Place) -> Rows:
        """Return the rows at a place, which are listed once."""
        rows = self._found.get(place)
        if rows is None:
            rows = self._found[place] = self._listed(*place)
        return rows

    def _listed(self, kind: str, what: Any, symbol: Any = "", _: str = "") -> Rows:
        if kind == "before":
            return self.rows[what][:-1]
        if kind == "after":
            return self.rows[what][1:]
        if kind == "a":
            return self._side_by_side(slice(*what))
        if kind == "across":
            return self._across(slice(*what))
        if kind == "gates":
            return self._values(slice(*what))
        if kind == "kept":
            return list(self._kept_array(what, self._size(symbol))[self.block])
        if kind == "product":
            whole, (first, last) = self.buffers[what], symbol
            return repeat(whole[..., first * self.n : last * self.n])
        if kind == "room":
            return repeat(self._room(1, self._size(symbol))[0])
        full = self._room(1, self._size(symbol) if symbol else self.weights[what].shape[-1])[0]
        full[...] = what if symbol else self.weights[what]
        return repeat(full)

    def _size(self, symbol: str) -> int:
        return int(self._sizes.get(symbol, self.n))

    def _kept_array(self, name: str, size: int) -> Array:
        if name not in self.others:
            self.others[name] = self._room(len(self.a), size)
        return self.others[name]
