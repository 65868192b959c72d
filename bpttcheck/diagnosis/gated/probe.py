"""What each thing in a step of a declared cell does to each other: the factors of the way back.

A step makes its states, and what its gates read, from gates and states by sums and products of
entries. So a derivative is an entry's, and the complex step finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.complex_step import derivative_of, perturbed
from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.gated.declared_cells import DECLARED
from bpttcheck.diagnosis.gated.network import GatedRun

Values = Mapping[str, Array]
"""Gates by letter, and of each state s what is ``s read``, ``s kept`` and ``s made``."""


class _Probe:
    """A step whose gates and states have given values, and which keeps what they are made of."""

    def __init__(self, cell: Cell, values: Values) -> None:
        self._cell, self._values = cell, values
        self.made: dict[str, Array] = {}

    def before(self, state: str) -> Array:
        return self._values[f"{state} read"]

    def carried(self, state: str) -> Array:
        return self._values[f"{state} kept"]

    def gate(self, letter: str, read: Array) -> Array:
        self.made[f"read_{letter}"] = read
        return self._values[letter]

    def gates(self, letters: str, read: Array) -> list[Array]:
        return [self.gate(letter, read) for letter in letters]

    def squashed(self, state: str) -> Array:
        return np.asarray(self._cell.squash.value(self._values[f"{state} made"]))

    def state(self, letter: str, value: Array) -> Array:
        self.made[letter] = value
        return self._values[f"{letter} made"]


def values_of(cell: Cell, run: GatedRun) -> dict[str, Array]:
    """Return the values of a run, all (T, B, n)."""
    values = dict(run.gates)
    for state in cell.states:
        s = run.c if state == "c" else run.h
        values |= {f"{state} read": s[:-1], f"{state} kept": s[:-1], f"{state} made": s[1:]}
    return values


def factors(cell: Cell, values: Values) -> dict[tuple[str, str], Array]:
    """Return the derivative of each state, and of each ``read_k``, by each of the values."""
    found: dict[tuple[str, str], Array] = {}
    like = 0 * values["h read"]
    for source, value in values.items():
        probe = _Probe(cell, {**values, source: perturbed(value, np.ones(()))})
        cell.step(probe)  # type: ignore[arg-type]
        for target, made in probe.made.items():
            found[target, source] = derivative_of(made) + like
    return found


Edge = tuple[str, ...]
"""A factor: ("partner", k), ("keep",), ("squash",), ("read", k), or ("use", k, gate it reads)."""


@dataclass(frozen=True)
class Shape:
    """What is connected in a declared cell.

    Attributes:
        order: the gates as they are made.
        enters: the state that each gate enters.
        places: of each edge the factor's key.
        needs: of each edge the values that its factor depends on.
        coupled: the gates that share out between what is kept and what is new.
    """

    order: tuple[str, ...]
    enters: Mapping[str, str]
    places: Mapping[Edge, tuple[str, str]]
    needs: Mapping[Edge, tuple[str, ...]]
    coupled: tuple[str, ...]

    def readers(self, gate: str) -> tuple[str, ...]:
        """Return the gates that read another one."""
        return tuple(edge[1] for edge in self.places if edge[0] == "use" and edge[2] == gate)


@cache
def shape_of(name: str) -> Shape:
    """Return the shape of a declared cell, found at random values."""
    cell = DECLARED[name].declared
    assert cell is not None
    rng = np.random.default_rng(0)
    names = [
        *cell.gates,
        *(f"{s} {word}" for s in cell.states for word in ("read", "kept", "made")),
    ]
    values = {name: rng.uniform(0.1, 0.9, 3) for name in names}
    probe = _Probe(cell, values)
    cell.step(probe)  # type: ignore[arg-type]
    order = tuple(name[5:] for name in probe.made if name.startswith("read_"))
    found = factors(cell, values)
    enters = {k: next(s for s in cell.states if found[s, k].any()) for k in order}
    path = cell.path
    places: dict[Edge, tuple[str, str]] = {("partner", k): (enters[k], k) for k in order}
    places["keep",] = path, f"{path} kept"
    if "c" in cell.states:
        places["squash",] = "h", "c made"
    for k in order:
        if (found[f"read_{k}", "h read"] != 1).any():
            places["read", k] = f"read_{k}", "h read"
        places |= {("use", k, j): (f"read_{k}", j) for j in order if found[f"read_{k}", j].any()}
    elsewhere = {name: factors(cell, {**values, name: a + 1.0}) for name, a in values.items()}
    needs = {
        edge: tuple(name for name, at in elsewhere.items() if (at[key] != found[key]).any())
        for edge, key in places.items()
    }
    coupled = tuple(
        k for k in order if k in needs["keep",] and "g" in needs["partner", k]
        and f"{path} kept" in needs["partner", k]
    )  # fmt: skip
    return Shape(order, enters, places, needs, coupled)
