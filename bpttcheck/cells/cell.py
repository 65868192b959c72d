"""A recurrent cell, declared: its gates, one step forward, and the factors of the way back.

    def step(s):                                       # the minimal gated unit
        f = s.gate("f", s.before("h"))                 # f_t = σ(U_f x_t + W_f h_{t−1} + b_f)
        g = s.gate("g", f * s.before("h"))
        s.state("h", (1 - f) * s.carried("h") + f * g)

    def factors(s):                                    # ∂over/∂under, entry by entry
        h, f, g = s["h-"], s["f"], s["g"]
        return {"h": {"f": g - h, "g": f, "h-": 1 - f}, "read_g": {"f": h, "h-": f}}

Every gate k has weights U_k (n, m), W_k (n, n) and a bias b_k (n,); every cell an output layer,
s_t = V h_t + b_s. All else is the same for every cell: the loops both ways, masks, layers,
truncation, Jacobians, identities, diagnosis. A step knows no derivative; the factors say how the
things that it makes depend on each other, and what is connected is found by probing the step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bpttcheck.arguments import takes
from bpttcheck.cells.declaration import DECLARED, Declaration, Gate, of
from bpttcheck.cells.graph import Graph
from bpttcheck.cells.well_declared import declared

__all__ = ["Cell", "Gate", "of"]


@takes(**DECLARED)
@dataclass(frozen=True)
class Cell(Declaration):
    """A recurrent cell: what it is declared by, and what its step connects.

    Raises:
        TypeError, ValueError: it is not declared well: a gate made twice or not at all, a state
            that it does not have, a way back that is not that of its step; the message names it.
    """

    graph: Graph = field(init=False, repr=False, compare=False)
    """What is connected, found by running the step."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "graph", declared(self))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Cells of one name may differ in their activations alone, and many are looked up.
        return hash((self.name, self.step, *(gate.squash.value for gate in self.gates.values())))

    @cached_property
    def matrices(self) -> frozenset[str]:
        """The names of the weights that cannot be left out: all but the biases."""
        return frozenset(name for name, symbols in self.axes.items() if len(symbols) > 1)

    @cached_property
    def names(self) -> dict[str, Any]:
        """The weights' names in the order of the stacks: ``U``, ``b``, and ``W`` by product."""
        order = self.graph.order
        found: dict[str, Any] = {k: [of(k, gate) for gate in order] for k in ("U", "b", "a")}
        return found | {"W": [[of("W", gate) for gate in p.gates] for p in self.graph.products]}
