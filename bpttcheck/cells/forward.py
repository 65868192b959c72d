"""The loop forward, of every cell: all that its step makes, over any number system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.probe import graph_of
from bpttcheck.cells.run import Run
from bpttcheck.cells.steps import between, plus, product, read_by, stacked, where_taken


def equations(
    cell: Cell,
    weights: Mapping[str, Array],
    x: Array,
    initial: Mapping[str, Array],
    *,
    mask: Array | None = None,
    offsets: Mapping[str, Array] | None = None,
    held: Array | None = None,
) -> Run:
    """Evaluate a cell's equations, unchecked, over any number system.

    Axes between time and batch broadcast, as do leading axes of the weights.

    Arguments:
        cell: a declared cell.
        weights: all of them by name.
        x: inputs, (T, …, B, m).
        initial: a state (…, B, n) for each letter.
        mask: booleans (T, B), or None.
        offsets: what is added to a_k, k or s (T, …) or a state (T + 1, …) where each is made:
            ∂L/∂a_k at step t *is* the derivative of L with respect to such an offset at zero.
        held: states h (T + 1, …, n) that the gates read instead of those just made: what is left
            is the path past them.
    """
    extra = offsets or {}
    loop = _Forward(cell, weights, x, initial, mask, extra, held)
    for t in range(len(x)):
        loop.begin(t)
        cell.step(loop)
    made = loop.made()
    s = product(made["h"][1:], weights["V"].mT) + weights["b_s"]
    return Run(cell, x, made, plus(s, extra.get("s")), mask, loop.a)


class _Place(NamedTuple):
    """Where gates that are made together lie: in the stack, and in the product of their weights.

    ``squashes`` are the parts of the stack that are squashed alike, ``own`` those of each gate.
    """

    stack: slice
    product: int
    part: slice
    squashes: tuple[tuple[slice, Activation, str], ...]
    own: tuple[slice, ...]


class _Forward:
    """Every step forward: the words of :class:`~bpttcheck.cells.step.Step` over arrays."""

    def __init__(
        self,
        cell: Cell,
        weights: Mapping[str, Array],
        x: Array,
        initial: Mapping[str, Array],
        mask: Array | None,
        extra: Mapping[str, Array],
        held: Array | None,
    ) -> None:
        self.cell, self.graph, self.weights = cell, graph_of(cell), weights
        self.mask, self.extra = mask, extra
        order, T = self.graph.order, len(x)
        z = product(where_taken(x, mask), stacked(weights, [of("U", k) for k in order]).mT)
        z = z + stacked(weights, [of("b", k) for k in order])
        z = plus(z, _side_by_side(extra, [of("a", k) for k in order]))
        self.W = [stacked(weights, [of("W", k) for k in p.gates]).mT for p in self.graph.products]
        offsets = {k: e for k, e in extra.items() if k != "s"}
        others = [weights[k] for k in cell.weights]
        numbers = [z, *self.W, *initial.values(), *offsets.values(), *others]
        dtype = numbers[0].dtype
        if any(a.dtype != dtype for a in numbers):
            dtype = np.result_type(*numbers)
        self.lead = between(
            [z[0], *initial.values(), *(e[0] for e in offsets.values()),
             *(a for a in others if a.ndim and len(cell.weights))],
            self.W,
        )
        self.n = z.shape[-1] // len(order)
        self.dtype = dtype
        self.a = z
        if (z.shape[1:-1], z.dtype) != (self.lead, dtype):
            self.a = np.array(np.broadcast_to(z, (T, *self.lead, z.shape[-1])), dtype=dtype)
        kept = "" not in cell.gates  # the state of an RNN is its gate: no need to have it twice
        self.values = self.empty(T if kept else 1, z.shape[-1])
        self.nudges = _side_by_side(extra, order)
        self.states: dict[str, Array] = {}
        for k, start in initial.items():
            self.states[k] = self.empty(T + 1, start.shape[-1])
            self.states[k][0] = plus(start, extra[k][0] if k in extra else None)
        self.held = None if held is None else np.broadcast_to(held, self.states["h"].shape)
        self.buffers = [self.empty(1, W.shape[-1])[0] for W in self.W]
        self.ready = [-1] * len(self.W)
        self.others: dict[str, Array] = {}
        self.places: dict[Iterable[str], _Place] = {}

    def empty(self, steps: int, size: int) -> Array:
        """Return room for steps of some size."""
        return np.empty((steps, *self.lead, size), dtype=self.dtype)

    def begin(self, t: int) -> None:
        """Go to step t + 1."""
        self.t = t
        self.a_t = self.a[t]
        self.values_t = self.values[t if len(self.values) > 1 else 0]
        self.taken = None if self.mask is None else self.mask[t]

    def before(self, state: str) -> Array:
        known = self.held if self.held is not None and state == "h" else self.states[state]
        return read_by(known[self.t], self.taken)

    def carried(self, state: str) -> Array:
        return self.states[state][self.t]

    def weight(self, name: str) -> Array:
        return self.weights[name]

    def gate(self, letter: str, read: Array | None = None, *, plus: Array | None = None) -> Array:
        (value,) = self.gates((letter,), read, plus=plus)
        return value

    def gates(
        self, letters: Iterable[str], read: Array | None = None, *, plus: Array | None = None
    ) -> list[Array]:
        place = self.places.get(letters) or self._place(letters)
        a = self.a_t[..., place.stack]
        if read is not None:
            a += self._product(place, read)
        if plus is not None:
            a += plus
        values = self.values_t[..., place.stack]
        for part, squash, name in place.squashes:
            squash.into(values[..., part], a[..., part], name)
        if self.nudges is not None:
            values += self.nudges[self.t][..., place.stack]
        return [values[..., own] for own in place.own]

    def product(self, letter: str, read: Array) -> Array:
        found = self._product(self.places.get((letter,)) or self._place((letter,)), read)
        return self._kept(of("q", letter), found + self.weights[f"b_W{letter}"])

    def linear(self, name: str, read: Array) -> Array:
        self._kept(f"read_{name}", read)
        return self._kept(f"q_{name}", read @ self.weights[name].mT)

    def state(self, letter: str, value: Array) -> Array:
        known = self.states[letter]
        made = known[self.t + 1]
        made[...] = value
        if self.taken is not None:  # where no step takes place, a state stays what it was
            np.copyto(made, known[self.t], where=~self.taken[..., None])
        if letter in self.extra:
            made += self.extra[letter][self.t + 1]
        return made

    def squashed(self, state: str) -> Array:
        name, made = f"{self.cell.squash.name}_{state}", self.states[state]
        if name not in self.others:
            self.others[name] = self.empty(len(self.a), made.shape[-1])
        row = self.others[name][self.t]
        self.cell.squash.into(row, made[self.t + 1], "squash")
        return row

    def made(self) -> dict[str, Array]:
        """Return all that was made, by name."""
        n, found = self.n, {}
        for j, k in enumerate(self.graph.order):
            own = slice(j * n, (j + 1) * n)
            found[of("a", k)] = self.a[..., own]
            if k:
                found[k] = self.values[..., own]
        return found | self.states | self.others

    def _kept(self, name: str, value: Array) -> Array:
        if name not in self.others:
            self.others[name] = self.empty(len(self.a), value.shape[-1])
        self.others[name][self.t] = value
        return self.others[name][self.t]

    def _product(self, place: _Place, read: Array) -> Array:
        """Return a part of the product of all that read the same, made once a step."""
        j = place.product
        if self.ready[j] != self.t:
            self.ready[j] = self.t
            np.matmul(read, self.W[j], out=self.buffers[j])
            first = self.graph.products[j].read
            if first != "h-":
                self._kept(first, read)
        return self.buffers[j][..., place.part]

    def _place(self, letters: Iterable[str]) -> _Place:
        chosen, n, order = tuple(letters), self.n, self.graph.order
        first = order.index(chosen[0])
        own = tuple(slice(j * n, (j + 1) * n) for j in range(len(chosen)))
        squashes: list[tuple[slice, Activation, str]] = []
        for part, k in zip(own, chosen, strict=True):
            squash = self.cell.gates[k].squash
            if squashes and squashes[-1][1] is squash:
                part = slice(squashes.pop()[0].start, part.stop)
            squashes.append((part, squash, "phi" if not k else f"the squash of {k}"))
        j, part = -1, slice(None)
        for j, p in enumerate(self.graph.products):
            if chosen[0] in p.gates:
                start = p.gates.index(chosen[0]) * n
                part = slice(start, start + len(chosen) * n)
                break
        stack = slice(first * n, (first + len(chosen)) * n)
        self.places[letters] = _Place(stack, j, part, tuple(squashes), own)
        return self.places[letters]


def _side_by_side(offsets: Mapping[str, Array], names: Sequence[str]) -> Array | None:
    """Return the offsets of every gate side by side, zero where there is none; None without any."""
    given = [offsets.get(name) for name in names]
    some = next((a for a in given if a is not None), None)
    if some is None:
        return None
    return np.concatenate([0 * some if a is None else a for a in given], axis=-1)
