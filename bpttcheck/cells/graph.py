"""What is connected in a cell, found by running its step once at random values.

nodes      gates k, products q_k, what is read where it is no state before, states
products   W_k, all that read the same together: one product a step each way
edges      what depends on what, entry by entry
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """The weights W_k of some gates that read the same, multiplied as one.

    Attributes:
        gates: their letters, in the order of the stack.
        read: ``"h-"``, or the name of what is read, ``read_k`` for the first of them.
    """

    gates: tuple[str, ...]
    read: str


@dataclass(frozen=True, eq=False)
class Graph:
    """What is connected in a cell.

    Attributes:
        order: the gates in the order in which they are made, which is that of every stack.
        nodes: all that a step makes, in that order.
        products: what is multiplied by the weights of gates.
        apart: the gates whose product is a node of its own, q_k.
        linear: each further matrix by name, and the node that it makes, q_R of R.
        edges: pairs (over, under): over depends on under, entry by entry.
    """

    order: tuple[str, ...]
    nodes: tuple[str, ...]
    products: tuple[Product, ...]
    apart: frozenset[str]
    linear: tuple[tuple[str, str], ...]
    edges: frozenset[tuple[str, str]]
