"""What is connected in a cell, for mistakes to sit on: its factors, and what each is made of.

A factor is the derivative of one thing that a step makes by another, entry by entry. It comes from
the complex step on the declared step forward, never from the factors that a cell declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from bpttcheck.activations import linear
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.graph import Graph
from bpttcheck.cells.probe import Probe, some_values

Edge = tuple[str, str]
"""(over, under): over depends on under."""

CANDIDATE = "candidate"


class _Bare(Probe):
    """A step whose states are let out as they are, not squashed."""

    def squashed(self, state: str) -> Array:
        return np.asarray(linear.value(self.values[state]))


def factor(cell: Cell, values: Mapping[str, Array], edge: Edge, bare: bool = False) -> Array:
    """Return ∂over/∂under at given values, all of one axis; ``bare`` without what squashes."""
    over, under = edge
    changed = {**values, under: perturbed(values[under], np.ones(()))}
    probe = (_Bare if bare else Probe)(cell, changed)
    cell.step(probe)
    made = probe.made[over]
    return np.asarray(derivative_of(made) + 0 * np.real(made))


@dataclass(frozen=True)
class Role:
    """A weight of a cell: its letter, the gate that it belongs to, or its own name.

    ``kind`` is W, U or b of a gate, H for the bias of a product, or that of a further weight: R
    for a matrix, P for one that acts entry by entry.
    """

    kind: str
    gate: str


@dataclass(frozen=True)
class Shape:
    """What is connected in a cell."""

    cell: Cell

    @property
    def graph(self) -> Graph:
        """What is connected, as the step found it."""
        return self.cell.graph

    @cached_property
    def gates(self) -> tuple[str, ...]:
        """The letters of the gates."""
        return tuple(self.cell.gates)

    @cached_property
    def plain(self) -> bool:
        """Whether there is one gate alone, whose weights are plain U, W and b."""
        return self.gates == ("",)

    @cached_property
    def further(self) -> tuple[str, ...]:
        """The states beside h."""
        return tuple(k for k in self.cell.states if k != "h")

    @cached_property
    def path(self) -> str:
        """The state that leads past the gates, or "" if none does."""
        return self.cell.path if (self.cell.path, f"{self.cell.path}-") in self.edges else ""

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """The gates that are called a candidate."""
        return tuple(k for k, gate in self.cell.gates.items() if gate.name == CANDIDATE)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge, those of what is made last first."""
        under = [*self.graph.nodes, *(f"{k}-" for k in self.cell.states), *self.cell.weights]
        return tuple(sorted(self.graph.edges, key=lambda e: (under.index(e[1]), e[0])))

    @cached_property
    def into(self) -> dict[str, tuple[str, ...]]:
        """By what is under: what depends on it."""
        found: dict[str, tuple[str, ...]] = {}
        for over, under in self.edges:
            found[under] = (*found.get(under, ()), over)
        return found

    @cached_property
    def read(self) -> dict[str, str]:
        """What W_k multiplies, by gate: ``h-`` or ``read_k``."""
        return {k: product.read for product in self.graph.products for k in product.gates}

    @cached_property
    def apart(self) -> dict[str, Edge]:
        """The edge at which a product is met, by the gates whose product is a thing of its own."""
        return {k: (f"a_{k}", f"q_{k}") for k in self.graph.apart}

    @cached_property
    def readers(self) -> dict[str, tuple[str, ...]]:
        """By what is read: the gates whose weights multiply it."""
        return {product.read: product.gates for product in self.graph.products}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """Every weight but those of the outputs."""
        found = {of(kind, k): Role(kind, k) for kind in "WUb" for k in self.gates}
        hidden = {f"b_W{k}": Role("H", k) for k in self.apart}
        more = {
            name: hidden.get(name, Role("R" if len(symbols) > 1 else "P", name))
            for name, symbols in self.cell.weights.items()
        }
        return found | more

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of every role that is a sum over steps; V is one of its own, c a bias."""
        return {role: one.kind for role, one in self.roles.items()} | {"V": "V", "c": "b"}

    @cached_property
    def needs(self) -> dict[Edge, tuple[str, ...]]:
        """What each factor is made of."""
        values = some_values(self.cell)
        elsewhere = {name: {**values, name: a + 1.0} for name, a in values.items()}
        found = {}
        for edge in self.edges:
            here = factor(self.cell, values, edge)
            found[edge] = tuple(
                name
                for name, there in elsewhere.items()
                if (factor(self.cell, there, edge) != here).any()
            )
        return found

    @cached_property
    def complements(self) -> frozenset[Edge]:
        """The edges whose factor is made of one gate, and is not that gate."""
        values = some_values(self.cell)
        alone = {edge: made[0] for edge, made in self.needs.items() if len(made) == 1}
        return frozenset(
            edge
            for edge, k in alone.items()
            if k in self.gates and (factor(self.cell, values, edge) != values[k]).any()
        )

    @cached_property
    def linear(self) -> dict[str, str]:
        """Each further matrix, and the node that it makes."""
        return dict(self.graph.linear)

    def carrying(self, state: str) -> Edge:
        """Return the edge from a state to the one before it."""
        return state, f"{state}-"

    @cached_property
    def sharing(self) -> dict[str, Edge]:
        """The gates that share out between old and new, and the edge at which they do."""
        found = {}
        for over, k in self.edges:
            if k in self.gates and k in self.needs.get(self.carrying(over), ()):
                made_of = self.needs[over, k]
                if f"{over}-" in made_of and any(j in made_of for j in self.gates):
                    found[k] = (over, k)
        return found

    def uses(self, gate: str) -> tuple[Edge, ...]:
        """Return the edges through which another gate hears of one: it reads through it."""
        by_another = [over for over in self.into[gate] if self.reader(over) in self.gates]
        return tuple((over, gate) for over in by_another if over not in self.cell.states)

    def reader(self, over: str) -> str:
        """Return the gate that something read, or added to a pre-activation, belongs to."""
        return over.partition("_")[2]


@cache
def shape_of(cell: Cell) -> Shape:
    """Return what is connected in a cell."""
    return Shape(cell)
