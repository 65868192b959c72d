"""The way back as a list of operations: a cell's schedule, with its factors on traced values."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from bpttcheck.bptt.compiled.operations import (
    ONE,
    STEP,
    Code,
    Operand,
    Operations,
    Untraceable,
    slope_of,
    value_of,
)
from bpttcheck.bptt.compiled.traced_step import TracedStep
from bpttcheck.bptt.compiled.traced_value import TracedValue, Writer
from bpttcheck.bptt.schedule import Act, Gather, Multiply, apart, schedule
from bpttcheck.cells.cell import of
from bpttcheck.cells.factors import Values


class TracedValues(Values):
    """What a step made, for a cell's factors to be made of."""

    def __init__(self, there: TracedStep, writer: Writer) -> None:
        ws, cell = there.workspace, there.cell
        self._writer = writer
        self._slopes = there.slopes
        places = {of("a", k): ws.own(k, there.a) for k in cell.gates if there.keep}
        places |= {k: ws.own(k, there.values) for k in cell.gates if k}
        places |= there.others | {k: ws.weight(k) for k in cell.weights}
        for k, at in there.states.items():
            places |= {k: at.later(ws.sizes["B"]), f"{k}-": at}
        self._places = places
        values: Any = {name: TracedValue(at.width, at) for name, at in places.items()}
        super().__init__(values, cell.squash)

    def squashed(self, state: str) -> Any:
        """Return a state as it is let out."""
        name = f"{self._squash.name}_{state}"
        return self[name] if name in self else self._made(value_of(self._squash), state)

    def slope(self, state: str) -> Any:
        """Return the derivative of what squashes a state."""
        if state in self._slopes:
            at = self._slopes[state]
            return TracedValue(at.width, at)
        return self._made(slope_of(self._squash), state)

    def _made(self, code: Code, state: str) -> TracedValue:
        writer, source = self._writer, self._places[state]
        at = writer.do(code, writer.workspace.of_a_step(source.width), source)
        return TracedValue(at.width, at)


class TracedWayBack:
    """A step back, and what is done to a block of steps before and after.

    Attributes:
        operations: the way back.
        sums: where ∂L/∂ of the weights begin, which lie as the weights do.
        messages: ∂L/∂ of the states before the block that was gone through last, by letter.
        dx: in the place of x, which is read for the last time before.
        ds: ∂L/∂s_t, which is given, in the place of s.
        d: ∂L/∂ of each state, of the steps of a block and the one before; by letter.
        da: ∂L/∂a of all gates side by side, of the steps of a block.
    """

    def __init__(self, there: TracedStep) -> None:
        self.there, self.workspace, self.cell = there, there.workspace, there.cell
        ws, cell, self.graph = self.workspace, self.cell, self.cell.graph
        self.operations = Operations()
        self.plan = schedule(cell, False)
        # What is looked at to be finite lies side by side: all to the first of the rooms below.
        self.sums = ws.room(ws.weights)
        self.messages = {k: ws.of_a_step(ws.width(k)) for k in cell.states}
        self.dx, self.ds = ws.x, there.s
        self.sums_end = ws.size
        self.da = ws.of_a_block(ws.stack)
        self.d = {k: ws.of_a_block(ws.width(k), more=1) for k in cell.states}
        self.end = ws.size
        self.rooms: dict[str, Operand] = {}
        for name, made in self.graph.linear:
            high, wide = ws.shapes[name]
            self.rooms[made] = ws.of_a_block(high)
            self.rooms[f"read_{name}"] = ws.of_a_step(wide)
        self.met: list[Operand] = []
        for p in self.graph.products:
            if p.read != "h-" and p.read not in self.rooms:
                self.rooms[p.read] = ws.of_a_step(ws.width("h"))
            if apart(self.graph, p):
                self.met.append(ws.of_a_block(len(p.gates) * ws.n))
            else:
                first = self.graph.order.index(p.gates[0]) * ws.n
                self.met.append(self.da.part(first, len(p.gates) * ws.n))
        self._begin()
        self._step()
        self._end()

    def _of(self, name: str) -> Operand:
        """Return where ∂L/∂ of a thing of a step lies."""
        if name in self.cell.states:
            return self.d[name].later(self.workspace.sizes["B"])
        if name[-1:] == "-":
            return self.d[name[:-1]]
        if name in self.rooms:
            return self.rooms[name]
        for k in self.graph.order:
            if name in (k, of("a", k)):
                return self.workspace.own(k, self.da)
        for p, met in zip(self.graph.products, self.met, strict=True):
            if name[2:] in p.gates:
                return met.part(p.gates.index(name[2:]) * self.workspace.n, self.workspace.n)
        raise Untraceable(f"∂L/∂{name}")

    def _begin(self) -> None:
        """Write what is done before the steps of a block: what comes from s, and from later."""
        ws, found = self.workspace, self.operations
        once, before, enter = (
            Writer(ws, section) for section in (found.once, found.before, found.enter)
        )
        once.do(Code.FILL_ZERO, Operand(self.sums, ws.weights, ws.weights), rows=ONE)
        for k, message in self.messages.items():
            once.do(Code.FILL_ZERO, message)
            first, rest = self.d[k], self._of(k)
            if k == "h":
                before.do(Code.PRODUCT, rest, self.ds, ws.weight("V"))
                before.do(Code.FILL_ZERO, first, rows=STEP)
                enter.do(Code.ADD_TO, first, message)
            elif k in self.plan.kept:
                enter.do(Code.COPY, first, message)
            else:
                before.do(Code.FILL_ZERO, rest)
                before.do(Code.FILL_ZERO, first, rows=STEP)
                enter.do(Code.ADD_TO, first, message)

    def _step(self) -> None:
        writer = Writer(self.workspace, self.operations.step)
        slopes = self._slopes(writer)
        assert self.cell.factors is not None
        factors = {
            (over, under): factor
            for over, by in self.cell.factors(TracedValues(self.there, writer)).items()
            for under, factor in by.items()
        }
        for k in self.plan.idle:
            writer.do(Code.FILL_ZERO, self._of(of("a", k)))
        for act in self.plan.acts:
            self._act(act, writer, factors, slopes)
        for (over, under), factor in factors.items():
            if under in self.cell.weights:
                source, ws = self._of(over), self.workspace
                effect = ws.of_a_step(source.width)
                writer.do(Code.MULTIPLY, effect, source, writer.make(factor, width=source.width))
                sums = ws.weight(under)
                writer.do(Code.SUM_ADD, self._sum(under, sums.width), effect)

    def _slopes(self, writer: Writer) -> dict[str, TracedValue]:
        """Return the slope of every gate: where a was, or else made of gates side by side."""
        ws, order = self.workspace, self.graph.order
        if not self.there.keep:
            return {k: TracedValue(ws.n, ws.own(k, self.there.a)) for k in order}
        at, first = ws.of_a_step(ws.stack), 0
        for squash, alike in groupby(order, lambda k: self.cell.gates[k].squash):
            width = len([*alike]) * ws.n
            writer.do(slope_of(squash), at.part(first, width), self.there.a.part(first, width))
            first += width
        return {k: TracedValue(ws.n, ws.own(k, at)) for k in order}

    def _act(self, act: Act, writer: Writer, factors: Any, slopes: Any) -> None:
        ws = self.workspace
        if isinstance(act, Gather):
            met = self.met[act.product]
            for place, k in enumerate(act.gates, start=act.place):
                writer.do(Code.COPY, met.part(place * ws.n, ws.n), self._of(of("a", k)))
        elif isinstance(act, Multiply):
            code = Code.PRODUCT_ADD if act.add else Code.PRODUCT
            if act.linear:
                source = self._of(dict(self.graph.linear)[act.linear])
                matrix, into = ws.weight(act.linear), f"read_{act.linear}"
            else:
                p = self.graph.products[act.product]
                source, into = self.met[act.product], p.read
                matrix = ws.weight(of("W", p.gates[0]))
            writer.do(code, self._of(into), source, matrix)
        else:
            source = self._of(act.over)
            for under in act.unders:
                factor = factors[act.over, under]
                if under in self.cell.gates:
                    one = not isinstance(factor, TracedValue) and factor == 1
                    factor = slopes[under] if one else slopes[under] * factor
                self._times(writer, source, factor, self._of(under), act.add)

    def _times(
        self, writer: Writer, source: Operand, factor: Any, into: Operand, add: bool
    ) -> None:
        if not isinstance(factor, TracedValue) and factor == 1:
            writer.do(Code.ADD_TO if add else Code.COPY, into, source)
        else:
            code = Code.MULTIPLY_ADD if add else Code.MULTIPLY
            writer.do(code, into, source, writer.make(factor, width=source.width))

    def _sum(self, name: str, width: int) -> Operand:
        """Return where the sum over steps of ∂L/∂ of a weight is, which is the first of several."""
        return Operand(self.sums + self.workspace.starts[name], width, 0)

    def _end(self) -> None:
        """Write what is done after the steps of a block: sums over them, ∂L/∂x, the message."""
        ws, there, names, after = (
            self.workspace,
            self.there,
            self.cell.names,
            Writer(self.workspace, self.operations.after),
        )
        h = there.states["h"]
        after.do(Code.OUTER_ADD, self._sum(names["U"][0], ws.sizes["m"]), self.da, ws.x)
        after.do(Code.SUM_ADD, self._sum(names["b"][0], ws.stack), self.da)
        for p, met in zip(self.graph.products, self.met, strict=True):
            read = h if p.read == "h-" else there.others[p.read]
            after.do(Code.OUTER_ADD, self._sum(of("W", p.gates[0]), read.width), met, read)
            for k in p.gates:
                if k in self.graph.apart:
                    part = met.part(p.gates.index(k) * ws.n, ws.n)
                    after.do(Code.SUM_ADD, self._sum(f"b_W{k}", ws.n), part)
        for name, made in self.graph.linear:
            read = there.others[f"read_{name}"]
            after.do(Code.OUTER_ADD, self._sum(name, read.width), self.rooms[made], read)
        made_h = h.later(ws.sizes["B"])
        after.do(Code.OUTER_ADD, self._sum("V", h.width), self.ds, made_h)
        after.do(Code.SUM_ADD, self._sum("b_s", ws.sizes["p"]), self.ds)
        after.do(Code.PRODUCT, self.dx, self.da, Operand(ws.starts[names["U"][0]], 0, 0))
        for k, message in self.messages.items():
            after.do(Code.COPY, message, self.d[k], rows=STEP)
