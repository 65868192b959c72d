"""What a cell is declared by: its gates, a step, the letters of its states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bpttcheck.activations import Activation, tanh
from bpttcheck.arguments import (
    Kind,
    function,
    got,
    instance,
    mapping,
    mapping_of,
    optional,
    takes,
    text,
    texts,
)
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step

RESERVED = ("x", "y", "s", "V", "L", "T", "d", "mask")


@takes(name=text, squash=instance(Activation, "an Activation"))
@dataclass(frozen=True)
class Gate:
    """A gate or candidate: what it is called, in words, and what it is squashed by.

    Raises:
        TypeError: no text, or no Activation.
    """

    name: str
    squash: Activation


def _axes(name: str, given: Any) -> tuple[str, ...]:
    """Return the symbols of the axes of a weight."""
    if not isinstance(given, tuple | list) or not all(isinstance(s, str) for s in given):
        raise TypeError(f"{name}: expected symbols of axes, such as ('n',), got {got(given)}")
    return tuple(given)


DECLARED: dict[str, Kind] = {
    "name": text,
    "title": text,
    "gates": mapping_of(instance(Gate, "a Gate"), "gates"),
    "step": function,
    "states": texts,
    "factors": optional(function),
    "path": text,
    "squash": instance(Activation, "an Activation"),
    "weights": mapping_of(_axes, "symbols of axes"),
    "widths": texts,
    "options": mapping("options"),
    "source": text,
}
"""What a cell is declared by."""


@dataclass(frozen=True)
class Declaration:
    """A recurrent cell, as it is declared.

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

    @takes(state=text)
    def width(self, state: str) -> str:
        """Return the symbol of a state's size.

        Raises:
            TypeError: ``state`` is no letter.
        """
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
    def initial(self) -> tuple[str, ...]:
        """The names of the initial states: h0, and c0 of a cell with a state c."""
        return tuple(f"{letter}0" for letter in self.states)


def of(prefix: str, gate: str) -> str:
    """Return the name of what belongs to a gate: ``a_f``, or ``a`` of the only one of an RNN."""
    return f"{prefix}_{gate}" if gate else prefix
