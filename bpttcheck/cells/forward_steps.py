"""A cell's steps forward, one at a time, whatever comes with them: a mask, offsets, directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.each_row import matrix_product
from bpttcheck.arithmetic.room import expect
from bpttcheck.cells.arrays import (
    added,
    between,
    plus,
    product,
    read_by,
    side_by_side,
    spans,
    stacked,
    transposed,
    where_taken,
)
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.gate_place import GatePlace


class ForwardSteps:
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
        self.blocks = spans(x)
        U = stacked(weights, cell.names["U"])
        # Four stacks of gates: pre-activations, gates, states, and what the way back needs.
        expect(4 * x.itemsize * (x.size // x.shape[-1]) * U.shape[-2])
        z = product(where_taken(x, mask), U.mT)
        z = added(z, stacked(weights, cell.names["b"]))
        z = plus(z, side_by_side(extra, cell.names["a"]))
        W = [transposed(weights, names) for names in cell.names["W"]]
        others = [weights[k] for k in cell.weights]
        offsets = [e for k, e in extra.items() if k != "s"]
        numbers = [*W, *others, *initial.values(), *offsets]
        alike = all(a.dtype == z.dtype for a in numbers)
        self.alike = alike
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
        # Others lie gate above gate, so that what is done to one is done to one piece of memory.
        self.values = self.states["h"][1:, None]
        if "" not in cell.gates:
            self.values = np.empty((T, len(order), *self.lead, self.n), dtype=self.dtype)
        self.nudges = side_by_side(extra, order)
        self.buffers: list[Array] = [self._room(1, w.shape[-1])[0] for w in W]
        self.ready = [-1] * len(W)
        self.reads = [None if p.read == "h-" else p.read for p in self.graph.products]
        self.others: dict[str, Array] = {}
        self.let_out: dict[str, list[Array]] = {}
        self.places: dict[Iterable[str], GatePlace] = {}
        self.single: dict[str, GatePlace] = {}

    def _room(self, steps: int, size: int) -> Array:
        return np.empty((steps, *self.lead, size), dtype=self.dtype)

    def run(self) -> None:
        """Make all steps, a block at a time."""
        for block in self.blocks:
            self.enter(block)
            self.make()

    def make(self) -> None:
        """Make the steps of the block."""
        block = self.block
        for self.at, self.t in enumerate(range(block.start, block.stop)):
            self.cell.step(self)

    def enter(self, block: slice) -> None:
        """Go to a block of steps: make lists of its rows, views that take room themselves."""
        self.block = block
        states = slice(block.start, block.stop + 1)
        self.rows = {k: list(state[states]) for k, state in self.states.items()}
        for lists in (self.places, self.single, self.let_out):
            lists.clear()

    def before(self, state: str) -> Array:
        """Return a state of the step before, for gates to read."""
        row = self.held[state][self.t] if self.held else self.rows[state][self.at]
        return row if self.mask is None else read_by(row, self.mask[self.t])

    def carried(self, state: str) -> Array:
        """Return a state of the step before, to be carried on."""
        return self.rows[state][self.at]

    def weight(self, name: str) -> Array:
        """Return a further weight."""
        return self.weights[name]

    def gate(self, letter: str, read: Array | None = None, *, plus: Array | None = None) -> Array:
        """Make a gate."""
        place = self.single.get(letter) or self._single(letter)
        self._make(place, read, plus)
        return place.own[0][self.at]

    def gates(
        self, letters: Iterable[str], read: Array | None = None, *, plus: Array | None = None
    ) -> list[Array]:
        """Make gates that lie side by side."""
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
        for sources, values, _, into in place.squashes:
            into(sources[t], values[t])
        if self.nudges is not None:
            for k, rows in zip(place.gates, place.own, strict=True):
                row = rows[t]
                row += self.nudges[self.t][..., self._stack((k,))]

    def product(self, letter: str, read: Array) -> Array:
        """Make the product of a gate and its bias, by themselves."""
        found = self._product(self.single.get(letter) or self._single(letter), read)
        return self._kept(of("q", letter), found + self.weights[f"b_W{letter}"])

    def linear(self, name: str, read: Array) -> Array:
        """Make a further matrix times what it reads."""
        self._kept(f"read_{name}", read)
        matrix = self.weights[name].mT
        made = self._room(1, matrix.shape[-1])[0]
        matrix_product(read, matrix, made)(read, matrix, made)
        return self._kept(f"q_{name}", made)

    def state(self, letter: str, value: Array) -> Array:
        """Put a state where it is kept."""
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
        """Make a state as it is let out."""
        if state not in self.let_out:
            name = f"{self.cell.squash.name}_{state}"
            if name not in self.others:
                self.others[name] = self._room(len(self.a), self.states[state].shape[-1])
            self.let_out[state] = list(self.others[name][self.block])
        row = self.let_out[state][self.at]
        self.cell.squash.within("squash")(self.rows[state][self.at + 1], row)
        return row

    def made(self) -> dict[str, Array]:
        """Return all that was made, by name."""
        found = {}
        for j, k in enumerate(self.graph.order):
            found[of("a", k)] = self.a[..., j * self.n : (j + 1) * self.n]
            if k:
                found[k] = self.values[:, j]
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
            by = matrix_product(read, self.W[j], self.buffers[j])
            by(read, self.W[j], self.buffers[j])
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
            own = self._gates(ks)
            rows = self._across(own), self._values(own)
            squashes.append((*rows, squash, squash.within(name)))
        each = [self._values(self._gates((k,))) for k in chosen]
        held, part = -1, None
        for j, p in enumerate(self.graph.products):
            if chosen[0] in p.gates:
                start = p.gates.index(chosen[0]) * n
                part = slice(start, start + len(chosen) * n) if p.gates != chosen else None
                held = j
        a = self._side_by_side(self._gates(chosen))
        self.places[letters] = place = GatePlace(chosen, a, squashes, each, held, part)
        return place

    def _gates(self, letters: Sequence[str]) -> slice:
        """Return where gates are in the order of the stack."""
        first = self.graph.order.index(letters[0])
        return slice(first, first + len(letters))

    def _side_by_side(self, gates: slice) -> list[Array]:
        """Return the rows of their pre-activations, in the block: (B, 4n) of four."""
        whole = gates.stop - gates.start == len(self.graph.order)
        a = self.a[self.block]
        return list(a if whole else a[..., gates.start * self.n : gates.stop * self.n])

    def _across(self, gates: slice) -> list[Array]:
        """Return the same rows, gate above gate: (4, B, n)."""
        if gates.stop - gates.start == 1:
            return self._side_by_side(gates)
        a = self.a[self.block].reshape(-1, *self.lead, len(self.graph.order), self.n)
        return list(np.moveaxis(a[..., gates, :], -2, 1))

    def _values(self, gates: slice) -> list[Array]:
        """Return the rows of what they are, in the block: (4, B, n), or (B, n) of one."""
        if "" in self.cell.gates:
            return self.rows["h"][1:]
        several = gates.stop - gates.start > 1
        return list(self.values[self.block, gates if several else gates.start])
