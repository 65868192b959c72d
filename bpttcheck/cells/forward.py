"""The loop forward, of every cell: all that its step makes, over any number system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.arrays import (
    added,
    between,
    plus,
    product,
    read_by,
    side_by_side,
    spans,
    stacked,
    where_taken,
)
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.gate_place import GatePlace
from bpttcheck.cells.run import Run


def equations(
    cell: Cell,
    weights: Mapping[str, Array],
    x: Array,
    initial: Mapping[str, Array],
    *,
    mask: Array | None = None,
    offsets: Mapping[str, Array] | None = None,
    held: Mapping[str, Array] | None = None,
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
        held: states (T + 1, …, n) that the gates read instead of those just made: what is left
            is the path past them.
    """
    extra = offsets or {}
    loop = _Forward(cell, weights, x, initial, mask, extra, held)
    for block in spans(x):
        loop.enter(block)
        for loop.at, loop.t in enumerate(range(block.start, block.stop)):
            cell.step(loop)
    made = loop.made()
    s = added(product(made["h"][1:], weights["V"].mT), weights["b_s"])
    return Run(cell, x, made, plus(s, extra.get("s")), mask, loop.a)


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
        held: Mapping[str, Array] | None,
    ) -> None:
        self.cell, self.graph, self.weights = cell, cell.graph, weights
        self.mask, self.extra = mask, extra
        self.block, self.t, self.at = slice(0, 0), 0, 0  # step t + 1, at which place of the block
        order, T = self.graph.order, len(x)
        z = product(where_taken(x, mask), stacked(weights, cell.names["U"]).mT)
        z = added(z, stacked(weights, cell.names["b"]))
        z = plus(z, side_by_side(extra, cell.names["a"]))
        W = [stacked(weights, names).mT for names in cell.names["W"]]
        others = [weights[k] for k in cell.weights]
        offsets = [e for k, e in extra.items() if k != "s"]
        numbers = [*W, *others, *initial.values(), *offsets]
        alike = all(a.dtype == z.dtype for a in numbers)
        self.dtype = z.dtype if alike else np.result_type(z, *numbers)
        matrices = [weights[k] for k, symbols in cell.weights.items() if len(symbols) > 1]
        columns = [weights[k] for k, symbols in cell.weights.items() if len(symbols) == 1]
        self.lead = between(
            [z[0], *initial.values(), *(e[0] for e in offsets), *columns], [*W, *matrices]
        )
        self.W, self.n = W, z.shape[-1] // len(order)
        self.a = z
        if (z.shape[1:-1], z.dtype) != (self.lead, self.dtype):
            self.a = np.array(np.broadcast_to(z, (T, *self.lead, z.shape[-1])), dtype=self.dtype)
        self.states: dict[str, Array] = {}
        for k, start in initial.items():
            self.states[k] = self._room(T + 1, start.shape[-1])
            self.states[k][0] = plus(start, extra[k][0] if k in extra else None)
        self.rows: dict[str, list[Array]] = {}
        self.held = {
            k: np.broadcast_to(states, self.states[k].shape) for k, states in (held or {}).items()
        }
        # The state of a cell with one nameless gate is that gate: it is made where the state goes.
        self.values = self._room(T, z.shape[-1]) if "" not in cell.gates else self.states["h"][1:]
        self.nudges = side_by_side(extra, order)
        self.buffers: list[Array] = [self._room(1, w.shape[-1])[0] for w in W]
        self.ready = [-1] * len(W)
        self.reads = [None if p.read == "h-" else p.read for p in self.graph.products]
        self.others: dict[str, Array] = {}
        self.let_out: dict[str, list[Array]] = {}
        self.let_out_by = cell.squash.within("squash")
        self.places: dict[Iterable[str], GatePlace] = {}
        self.single: dict[str, GatePlace] = {}

    def _room(self, steps: int, size: int) -> Array:
        return np.empty((steps, *self.lead, size), dtype=self.dtype)

    def enter(self, block: slice) -> None:
        """Go to a block of steps: make lists of its rows, views that take room themselves."""
        self.block = block
        states = slice(block.start, block.stop + 1)
        self.rows = {k: list(state[states]) for k, state in self.states.items()}
        for lists in (self.places, self.single, self.let_out):
            lists.clear()

    def before(self, state: str) -> Array:
        row = self.held[state][self.t] if self.held else self.rows[state][self.at]
        return row if self.mask is None else read_by(row, self.mask[self.t])

    def carried(self, state: str) -> Array:
        return self.rows[state][self.at]

    def weight(self, name: str) -> Array:
        return self.weights[name]

    def gate(self, letter: str, read: Array | None = None, *, plus: Array | None = None) -> Array:
        place = self.single.get(letter) or self._single(letter)
        self._make(place, read, plus)
        return place.values[self.at]

    def gates(
        self, letters: Iterable[str], read: Array | None = None, *, plus: Array | None = None
    ) -> list[Array]:
        place = self.places.get(letters) or self._place(letters)
        self._make(place, read, plus)
        return [rows[self.at] for rows in place.own]

    def _make(self, place: GatePlace, read: Array | None, plus: Array | None) -> None:
        """Make gates that lie side by side: weigh, add, squash."""
        t = self.at
        a = place.a[t]
        if read is not None:
            a += self._product(place, read)
        if plus is not None:
            a += plus
        for sources, values, squash in place.squashes:
            squash(sources[t], values[t])
        if self.nudges is not None:
            row = place.values[t]
            row += self.nudges[self.t][..., place.stack]

    def product(self, letter: str, read: Array) -> Array:
        found = self._product(self.single.get(letter) or self._single(letter), read)
        return self._kept(of("q", letter), found + self.weights[f"b_W{letter}"])

    def linear(self, name: str, read: Array) -> Array:
        self._kept(f"read_{name}", read)
        return self._kept(f"q_{name}", read @ self.weights[name].mT)

    def state(self, letter: str, value: Array) -> Array:
        rows = self.rows[letter]
        made = rows[self.at + 1]
        if value is not made:
            made[...] = value
        if self.mask is not None:  # where no step takes place, a state stays what it was
            np.copyto(made, rows[self.at], where=~self.mask[self.t][..., None])
        if letter in self.extra:
            made += self.extra[letter][self.t + 1]
        return made

    def squashed(self, state: str) -> Array:
        if state not in self.let_out:
            name = f"{self.cell.squash.name}_{state}"
            if name not in self.others:
                self.others[name] = self._room(len(self.a), self.states[state].shape[-1])
            self.let_out[state] = list(self.others[name][self.block])
        row = self.let_out[state][self.at]
        self.let_out_by(self.rows[state][self.at + 1], row)
        return row

    def made(self) -> dict[str, Array]:
        """Return all that was made, by name."""
        found = {}
        for k in self.graph.order:
            found[of("a", k)] = self.a[..., self._stack((k,))]
            if k:
                found[k] = self.values[..., self._stack((k,))]
        return found | self.states | self.others

    def _kept(self, name: str, value: Array) -> Array:
        if name not in self.others:
            self.others[name] = self._room(len(self.a), value.shape[-1])
        row: Array = self.others[name][self.t]
        row[...] = value
        return row

    def _product(self, place: GatePlace, read: Array) -> Array:
        """Return a part of the product of all that read the same, made once a step."""
        j = place.product
        if self.ready[j] != self.t:
            self.ready[j] = self.t
            np.matmul(read, self.W[j], out=self.buffers[j])
            if (name := self.reads[j]) is not None:
                self._kept(name, read)
        whole: Array = self.buffers[j]
        return whole if place.part is None else np.asarray(whole[..., place.part])

    def _stack(self, letters: Iterable[str]) -> slice:
        chosen = tuple(letters)
        first = self.graph.order.index(chosen[0])
        return slice(first * self.n, (first + len(chosen)) * self.n)

    def _single(self, letter: str) -> GatePlace:
        self.single[letter] = self._place((letter,))
        return self.single[letter]

    def _place(self, letters: Iterable[str]) -> GatePlace:
        chosen, n = tuple(letters), self.n
        alike: list[tuple[list[str], Activation]] = []
        for k in chosen:
            squash = self.cell.gates[k].squash
            if alike and alike[-1][1] is squash:
                alike[-1][0].append(k)
            else:
                alike.append(([k], squash))
        squashes = []
        for ks, squash in alike:
            name = "phi" if not ks[0] else f"the squash of {', '.join(ks)}"
            rows = self._part(self.a, ks), self._part(self.values, ks)
            squashes.append((*rows, squash.within(name)))
        own = [self._part(self.values, (k,)) for k in chosen]
        held, part = -1, None
        for j, p in enumerate(self.graph.products):
            if chosen[0] in p.gates:
                start = p.gates.index(chosen[0]) * n
                part = slice(start, start + len(chosen) * n) if p.gates != chosen else None
                held = j
        a, values = self._part(self.a, chosen), self._part(self.values, chosen)
        place = GatePlace(self._stack(chosen), a, values, squashes, own, held, part)
        self.places[letters] = place
        return place

    def _part(self, stack: Array, letters: Sequence[str]) -> list[Array]:
        """Return the rows of some gates of a stack, in the block."""
        if not letters[0] and stack is self.values:
            return self.rows["h"][1:]
        if len(letters) == len(self.graph.order):
            return list(stack[self.block])
        return list(stack[self.block][..., self._stack(letters)])
