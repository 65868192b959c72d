"""What rounding may do to the gradients of a gated cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import outer
from bpttcheck.diagnosis.gated.backward import GatedBase


def roles_of(base: GatedBase) -> tuple[str, ...]:
    """Return all roles that have a gradient."""
    per_gate = [f"{letter}_{gate}" for letter in "WUb" for gate in base.gates]
    extra = ["c0"] if base.lstm else []
    return (*per_gate, *(["b_Wg"] if base.after else []), "V", "c", "x", "h0", *extra)


def rounding(base: GatedBase) -> dict[str, float]:
    """Return what rounding may do to each role's gradient, in units of roundoff.

    As for the vanilla RNN: every factor is off by K roundings of itself, differences and slopes by
    K roundings of their terms; the effect is the derivative of the pass on moduli, and that of
    moving all parameters by a share η.
    """
    eta = 2.0**-16
    K = 8 + base.T + 4 * base.n + base.m + base.p + base.B
    low, high = _moduli(base, 0.0), _moduli(base, eta)
    found = {role: high[role] - low[role] for role in low}
    rng = np.random.default_rng(0)
    for _ in range(2):
        moved = type(base)(base.net.moved(eta, rng)).right
        for role in found:
            change = np.abs(moved.gradient(role) - base.right.gradient(role))
            found[role] += float(change.max())
    return {role: K * size / eta for role, size in found.items()}


def _moduli(base: GatedBase, eta: float) -> dict[str, float]:
    """Return the largest entry of each role's gradient on moduli, each larger by its share η."""
    net, run, parts = base.net, base.run, base.parts

    def large(a: Array, terms: Array | float | None = None) -> Array:
        return np.asarray(np.abs(a) + eta * (np.abs(a) if terms is None else terms))

    partners = {k: large(a) for k, a in parts.partners.items()}
    if base.gru:
        spread = np.abs(run.h[:-1]) + np.abs(run.gates["g"])
        partners["z"] = large(parts.partners["z"], spread)
        partners["g"] = large(parts.partners["g"], 1.0)
        if base.after:
            hidden = np.abs(run.h[:-1]) @ np.abs(base.W["g"]).T + np.abs(net.weights["b_Wg"])
            partners["r"] = large(parts.partners["r"], hidden)
    elif base.cell.declared is not None:  # each of them may be a difference
        terms = 1.0 + np.abs(run.h[:-1]) + np.abs(run.gates["g"])
        terms = terms + np.abs(run.c[:-1]) if base.lstm else terms
        partners = {k: large(a, terms) for k, a in parts.partners.items()}
    rounded = 1 + np.abs(base.do / (net.scale or 1.0)) + np.abs(run.o) + np.abs(net.y)
    do = net.counted(np.abs(base.do) + eta * abs(net.scale) * rounded)
    on_moduli = replace(
        parts, slopes={k: large(a, 1 + np.abs(a)) for k, a in parts.slopes.items()},
        partners=partners, keep=large(parts.keep, 1 + np.abs(parts.keep)),
        W={k: large(a) for k, a in parts.W.items()}, squash=large(parts.squash, 1.0),
        reset=large(parts.reset), reads={k: large(a, 1.0) for k, a in parts.reads.items()},
        uses={k: large(a, 1.0 + np.abs(a)) for k, a in parts.uses.items()},
    )  # fmt: skip
    inject = do @ large(base.V) + large(np.asarray(net.on("h")))
    flow = base.propagate(
        parts=on_moduli, readout=do, inject=inject, of_cells=large(base.of_cells)
    )  # fmt: skip
    found: dict[str, float] = {}
    for role in roles_of(base):
        if role == "x":
            array = sum(flow.da[k] @ large(base.U[k]) for k in base.gates)
        elif role in ("h0", "c0"):
            array = flow.gradient(role)
        else:
            array = outer(flow.left(role), large(flow.right(role)))
        found[role] = float(np.max(array))
    return found
