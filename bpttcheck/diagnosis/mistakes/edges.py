"""The edges of a cell's graph: what each is, what mistakes at it are called, how one is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Base, Flow
from bpttcheck.diagnosis.mistakes.mistake import Make, Pass
from bpttcheck.diagnosis.mistakes.operands import symbol
from bpttcheck.diagnosis.mistakes.slopes import EVERYWHERE, MESSAGE, SUMS, placed
from bpttcheck.diagnosis.recognition.shape import Edge, Shape

Change = Callable[[Base, Edge], Array]

PARTNER, KEEP, LET_OUT, READ, USE, LOOK = "partner", "keep", "let out", "read", "use", "look"
"""What an edge is: from a gate to the state that it enters; from a state to the one before; from a
state to what lets it out; from what a gate reads to the state, or to another gate; from a
pre-activation to a state that it looks at."""

MISSING = {PARTNER: "gate-partner-missing", READ: "reading-forgotten", USE: "gate-use-wrong"}
WRONGS = {
    PARTNER: "gate-partner-wrong",
    LET_OUT: "output-gate-wrong",
    READ: "reading-wrong",
    USE: "gate-use-wrong",
    LOOK: "gate-partner-wrong",
}
PAST = ("direct-path-wrong", "forget-gate-wrong")
"""A wrong factor past the gates: on the path of h, and along a further state."""

TOLD = {
    PARTNER: "in ∂L/∂a_{under}",
    KEEP: "on the path past the gates",
    LET_OUT: "on the way to {under}_t",
    READ: "in what comes back through W_{reader}",
    USE: "in what a_{reader} tells the gate {under}",
    LOOK: "in what a_{reader} tells {under}",
}

NAMED = {
    "update gate": {
        "coupling-forgotten": "update-path-missing",
        "coupling-sign": "update-sign",
        "coupling-swapped": "update-swapped",
    },
    "reset gate": {
        "reading-forgotten": "reset-forgotten",
        "reading-wrong": "reset-wrong",
        "gate-use-wrong": "reset-driver-wrong",
    },
}
"""What mistakes are called where a gate has a name of its own for what it does."""


def named(shape: Shape, cause: str, gate: str) -> str:
    """Return a cause as it is called of a gate."""
    name = shape.cell.gates[gate].name if gate in shape.gates else ""
    return NAMED.get(name, {}).get(cause, cause)


def right(base: Base, edge: Edge) -> Array:
    """Return a factor as it is."""
    return base.factors[edge]


def times(factor: float, base: Base, edge: Edge) -> Array:
    """Return a multiple of a factor."""
    return factor * base.factors[edge]


def ones(base: Base, edge: Edge) -> Array:
    """Return ones: the factor left out."""
    return np.ones_like(base.factors[edge])


def with_other(name: str, other: Callable[[Base], Array], base: Base, edge: Edge) -> Array:
    """Return a factor in which something else stands for a value."""
    return base.made_of(edge, {name: other(base)})


def minus(change: Change, base: Base, edge: Edge) -> Array:
    """Return a change with the wrong sign."""
    return -change(base, edge)


def changed(edges: Sequence[Edge], change: Change, where: str = EVERYWHERE) -> Make:
    """Return the making of a pass with some factors changed."""

    def make(base: Base) -> Flow:
        found = {edge: change(base, edge) + 0 * base.factors[edge] for edge in edges}
        return placed(base, where, factors=found)

    return make


@dataclass(frozen=True)
class Connection:
    """An edge of a cell's graph: what it is, and the mistakes that are made at it."""

    shape: Shape
    edge: Edge

    @cached_property
    def kind(self) -> str:
        """What the edge is; "" of one that no pass goes through."""
        shape, (over, under) = self.shape, self.edge
        if under in shape.cell.weights:
            return ""
        if over in shape.cell.states or shape.reader(over) in shape.linear:
            if under in shape.gates:
                return PARTNER
            let_out = LET_OUT if under in shape.further else ""
            return KEEP if self.edge == shape.carrying(over) else let_out
        if under in shape.gates:
            return PARTNER if len(shape.into[under]) == 1 else USE
        if under.startswith("q_") or over.startswith("read_"):
            return READ if under in ("h-", *shape.graph.nodes) else LOOK
        return LOOK

    @property
    def needs(self) -> tuple[str, ...]:
        """What the factor is made of."""
        return self.shape.needs[self.edge]

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that it is made of."""
        return tuple(name for name in self.needs if name in self.shape.gates)

    @property
    def wrong(self) -> str:
        """What a wrong factor is called."""
        return WRONGS.get(self.kind, PAST[self.edge[0] in self.shape.further])

    def told(self, cause: str, detail: str) -> str:
        """Return what is done, and at which edge where the cause does not say it."""
        if cause in (WRONGS[LET_OUT], *PAST):
            return detail
        over, under = self.edge
        named = under if under in (*self.shape.gates, *self.shape.further) else symbol(under)
        at = TOLD[self.kind].format(under=named, reader=self.shape.reader(over))
        return f"{detail} {at}".strip()

    def about(self, where: str = EVERYWHERE) -> str:
        """Return what the factor is part of the gradient of: a gate, a state, or weights."""
        under = self.edge[1].removesuffix("-")
        if under.startswith("q_") and where == SUMS:
            return f"W_{under[2:]}"
        return "h" if under.startswith(("q_", "read_")) else under

    def mistaken(self, cause: str, detail: str, change: Change) -> Iterator[Pass]:
        """Yield the mistake where it may be made: everywhere, and in the sums over time alone."""
        told = self.told(cause, detail)
        wheres = [EVERYWHERE]
        if self.edge[1] in self.shape.gates:
            wheres.append(SUMS)
        if self.edge[1].startswith("q_"):  # the product's gradient is a thing of its own
            wheres += [MESSAGE, SUMS]
        for where in wheres:
            make = changed((self.edge,), change, where)
            yield Pass(cause, f"{told} {where}".strip(), make, self.about(where))
