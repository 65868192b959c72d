"""In which order a step back goes, of any cell: from what is connected alone, once for each cell.

What depends on nothing further is done first: the states as they were made, last to first, then
the gates. What several things add to is put there by the first and added to by the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.graph import Graph, Product


@dataclass(frozen=True)
class Times:
    """∂L/∂over times factors, put or added where its unders are: one, or gates side by side."""

    over: str
    unders: tuple[str, ...]
    add: bool


@dataclass(frozen=True)
class Multiply:
    """What comes to something, times a matrix: W of a product (by its index), or a further one."""

    product: int
    linear: str
    add: bool


@dataclass(frozen=True)
class Gather:
    """∂L/∂a_k of gates side by side, to where the product of their weights meets it, if apart."""

    gates: tuple[str, ...]
    product: int
    place: int


Act = Times | Multiply | Gather


@dataclass(frozen=True)
class Schedule:
    """A step back.

    Attributes:
        acts: what is done, in order.
        idle: gates that nothing depends on.
        kept: states that something of the step after them is put to.
        apart: of each product, whether what it meets is no part of ∂L/∂a.
    """

    acts: tuple[Act, ...]
    idle: tuple[str, ...]
    kept: tuple[str, ...]
    apart: tuple[bool, ...]


def beside(graph: Graph, gates: Sequence[str]) -> bool:
    """Return whether gates lie side by side in the stack."""
    first = graph.order.index(gates[0])
    return tuple(gates) == graph.order[first : first + len(gates)]


def apart(graph: Graph, p: Product) -> bool:
    """Return whether what a product meets is no part of ∂L/∂a."""
    return not beside(graph, p.gates) or bool(graph.apart & set(p.gates))


@lru_cache(256)
def schedule(cell: Cell, masked: bool) -> Schedule:
    """Return a step back; with a mask, in which every state depends on that before."""
    graph = cell.graph
    edges = set(graph.edges)
    if masked:
        edges |= {(k, f"{k}-") for k in cell.states}
    begun = {*cell.states, "h-"}  # what has something in it, to be added to
    acts: list[Act] = []
    for node in reversed(graph.nodes):
        for j, p in enumerate(graph.products):
            if p.read == node:
                acts += _product(graph, j, begun)
        for name, made in graph.linear:
            if made == node:
                acts += [Multiply(-1, name, False)]
                acts += _entrywise(cell, edges, f"read_{name}", begun)
        acts += _entrywise(cell, edges, of("a", node) if node in cell.gates else node, begun)
    for j, p in enumerate(graph.products):
        if p.read == "h-":
            acts += _product(graph, j, begun)
    idle = tuple(k for k in graph.order if k not in begun)
    kept = tuple(k for k in cell.states if f"{k}-" in begun)
    return Schedule(tuple(acts), idle, kept, tuple(apart(graph, p) for p in graph.products))


def _product(graph: Graph, j: int, begun: set[str]) -> Iterator[Act]:
    p = graph.products[j]
    if apart(graph, p):
        first = 0
        for last, k in enumerate(p.gates, start=1):
            if k in graph.apart:
                first = last
            elif p.gates[last : last + 1] and _goes_on(graph, p.gates[first : last + 1]):
                continue
            else:
                yield Gather(p.gates[first:last], j, first)
                first = last
    yield Multiply(j, "", p.read in begun)
    begun.add(p.read)


def _goes_on(graph: Graph, gates: Sequence[str]) -> bool:
    """Return whether the last of some gates lies beside the others, and is copied with them."""
    return gates[-1] not in graph.apart and beside(graph, gates)


def _entrywise(
    cell: Cell, edges: set[tuple[str, str]], over: str, begun: set[str]
) -> Iterator[Act]:
    order = cell.graph.order
    unders = [k for k in order if (over, k) in edges]
    while unders:
        count = 1
        while count < len(unders) and beside(cell.graph, unders[: count + 1]):
            count += 1
        together = unders[:count]
        if count > 1 and begun & set(together):
            together = unders[:1]
        yield Times(over, tuple(together), bool(begun & set(together)))
        begun |= set(together)
        unders = unders[len(together) :]
    for under in sorted(u for o, u in edges if o == over and u not in order):
        if under not in cell.weights:
            yield Times(over, (under,), under in begun)
            begun.add(under)
