"""A network linearised at a point: what every backward pass there is made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import of
from bpttcheck.diagnosis.recognition.recognised import RecognisedNetwork
from bpttcheck.diagnosis.recognition.shape import Edge, factor, shape_of

ByName = Mapping[str, Array]


class Linearised:
    """A network at a point: every factor and slope that a backward pass is made of."""

    def __init__(self, network: RecognisedNetwork) -> None:
        self.net, self.run, self.cell = network, network.run, network.cell
        self.shape = shape_of(network.cell)
        self.T, self.B, self.m = network.x.shape
        self.p = self.run.s.shape[-1]
        self.a = {k: self.run.made[of("a", k)] for k in self.shape.gates}
        self.n = self.a[self.shape.gates[0]].shape[-1]
        self.W = {r.gate: name for name, r in self.shape.roles.items() if r.kind == "W"}
        self.U = {r.gate: name for name, r in self.shape.roles.items() if r.kind == "U"}
        self.V = network.weights["V"]
        self.do = network.output_gradient()
        self.inject = self.injected(self.do)
        like = {k: self.run.made[k][1:] for k in self.cell.states}
        self.of_states = {k: np.broadcast_to(network.on(k), a.shape) for k, a in like.items()}
        self.slopes = {k: self.cell.gates[k].squash.derivative(a) for k, a in self.a.items()}

    def recurrent(self, gate: str) -> Array:
        """Return W_k."""
        return self.net.weights[self.W[gate]]

    def of_input(self, gate: str) -> Array:
        """Return U_k."""
        return self.net.weights[self.U[gate]]

    def injected(self, do: Array) -> Array:
        """Return what the states get of their own step: through the outputs, and as outputs."""
        return np.asarray(do @ self.V + self.net.on("h"))

    @cached_property
    def values(self) -> dict[str, Array]:
        """What a step is made of, all (T, B, n) but for matrices."""
        made = self.run.made
        found = {k: made[k] if k else made["h"][1:] for k in self.shape.gates}
        for k in self.cell.states:
            found |= {f"{k}-": made[k][:-1], k: made[k][1:]}
        found |= {k: made[k] for k in self.shape.graph.nodes if k.startswith("q_")}
        for name, symbols in self.cell.weights.items():
            w = self.net.weights[name]
            found[name] = np.broadcast_to(w, (self.T, self.B, *w.shape)) if len(symbols) < 2 else w
        return found

    @cached_property
    def _flat(self) -> dict[str, Array]:
        return {k: a.reshape(-1) for k, a in self.values.items()}

    def made_of(self, edge: Edge, other: ByName | None = None, bare: bool = False) -> Array:
        """Return a factor (T, B, n), of other values than those of the run."""
        like = self.values[edge[1]]
        changed = {k: np.broadcast_to(a, self.values[k].shape) for k, a in (other or {}).items()}
        flat = self._flat | {k: a.reshape(-1) for k, a in changed.items()}
        return factor(self.cell, flat, edge, bare).reshape(like.shape)

    @cached_property
    def factors(self) -> dict[Edge, Array]:
        """Every factor, (T, B, n)."""
        return {edge: self.made_of(edge) for edge in self.shape.edges}

    @cached_property
    def rights(self) -> ByName:
        """What each step contributes to a sum from the front, by role; one for a bias."""
        return {role: self._right_of(role, kind) for role, kind in self.shape.kinds.items()}

    def _right_of(self, role: str, kind: str) -> Array:
        if kind in "bH":
            return np.ones((self.T, self.B, 1))
        if kind == "P":
            return self.factors[self.shape.into[role][0], role]
        if kind == "U":
            return self.net.x
        if kind == "V":
            return self.run.made["h"][1:]
        read = f"read_{role}" if kind == "R" else self.shape.read[self.shape.roles[role].gate]
        return self.run.made[read] if read != "h-" else self.run.made["h"][:-1]

    @cached_property
    def sizes(self) -> dict[str, float]:
        """The factors that a mean or a sum in the wrong place makes, by name."""
        return sizes_of(self.T, self.B, self.n, self.m, self.p) | self.net.factors


def sizes_of(*sizes: int) -> dict[str, float]:
    """Return the factors that a mean or a sum in the wrong place makes, by name."""
    T, B, n, m, p = map(float, sizes)
    found = {"½": 0.5, "2": 2.0}
    named = {"T": T, "B": B, "TB": T * B, "n": n, "m": m, "p": p, "Tp": T * p, "Bp": B * p}
    named |= {"TBp": T * B * p, "T²": T * T, "B²": B * B}
    for name, size in named.items():
        found |= {name: size, f"1/{name}": 1 / size}
    means = {name: named[name] for name in ("TB", "T", "B", "p")}
    found |= {f"2/{name}": 2 / size for name, size in means.items()}
    return found | {f"{name}/2": size / 2 for name, size in means.items()}
