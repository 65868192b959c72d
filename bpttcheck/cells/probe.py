"""A step run at given values: what is connected, and what the derivatives of its entries are.

Every gate and state has the value that the probe gives it, so that what a thing depends on is what
it depends on within the step. Derivatives are those of entries, by the complex step on the
declared step alone: nothing here knows the declared factors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.cells.declaration import Declaration, of
from bpttcheck.cells.graph import Graph, Product


class Probe:
    """A step whose gates and states have given values, and which keeps what they are made of.

    ``values`` has the gates by letter, the states made, those before as ``h-``, products ``q_k``
    and further weights.
    """

    def __init__(self, cell: Declaration, values: Mapping[str, Array]) -> None:
        self.cell, self.values = cell, values
        self.made: dict[str, Array] = {}
        """States, ``read_k`` and ``a_k`` (what a step adds to it), as far as they are made."""
        self.nodes: list[str] = []
        self.products: dict[int, tuple[list[str], str, Array]] = {}
        self.apart: list[str] = []
        self.linears: dict[str, str] = {}
        self.asked: set[str] = set()
        """Further weights that the step asks for."""

    def before(self, state: str) -> Array:
        """Return the state of the step before that is given."""
        return self._known(f"{state}-", "a state", [f"{k}-" for k in self.cell.states])

    carried = before

    def weight(self, name: str) -> Array:
        """Return the further weight that is given."""
        self.asked.add(name)
        return self._known(name, "a further weight", self._further(1))

    def gate(self, letter: str, read: Array | None = None, *, plus: Array | None = None) -> Array:
        """Return the gate that is given, and keep what it reads."""
        if letter not in self.cell.gates:
            known = ", ".join(map(repr, self.cell.gates))
            raise ValueError(self.told(f"gate {letter!r}: expected one of {known}"))
        if read is not None:
            self._multiplied(letter, read)
        if plus is not None:
            self._keep(of("a", letter), plus, "n")
        self._node(letter, "gate")
        return self.values[letter]

    def gates(
        self, letters: Iterable[str], read: Array | None = None, *, plus: Array | None = None
    ) -> Any:
        """Return the gates that are given."""
        return [self.gate(letter, read, plus=plus) for letter in letters]

    def product(self, letter: str, read: Array) -> Array:
        """Return the product that is given, and keep what is multiplied."""
        self._known(f"b_W{letter}", "a further weight", self._further(1))
        self._multiplied(letter, read)
        self.apart.append(letter)
        self._node(of("q", letter), "product")
        return self.values[of("q", letter)]

    def linear(self, name: str, read: Array) -> Array:
        """Return the product that is given, and keep what is multiplied."""
        self._known(name, "a matrix", self._further(2))
        self._keep(f"read_{name}", read, self.cell.weights[name][1])
        self.linears[name] = f"q_{name}"
        self._node(f"q_{name}", "product")
        return self.values[f"q_{name}"]

    def state(self, letter: str, value: Array) -> Array:
        """Return the state that is given, and keep what it is made of."""
        if letter not in self.cell.states:
            known = ", ".join(self.cell.states)
            raise ValueError(self.told(f"state {letter!r}: expected one of {known}"))
        self._keep(letter, value, self.cell.width(letter))
        self._node(letter, "state")
        return self.values[letter]

    def squashed(self, state: str) -> Array:
        """Return the given state as it is let out."""
        if state not in self.nodes:
            raise ValueError(self.told(f"squashed {state!r}: expected a state made before it"))
        return np.asarray(self.cell.squash.value(self.values[state]))

    def _multiplied(self, letter: str, read: Array) -> None:
        if read is self.values["h-"]:
            name = "h-"
        else:
            name = self.products[id(read)][1] if id(read) in self.products else of("read", letter)
        letters, _, _ = self.products.setdefault(id(read), ([], name, read))
        letters.append(letter)
        if name != "h-" and name not in self.made:
            self._keep(name, read, self.cell.width("h"))
            self._node(name, "what is read")

    def _node(self, name: str, kind: str) -> None:
        if name in self.nodes:
            raise ValueError(self.told(f"{kind} {name!r}: expected once, made twice"))
        self.nodes.append(name)

    def _keep(self, name: str, value: Any, symbol: str) -> None:
        size = len(self.values["h-" if symbol == self.cell.width("h") else next(iter(self.sized))])
        if np.shape(value) != (size,):
            raise ValueError(
                self.told(f"{name}: expected shape ({symbol},), got {np.shape(value)}")
            )
        self.made[name] = value

    @property
    def sized(self) -> Mapping[str, Array]:
        """The gates: as long as n."""
        return {k: self.values[k] for k in self.cell.gates}

    def _further(self, axes: int) -> list[str]:
        return [name for name, symbols in self.cell.weights.items() if len(symbols) == axes]

    def _known(self, name: str, kind: str, names: list[str]) -> Array:
        if name not in names:
            letters = ", ".join(k.removesuffix("-") for k in names) or "none"
            raise ValueError(
                self.told(f"{kind} {name.removesuffix('-')!r}: expected one of {letters}")
            )
        return self.values[name]

    def told(self, what: str) -> str:
        """Return what an error says of the step."""
        return f"cell {self.cell.name!r}, its step: {what}"


def some_values(cell: Declaration) -> dict[str, Array]:
    """Return values of everything in a step, no two alike."""
    rng = np.random.default_rng(0)
    n, r = 3, 2 if cell.widths else 3
    wide = {"n": n} | dict.fromkeys(cell.widths.values(), r)
    sizes = dict.fromkeys((*cell.gates, *(of("q", k) for k in cell.gates)), n)
    for k in cell.states:
        sizes |= {k: wide[cell.width(k)], f"{k}-": wide[cell.width(k)]}
    for name, symbols in cell.weights.items():
        if len(symbols) == 2:
            sizes[f"q_{name}"] = wide.get(symbols[0], n)
        sizes[name] = wide.get(symbols[0], n)
    return {name: rng.uniform(0.1, 0.9, size) for name, size in sizes.items()}


def whole_step(cell: Declaration, values: Mapping[str, Array]) -> Probe:
    """Run a step that makes all that it has to, and uses all that is declared."""
    probe = Probe(cell, values)
    cell.step(probe)
    for kind, letters in (("gate", cell.gates), ("state", cell.states)):
        for k in letters:
            if k not in probe.nodes:
                raise ValueError(probe.told(f"{kind} {k!r}: expected once, not made"))
    used = {*probe.asked, *probe.linears, *(f"b_W{k}" for k in probe.apart)}
    for name in cell.weights:
        if name not in used:
            raise ValueError(probe.told(f"a further weight {name!r}: expected to be used, is not"))
    if "" in cell.gates and probe.made["h"] is not values[""]:
        raise ValueError(probe.told("gate '': expected to be the state, as in a vanilla RNN"))
    return probe


def connected(probe: Probe, found: Mapping[tuple[str, str], Array]) -> Graph:
    """Return what is connected in a cell, from a step that was run and its derivatives."""
    cell = probe.cell
    return Graph(
        tuple(k for k in probe.nodes if k in cell.gates),
        tuple(probe.nodes),
        tuple(Product(tuple(letters), read) for letters, read, _ in probe.products.values()),
        frozenset(probe.apart),
        tuple(probe.linears.items()),
        frozenset(edge for edge, factor in found.items() if np.any(factor)),
    )


def derivatives(cell: Declaration, values: Mapping[str, Array]) -> dict[tuple[str, str], Array]:
    """Return ∂over/∂under within a step, entry by entry, by the complex step on the step forward.

    Arguments:
        cell: a declared cell.
        values: of everything that a step makes or is given, any shape that broadcasts.
    """
    found: dict[tuple[str, str], Array] = {}
    for under, value in values.items():
        probe = Probe(cell, {**values, under: perturbed(value, np.ones(()))})
        cell.step(probe)
        for over, made in probe.made.items():
            found[over, under] = derivative_of(made) + 0 * np.real(made)
    return found
