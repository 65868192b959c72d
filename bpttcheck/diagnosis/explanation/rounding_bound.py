"""What rounding may do to the gradients of a recognised network."""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Base, Flow
from bpttcheck.diagnosis.mistakes.embeddings import EMBEDDED
from bpttcheck.diagnosis.recognition.shape import Edge

ETA = 2.0**-16
"""A share: to first order, what is found in units of it is found in units of roundoff."""


def roles_of(base: Base) -> tuple[str, ...]:
    """Return all roles that have a gradient."""
    return (*base.shape.kinds, "x", *base.cell.initial)


def rounding(base: Base) -> dict[str, float]:
    """Return what rounding may do to each role's gradient, in units of roundoff.

    Every factor of the pass is off by at most K roundings of itself, or of the terms that it is a
    difference of, slopes and the output gradient by K roundings of one, K the number of operations
    behind it. To first order their effect is the derivative of the pass on moduli, taken by a small
    quotient. What rounding does to the states on the way is seen by moving the parameters at random
    by a share η.
    """
    K = 8 + base.T + len(base.shape.gates) * base.n + base.m + base.p + base.B
    low, high = _moduli(base, 0.0), _moduli(base, ETA)
    found = {role: high[role] - low[role] for role in low}
    rng = np.random.default_rng(0)
    for _ in range(2):
        moved = Base(base.net.moved(ETA, rng)).right
        for role in found:
            change = np.abs(moved.gradient(role) - base.right.gradient(role))
            found[role] += float(change.max())
    found = {role: K * size / ETA for role, size in found.items()}
    tokens = base.net.tokens
    rows = found["x"] * (1.0 if tokens is None else float(tokens.sum(axis=(0, 1)).max()))
    tied = {"E": rows, "tied E": found["V"] + rows, "tied U": found["V"] + found.get("U", 0.0)}
    return found | tied


def rounding_of(role: str, found: dict[str, float]) -> float:
    """Return what rounding may do to a role's gradient, from that of its parts."""
    if role in EMBEDDED:
        return found[role]
    return sum(found[part.removeprefix("idle ")] for part in role.split("+"))


def _moduli(base: Base, eta: float) -> dict[str, float]:
    """Return the largest entry of each role's gradient on moduli, each larger by its share η."""
    net, run = base.net, base.run

    def large(a: Array | float, terms: Array | float = 0.0) -> Array:
        return np.asarray(np.abs(a) * (1 + eta) + eta * terms)

    def on_modulus(edge: Edge) -> Array:
        needs = base.shape.needs[edge]
        terms = 1.0 + sum(_modulus(base, name) for name in needs) if needs else 0.0
        return large(base.factors[edge], terms)

    rounded = 1 + np.abs(base.do / (net.scale or 1.0)) + np.abs(run.s) + np.abs(net.y)
    do = net.counted(np.abs(base.do) + eta * abs(net.scale) * rounded)
    flow = base.propagate(
        factors={edge: on_modulus(edge) for edge in base.shape.edges},
        slopes={k: large(a, 1.0) for k, a in base.slopes.items()},
        weights={k: large(a) for k, a in net.weights.items()},
        readout=do,
        inject=do @ large(base.V) + large(net.on("h")),
        of_states={k: large(a) for k, a in base.of_states.items()},
    )
    return {role: float(np.max(_gradient(flow, role, large(1.0)))) for role in roles_of(base)}


def _modulus(base: Base, name: str) -> Array:
    """Return the modulus of a value; of a product, of what is added up in it."""
    if not name.startswith("q_"):
        return np.abs(base.values[name])
    gate = base.shape.reader(name)
    reads = np.abs(base.rights[base.W[gate]])
    bias = np.abs(base.net.weights[f"b_W{gate}"])
    return np.asarray(reads @ np.abs(base.net.weights[base.W[gate]]).T + bias)


def _gradient(flow: Flow, role: str, more: Array) -> Array:
    base = flow.base
    if role == "x":
        parts = (da @ np.abs(base.net.weights[base.U[k]]) for k, da in flow.da.items())
        return np.asarray(more * sum(parts))
    if role in base.cell.initial:
        return flow.gradient(role)
    return np.asarray(more * flow.summed(role, flow.left(role), np.abs(flow.right(role))))
