"""The way there as a list of operations: a cell's step, run once on traced values."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from bpttcheck.bptt.compiled.operations import (
    Code,
    Operand,
    Operations,
    Untraceable,
    both_of,
    value_of,
)
from bpttcheck.bptt.compiled.traced_value import TracedValue, Writer
from bpttcheck.bptt.compiled.workspace import Workspace
from bpttcheck.bptt.schedule import beside
from bpttcheck.cells.cell import of


class TracedStep:
    """The words of :class:`~bpttcheck.cells.step.Step`, written down.

    Attributes:
        operations: the way there.
        a: the pre-activations of all gates side by side, (T, B, 4n), say.
        states: each state, (T + 1, B, n), by letter.
        s: the scores, (T, B, p).
        values: of all gates, side by side as ``a`` is.
        others: what else a step made, by name, (T, B, n).
        slopes: of the squashed states, by letter, (T, B, n), unless a is kept.
    """

    def __init__(self, workspace: Workspace, keep: bool) -> None:
        """Write it down; unless a is kept, the slopes of the gates are put in its place."""
        self.workspace = ws = workspace
        self.cell, self.graph = ws.cell, ws.cell.graph
        self.operations = Operations()
        self.writer = Writer(ws, self.operations.step)
        # What is looked at to be finite lies side by side: a, the states, s.
        self.a = ws.of_steps(ws.stack)
        self.states = {k: ws.of_steps(ws.width(k), more=1) for k in self.cell.states}
        self.s = ws.of_steps(ws.sizes["p"])
        self.values = self._made("h") if "" in self.cell.gates else ws.of_steps(ws.stack)
        self.others: dict[str, Operand] = {}
        self.slopes: dict[str, Operand] = {}
        self.keep = keep
        self._before = {k: TracedValue(ws.width(k), at) for k, at in self.states.items()}
        self._products: dict[int, Operand | None] = {}
        self._matrices: dict[str, Operand] = {}
        self._frame()
        words: Any = self  # on traced values, not on arrays
        self.cell.step(words)

    def _made(self, state: str) -> Operand:
        """Return where a state of this step lies."""
        return self.states[state].later(self.workspace.sizes["B"])

    def _frame(self) -> None:
        """Write what is done before all steps, and to all of a block at once."""
        ws, found = self.workspace, self.operations
        once, before, after = (
            Writer(ws, section) for section in (found.once, found.before, found.after)
        )
        for k, at in self.states.items():
            once.do(Code.COPY, at, ws.initial[k])
        names = self.cell.names
        U = self._transposed("U", names["U"])
        for j, matrices in enumerate(names["W"]):
            self._transposed(f"W{j}", matrices)
        for name, _ in self.graph.linear:
            self._transposed(name, [name])
        before.do(Code.PRODUCT, self.a, ws.x, U)
        bias = Operand(ws.starts[names["b"][0]], ws.stack, 0)
        before.do(Code.ADD_TO, self.a, bias)
        after.do(Code.PRODUCT, self.s, self._made("h"), self._transposed("V", ["V"]))
        after.do(Code.ADD_TO, self.s, ws.weight("b_s"))

    def _transposed(self, key: str, names: list[str]) -> Operand:
        """Return the transpose of matrices below each other, which is made once."""
        ws = self.workspace
        high, wide = sum(ws.shapes[k][0] for k in names), ws.shapes[names[0]][1]
        whole = Operand(ws.starts[names[0]], wide, wide)
        transpose = Operand(ws.room(high * wide), wide, high)
        source = Operand(whole.base, high, wide)
        Writer(ws, self.operations.once).do(Code.TRANSPOSE, transpose, source)
        self._matrices[key] = Operand(transpose.base, high, high)
        return self._matrices[key]

    def before(self, state: str) -> TracedValue:
        """Return a state of the step before."""
        return self._before[state]

    carried = before

    def weight(self, name: str) -> TracedValue:
        """Return a further weight, the same at every step."""
        at = self.workspace.weight(name)
        return TracedValue(at.width, at)

    def gate(self, letter: str, read: Any = None, *, plus: Any = None) -> TracedValue:
        """Return a gate."""
        (gate,) = self.gates((letter,), read, plus=plus)
        return gate

    def gates(
        self, letters: Iterable[str], read: Any = None, *, plus: Any = None
    ) -> list[TracedValue]:
        """Return gates that are weighed together, and squashed together where alike."""
        chosen, ws, writer = tuple(letters), self.workspace, self.writer
        first, width = self.graph.order.index(chosen[0]) * ws.n, len(chosen) * ws.n
        if read is not None:
            q = self._product(chosen, read)
            if q is not None:
                writer.do(Code.ADD_TO, self.a.part(first, width), q)
        if plus is not None:
            if len(chosen) > 1:
                raise Untraceable("the same added to several gates")
            writer.do(Code.ADD_TO, self.a.part(first, width), writer.make(plus, width=ws.n))
        start = first
        for squash, alike in groupby(chosen, lambda k: self.cell.gates[k].squash):
            columns = len([*alike]) * ws.n
            a, values = self.a.part(start, columns), self.values.part(start, columns)
            if self.keep:
                writer.do(value_of(squash), values, a)
            else:
                writer.do(both_of(squash), values, a, a)
            start += columns
        return [TracedValue(ws.n, ws.own(k, self.values)) for k in chosen]

    def product(self, letter: str, read: Any) -> TracedValue:
        """Return W read of a gate and a bias, by itself."""
        q, name = self._product((letter,), read), of("q", letter)
        assert q is not None
        self.others[name] = at = self.workspace.of_steps(self.workspace.n)
        self.writer.do(Code.ADD, at, q, self.workspace.weight(f"b_W{letter}"))
        return TracedValue(at.width, at)

    def _product(self, letters: tuple[str, ...], read: Any) -> Operand | None:
        """Return a part of W read of all gates that read the same; None where it was added to a."""
        ws, graph = self.workspace, self.graph
        j, p = next((j, p) for j, p in enumerate(graph.products) if letters[0] in p.gates)
        columns = len(p.gates) * ws.n
        if j not in self._products:
            at = self._before["h"].at
            if p.read != "h-":
                self.others[p.read] = at = ws.of_steps(ws.width("h"))
                self.writer.make(read, at)
            own = graph.apart.isdisjoint(p.gates) and beside(graph, p.gates)
            if own:
                first = graph.order.index(p.gates[0]) * ws.n
                d, code = self.a.part(first, columns), Code.PRODUCT_ADD
            else:
                d, code = ws.of_a_step(columns), Code.PRODUCT
            self.writer.do(code, d, at, self._matrices[f"W{j}"])
            self._products[j] = None if own else d
        whole = self._products[j]
        if whole is None:
            return None
        return whole.part(p.gates.index(letters[0]) * ws.n, len(letters) * ws.n)

    def linear(self, name: str, read: Any) -> TracedValue:
        """Return a further matrix times what it reads."""
        ws = self.workspace
        high, wide = ws.shapes[name]
        self.others[f"read_{name}"] = at = ws.of_steps(wide)
        self.writer.make(read, at)
        self.others[f"q_{name}"] = q = ws.of_steps(high)
        self.writer.do(Code.PRODUCT, q, at, self._matrices[name])
        return TracedValue(high, q)

    def state(self, letter: str, value: Any) -> TracedValue:
        """Put a state where it belongs."""
        at = self._made(letter)  # where the gate of a vanilla RNN is made at once
        self.writer.make(value, at, at.width)
        return TracedValue(at.width, at)

    def squashed(self, state: str) -> TracedValue:
        """Return a state of this step as it is let out."""
        name, source = f"{self.cell.squash.name}_{state}", self._made(state)
        if name not in self.others:
            self.others[name] = self.workspace.of_steps(source.width)
        at, squash = self.others[name], self.cell.squash
        if self.keep:
            self.writer.do(value_of(squash), at, source)
        else:
            if state not in self.slopes:
                self.slopes[state] = self.workspace.of_steps(source.width)
            self.writer.do(both_of(squash), at, source, self.slopes[state])
        return TracedValue(at.width, at)
