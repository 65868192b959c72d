"""One example of a recurrent network, evaluated in a number system: what every cell's run shares.

A cell says how it runs forward and which numbers a case draws; from that come the derivatives of
every computed quantity by every other, by duals on the forward alone. The network runs a step
past the loss: that is what ∂L/∂a_{T+1} is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from math import prod
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.runs.model import FIRST_STEP, named, position
from bpttcheck.runs.systems import System
from bpttcheck.statements import terms
from bpttcheck.statements.terms import Deferred, DeferredSequence, IllTyped, Term, Variable
from bpttcheck.witnesses.duals import Derivatives, unit_vectors

Make = Callable[[], Array]
"""Makes an array, when a statement first asks for it: most ask for little."""

DIRECTIONS = 200
"""At most so many go side by side, if they are of several quantities: long sequences need room."""


class Evaluation:
    """A case in a number system, evaluated as far as it is asked.

    ``numbers`` has the case's numbers by name, ``shapes`` the shape of every quantity, without
    the axes of time and of sequences: () for a number, (n,) for a column.
    """

    given: tuple[str, ...]
    """The fields of a case that are drawn: its weights, ``x``, and each initial state."""
    computed: tuple[str, ...]
    """What the forward pass makes: ``L``, and what there is at every step."""
    modes: ClassVar[Mapping[str, str]] = {}
    """The mode in which the forward pass has to run for the derivatives of some of it."""
    aside: tuple[str, ...] = ()
    """Quantities whose directions go through the forward pass side by side."""

    def __init__(self, case: Any, system: System, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.system = system
        self.modulus = system.modulus
        self.sizes: dict[str, int] = case.sizes
        self.T: int = self.sizes["T"]
        self.B: int = self.sizes["B"]
        self.shapes = shapes
        self.numbers = {
            name: system.drawn(name, np.asarray(getattr(case, name))) for name in self.given
        }
        self._tangents: dict[tuple[str, str], dict[str, Array]] = {}
        self._derivatives: dict[tuple[object, ...], Term] = {}

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward, with an axis of directions between time and batch.

        Arguments:
            numbers: the case's, one of them perturbed; ``x`` has the axis of directions.
            offsets: what is added to quantities where they are made.
            mode: ``""``, or what the cell offers besides, such as a forward pass of which a part
                is held fixed.

        Returns:
            What is computed in that mode: L (directions, B), the others (steps, directions, B, …).
        """
        raise NotImplementedError

    def tangents(self, name: str, mode: str) -> dict[str, Array]:
        """Return the derivatives of all outputs by a quantity, one for each entry of it, last.

        The entries of a quantity at every step are in order of the steps.
        """
        key = (name, mode)
        if key not in self._tangents:
            names = next((some for some in self.together if name in some), (name,))
            if mode or len(names) == 1 or not self.system.apart:
                self._tangents[key] = self._derive(name, mode)
            else:
                self._tangents |= {(k, mode): d for k, d in self._derive_all(names, mode).items()}
        return self._tangents[key]

    @cached_property
    def together(self) -> list[tuple[str, ...]]:
        """The quantities of ``aside`` in groups that have few directions."""
        groups: list[tuple[str, ...]] = []
        room = 0
        for name in self.aside:
            once = name in self.given and name != "x"
            count = self.numbers[name].size if once else self.steps(name) * prod(self.shapes[name])
            if count > room:
                groups, room = [*groups, ()], DIRECTIONS
            groups[-1] += (name,)
            room -= count
        return groups

    def _derive(self, name: str, mode: str) -> dict[str, Array]:
        return self._derive_all((name,), mode)[name]

    def _derive_all(self, names: tuple[str, ...], mode: str) -> dict[str, Derivatives]:
        """Return what ``_derive`` does of each: their directions side by side, in one pass."""
        numbers = {**self.numbers, "x": self.numbers["x"][:, None]}
        offsets, places, stop = {}, {}, 0
        every = {k: self._directions(k) for k in names}
        total = sum(own.shape[axis] for own, axis in every.values())
        for k, (own, axis) in every.items():
            places[k] = slice(stop, stop := stop + own.shape[axis])
            wide = np.zeros((*own.shape[:axis], total, *own.shape[axis + 1 :]))
            wide[(slice(None),) * axis + (places[k],)] = own
            if k in numbers:
                numbers[k] = self.system.perturbed(numbers[k], wide, axis)
            else:
                zeros = self.system.constant(np.zeros_like(own[:, :1]))
                offsets[k] = self.system.perturbed(zeros, wide, axis)
        made = self.outputs(numbers, offsets, mode)
        read = Derivatives(lambda k: self.system.tangents(made[k], axis_of_directions(k), total))
        return {name: _those_at(read, place) for name, place in places.items()}

    def _directions(self, name: str) -> tuple[Array, int]:
        """Return the unit vectors of a quantity, and which axis is that of directions."""
        if name in self.numbers and name != "x":
            return _each_entry(self.numbers[name]), 0
        return self._each_step(name), 1

    def _each_step(self, name: str) -> Array:
        """Return the unit vectors of a quantity of every step, (steps, directions, 1, …)."""
        steps, shape = self.steps(name), self.shapes[name]
        size = prod(shape)
        entry = unit_vectors(steps * size, 0).reshape(steps, size, steps * size)
        return np.moveaxis(entry, 1, -1).reshape(steps, steps * size, 1, *shape)

    def steps(self, name: str) -> int:
        """Return at how many steps there is such a quantity: one past the loss, but for E."""
        return self.T if name == "E" else self.T + 2 - FIRST_STEP.get(name, 1)

    def d(self, over: Any, under: Any) -> Term:
        """Return the derivative ∂over/∂under, one a sequence, by duals on the forward.

        A scalar by a column or matrix has the shape of what it is taken by (a gradient); a column
        by a column is a matrix in numerator layout: a row for each entry of ``over``.
        """
        named(over, under, self.computed, self.shapes)
        return self.derivative(over, under, self.modes.get(over.name, ""))

    def derivative(self, over: Variable, under: Variable, mode: str) -> Term:
        """Return the derivative that the forward pass has in a mode."""
        key = (over.name, over.index, over.entry, under.name, under.index, under.entry, mode)
        if key not in self._derivatives:
            self._derivatives[key] = self._derivative(over, under, mode)
        return self._derivatives[key]

    def _derivative(self, over: Variable, under: Variable, mode: str) -> Term:
        by_sequence = self.tangents(under.name, mode)[over.name]
        if over.index is not None:
            by_sequence = by_sequence[position(over)]  # (B, entries) or (B, size, entries)
        if over.entry is not None:
            by_sequence = by_sequence[:, over.entry[0] - 1]
        rows, columns = (*self.shapes[under.name], 1, 1)[:2]
        if under.index is not None:
            start = position(under) * rows * columns
            by_sequence = by_sequence[..., start : start + rows * columns]
        if by_sequence.ndim == 2:  # of a scalar: in the shape of what it is taken by
            gradient = by_sequence.reshape(-1, rows, columns)
            if under.entry is not None:
                gradient = gradient[:, under.entry[0] - 1, under.entry[1] - 1]
            return Term(gradient if under.core or under.entry else gradient[:, 0, 0], self.modulus)
        if under.entry is not None:
            place = (under.entry[0] - 1) * columns + under.entry[1] - 1
            return Term(by_sequence[..., place : place + 1], self.modulus)
        if columns != 1:
            raise IllTyped("a column by a matrix is no matrix")
        return Term(by_sequence, self.modulus)

    def each(self, name: str) -> Variable:
        """Return one of the numbers as a symbol: the same for every sequence."""
        value = _matrix(self.numbers[name])
        return Variable(name, None, np.broadcast_to(value, (self.B, *value.shape)), self.modulus)

    def once(self, name: str, make: Make) -> Variable:
        """Return a number of every sequence as a symbol."""
        return Deferred(name, make, self.modulus)

    def summed(self, name: str, make: Make) -> Variable:
        """Return what is summed over the sequences as a symbol."""
        return Deferred(name, lambda: _matrix(np.asarray(make()))[None], self.modulus)

    def scalars(self, name: str, make: Make, first: int = 1) -> terms.Sequence:
        """Return a symbol with a number for every step."""
        return DeferredSequence(name, make, self.modulus, first)

    def columns(self, name: str, make: Make, first: int = 1) -> terms.Sequence:
        """Return a symbol with a column for every step."""
        return DeferredSequence(name, lambda: make()[..., None], self.modulus, first)


def axis_of_directions(output: str) -> int:
    """Return where an output has the axis of directions: after time, which L has not."""
    return 0 if output == "L" else 1


def _those_at(every: Derivatives, place: slice) -> Derivatives:
    return Derivatives(lambda output: every[output][..., place])


def _each_entry(values: Array) -> Array:
    """Return the unit vectors of a weight: a direction for each entry, then its own axes.

    A number or a bias gets an axis of sequences between them.
    """
    entries = np.eye(values.size).reshape(-1, *values.shape)
    return entries[:, None] if values.ndim < 2 else entries


def _matrix(values: Array) -> Array:
    return values[:, None] if values.ndim == 1 else values
