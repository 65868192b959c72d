"""Which arrays of the user's play which role: what makes a point a network."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.forward import equations
from bpttcheck.cells.run import Run
from bpttcheck.diagnosis.recognition.forms import said
from bpttcheck.diagnosis.recognition.layouts import INDEX, ArrayLayout, sequences
from bpttcheck.diagnosis.recognition.objectives import Objective
from bpttcheck.diagnosis.recognition.recognised import Arrays, RecognisedNetwork

Suffix = tuple[str, int]
"""Which steps count: ("last", k) of them, or all but the first ("skip", k)."""

OF_STATES = "y_"
"""What weighs a state that is an output too begins so: ``y_h``, ``y_c``."""


@dataclass(frozen=True)
class ArraySlot:
    """Where a role is played: by a parameter (``of`` = "params") or by data, in some layout."""

    of: str
    name: str
    layout: ArrayLayout

    def read(self, params: Arrays, data: Arrays) -> Array:
        """Return the array in the axes of our equations."""
        return self.layout.read((params if self.of == "params" else data)[self.name])

    def __str__(self) -> str:
        return f"{self.name} {self.layout.name}".strip()


Slots = tuple[tuple[str, ArraySlot], ...]


def of_loss(role: str) -> bool:
    """Tell whether a role is played with the loss, not with the forward pass."""
    return role in ("y", "mask") or role.startswith(OF_STATES)


@dataclass(frozen=True)
class Reading:
    """Which arrays play which role in a cell, and in the loss.

    ``slots`` has the role of each: the weights by name, but for the bias of the outputs, which is
    c; x, or an embedding E and tokens x; h0, c0. A bias may be played twice. A role without a slot
    is an identity matrix (U, V), absent (biases) or zero (initial states). ``idle`` are those who
    would play the roles that another gate's weights play.
    """

    cell: Cell
    slots: Slots
    objective: Objective | None = None
    last: bool = False
    suffix: Suffix | None = None
    idle: Slots = ()

    def of(self, role: str) -> list[ArraySlot]:
        """Return who plays a role."""
        return [slot for name, slot in self.slots if name == role]

    def _arrays(self, params: Arrays, data: Arrays) -> tuple[Arrays, Array, Arrays]:
        """Return the weights, x and the initial states."""
        one: dict[str, Array] = {}
        for role, slot in self.slots:
            if not of_loss(role):
                array = slot.read(params, data)
                one[role] = one[role] + array if role in one else array
        x = one["x"] @ one["E"] if "E" in one else one["x"]
        if "c" in one:
            one["b_s"] = one["c"]
        axes = self.cell.axes
        sizes = {"m": x.shape[-1]}
        for name, symbols in axes.items():
            if name in one:
                sizes |= zip(symbols, one[name].shape, strict=True)
        sizes.setdefault("p", sizes[self.cell.width("h")])
        weights = {}
        for name, symbols in axes.items():
            size = [sizes[symbol] for symbol in symbols]
            weights[name] = one.get(name, np.eye(*size) if len(size) > 1 else np.zeros(size))
        initial = {}
        for state in self.cell.states:
            size = sizes[self.cell.width(state)]
            given = one.get(f"{state}0", np.zeros((1, size)))
            initial[state] = np.broadcast_to(given, (x.shape[1], size))
        return weights, x, initial

    def run(self, params: Arrays, data: Arrays) -> Run:
        """Return the forward run."""
        with np.errstate(all="ignore"):
            return equations(self.cell, *self._arrays(params, data))

    def network(self, params: Arrays, data: Arrays, value: float) -> RecognisedNetwork:
        """Return the network at a point, scaled so that its loss is the user's."""
        assert self.objective is not None
        weights, x, initial = self._arrays(params, data)
        with np.errstate(all="ignore"):
            run = equations(self.cell, weights, x, initial)
        (y,) = self.of("y")
        bare = RecognisedNetwork(
            self.cell,
            weights,
            x,
            initial,
            np.broadcast_to(y.read(params, data), run.s.shape),
            run,
            self.objective,
            self.last,
            mask=self._mask(params, data, run.s),
            others=self._others(params, data, len(x)),
            tokens=self.of("x")[0].read(params, data) if self.of("E") else None,
            idle={role: slot.read(params, data) for role, slot in self.idle},
        )
        total = bare.total
        return replace(bare, scale=value / total if total else 1.0)

    def _others(self, params: Arrays, data: Arrays, T: int) -> Arrays:
        """Return the weights (T, B, n) of states that are outputs too, by letter."""
        found = {}
        for role, slot in self.slots:
            if role.startswith(OF_STATES):
                w = slot.read(params, data)
                earlier = np.zeros((T - len(w), *w.shape[1:]))
                found[role.removeprefix(OF_STATES)] = np.concatenate([earlier, w])
        return found

    def _mask(self, params: Arrays, data: Arrays, s: Array) -> Array | None:
        """Return which steps count (T, B, 1), if not all do."""
        if self.suffix is not None:
            T, B, _ = s.shape
            kind, k = self.suffix
            first = min(k, T) if kind == "skip" else max(T - k, 0)
            return np.broadcast_to((np.arange(T) >= first)[:, None, None] * 1.0, (T, B, 1))
        return next((slot.read(params, data) for slot in self.of("mask")), None)

    def rebound(self, params: Arrays, data: Arrays) -> Reading | None:
        """Return the reading for the arrays of another point of the same code, of other sizes.

        A layout reads arrays of any size, but for rows of one-hot vectors, as long as there are
        classes.
        """

        def size(role: str, axis: int, other: int) -> int:
            played = self.of(role)
            return played[0].read(params, data).shape[axis] if played else other

        def same(role: str, slot: ArraySlot) -> ArraySlot:
            if not slot.layout.name.startswith(INDEX):
                return slot
            first = next(iter(self.cell.gates))
            n = size(of("W", first), -1, 0)
            classes = size("E", 0, size(of("U", first), 1, n)) if role == "x" else size("V", 0, n)
            array = (params if slot.of == "params" else data)[slot.name]
            layouts = {layout.name: layout for layout in sequences(array, classes)}
            return replace(slot, layout=layouts[slot.layout.name])

        try:
            slots = tuple((role, same(role, slot)) for role, slot in self.slots)
        except (KeyError, IndexError, ValueError):
            return None
        return replace(self, slots=slots)

    def suffixes(self, T: int) -> list[Reading]:
        """Return the reading, and where some last steps of T count that but for the first ones."""
        if self.suffix is None or self.suffix[0] == "skip":
            return [self]
        return [self, replace(self, suffix=("skip", T - self.suffix[1]))]

    def __str__(self) -> str:
        roles = ", ".join(f"{role} = {slot}" for role, slot in self.slots if slot.of == "params")
        loss = "" if self.objective is None else f", {self.objective.name}"
        steps = " of the last step" if self.last else ""
        if self.suffix is not None:
            kind, k = self.suffix
            steps = f" of the last {k} steps" if kind == "last" else f" of all but {k} steps"
        counted = "".join(f", of the steps in {slot.name}" for slot in self.of("mask"))
        states = [r.removeprefix(OF_STATES) for r, _ in self.slots if r.startswith(OF_STATES)]
        also = "".join(f", and of {self.cell.states[state]}s" for state in states)
        return f"{said(self.cell)}{loss}{steps}{counted}{also}: {roles}"
