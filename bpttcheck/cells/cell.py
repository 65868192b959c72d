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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bpttcheck.activations import Activation, tanh

if TYPE_CHECKING:
    from bpttcheck.cells.factors import Factors, Values
    from bpttcheck.cells.graph import Graph
    from bpttcheck.cells.step import Step

OUTPUT: Mapping[str, tuple[str, ...]] = {"V": ("p", "n"), "b_s": ("p",)}
RESERVED = ("x", "y", "s", "V", "L", "T", "d", "mask")


@dataclass(frozen=True)
class Gate:
    """A gate or candidate: what it is called, in words, and what it is squashed by."""

    name: str
    squash: Activation


@dataclass(frozen=True)
class Cell:
    """A recurrent cell.

    Attributes:
        name: as in ``bpttcheck.mgu``.
        title: as a heading has it.
        gates: by letter; ``""`` for the one of a cell whose weights are plain U, W and b.
        step: makes every gate and every state of a step, once each.
        states: what is given initially and carried on, by letter, with words; always ``"h"``,
            which the output layer reads.
        factors: the derivatives of what a step makes, entry by entry; None for a cell that is
            only run forward, and recognised.
        path: the letter of the state that leads past the gates.
        squash: what a state is squashed by where it is let out, for a cell that does so.
        weights: further weights that the step asks for, with the symbols of their axes.
        widths: the symbol of a state's size where that is not n.
        options: what the kind of the cell was chosen by, such as ``reset``.
        source: author, year, equation.
    """

    name: str
    title: str
    gates: Mapping[str, Gate]
    step: Callable[[Step], None]
    states: Mapping[str, str]
    factors: Callable[[Values], Factors] | None = None
    path: str = "h"
    squash: Activation = tanh
    weights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    widths: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""

    graph: Graph = field(init=False, repr=False, compare=False)
    """What is connected, found by running the step."""

    def __post_init__(self) -> None:
        from bpttcheck.cells.probe import declared  # it runs the step of a whole cell

        object.__setattr__(self, "graph", declared(self))

    def __hash__(self) -> int:
        return hash((self.name, self.step, *self.gates))

    def width(self, state: str) -> str:
        """Return the symbol of a state's size."""
        return self.widths.get(state, "n")

    @cached_property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """The symbols of the axes of every weight, by name."""
        read = self.width("h")
        found: dict[str, tuple[str, ...]] = {}
        for letter, symbols in (("U", ("n", "m")), ("W", ("n", read)), ("b", ("n",))):
            found |= {of(letter, gate): symbols for gate in self.gates}
        return found | dict(self.weights) | {"V": ("p", read), "b_s": ("p",)}

    @cached_property
    def names(self) -> dict[str, Any]:
        """The weights' names in the order of the stacks: ``U``, ``b``, and ``W`` by product."""
        order = self.graph.order
        found: dict[str, Any] = {k: [of(k, gate) for gate in order] for k in ("U", "b", "a")}
        return found | {"W": [[of("W", gate) for gate in p.gates] for p in self.graph.products]}

    @cached_property
    def initial(self) -> tuple[str, ...]:
        """The names of the initial states: h0, and c0 of a cell with a state c."""
        return tuple(f"{letter}0" for letter in self.states)


def of(prefix: str, gate: str) -> str:
    """Return the name of what belongs to a gate: ``a_f``, or ``a`` of the only one of an RNN."""
    return f"{prefix}_{gate}" if gate else prefix
