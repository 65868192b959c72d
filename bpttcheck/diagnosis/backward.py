"""One backward pass of the vanilla RNN with switches, each of which is a mistake.

    ∂L/∂h_t = Vᵀ ∂L/∂o_t + Wᵀ ∂L/∂a_{t+1},   ∂L/∂a_t = φ′(a_t) ∘ ∂L/∂h_t

With no switch set it is the pass of :mod:`bpttcheck.bptt.rnn`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.network import Network

Hook = Callable[[Array], Array]
Message = Callable[[int, "Flow"], Array]


@dataclass(frozen=True)
class Flow:
    """What a pass leaves: the arrays from which every parameter's gradient is made.

    Shapes: ``do`` (T, B, p), ``da`` and ``slope`` (T, B, n) at index t − 1; ``dh`` (T + 1, B, n)
    at index t. ``first`` is the message that left the last step.
    """

    base: Base
    do: Array
    inject: Array
    slope: Array
    da: Array
    dh: Array

    def send(self, t: int) -> Array:
        """Return what step t sends to the state before it."""
        return np.asarray(self.da[t - 1] @ self.base.W)

    def cut(self) -> None:
        """Let the initial state receive nothing."""
        self.dh[0] = 0.0

    def gradient(self, role: str) -> Array:
        """Return the gradient of one role."""
        return gradient(self, role)


class Base:
    """A point's network, with what the passes share."""

    def __init__(self, network: Network) -> None:
        self.net = network
        self.run = network.run
        self.W, self.U, self.V = network.weights.W, network.weights.U, network.weights.V
        self.T, self.B, self.n = self.run.a.shape
        self.m, self.p = network.x.shape[-1], self.run.o.shape[-1]
        self.do = network.output_gradient()
        self.inject = self.injected(self.do)
        self.slope = network.phi.derivative(self.run.a)

    def injected(self, do: Array) -> Array:
        """Return what the states get of their own step: through the outputs, and as outputs."""
        return np.asarray(do @ self.V + self.net.on("h"))

    @cached_property
    def right(self) -> Flow:
        """The pass without a mistake."""
        return propagate(self)

    @cached_property
    def factors(self) -> dict[str, float]:
        """The factors that a mean or a sum in the wrong place makes, by name."""
        return factors_of(self.T, self.B, self.n, self.m, self.p) | self.net.factors

    @cached_property
    def rounding(self) -> dict[str, float]:
        """Return what rounding may do to each role's gradient, in units of roundoff.

        Every factor of the pass is off by at most K roundings of itself, φ′ and the output
        gradient by K roundings of one, K the number of operations behind it. To first order their
        effect is the derivative of the pass on moduli, taken by a small quotient. What rounding
        does to the states on the way is seen by moving the parameters at random by a share η.
        """
        eta = 2.0**-16
        K = 8 + self.T + self.n + self.m + self.p + self.B
        low, high = _moduli(self, 0.0), _moduli(self, eta)
        found = {role: high[role] - low[role] for role in low}
        rng = np.random.default_rng(0)
        for _ in range(2):
            moved = Base(self.net.moved(eta, rng)).right
            for role in found:
                change = np.abs(gradient(moved, role) - gradient(self.right, role))
                found[role] += float(change.max())
        return {role: K * size / eta for role, size in found.items()}

    def propagate(self, **replaced: Any) -> Flow:
        """Run the pass with some of its parts replaced."""
        return propagate(self, **replaced)


def factors_of(*sizes: int) -> dict[str, float]:
    """Return the factors that a mean or a sum in the wrong place makes, by name."""
    T, B, n, m, p = map(float, sizes)
    found = {"½": 0.5, "2": 2.0}
    named = {"T": T, "B": B, "TB": T * B, "n": n, "m": m, "p": p, "Tp": T * p, "Bp": B * p,
             "TBp": T * B * p, "T²": T * T, "B²": B * B}  # fmt: skip
    for name, size in named.items():
        found[name], found[f"1/{name}"] = size, 1 / size
    for name, size in (("TB", T * B), ("T", T), ("B", B), ("p", p)):
        found[f"2/{name}"], found[f"{name}/2"] = 2 / size, size / 2
    return found


def propagate(
    base: Base,
    *,
    do: Array | None = None,
    readout: Array | None = None,
    inject: Array | None = None,
    slope: Array | None = None,
    of_weights: Array | None = None,
    message: Message | None = None,
    on_state: Hook | None = None,
    on_preactivation: Hook | None = None,
    steps: range | None = None,
) -> Flow:
    """Run the pass with some of its parts replaced.

    ``do`` is what the states receive, ``readout`` what V and c do; ``of_weights`` is the slope of
    the sums over time where it is not that of the message.
    """
    T = base.T
    if inject is None:
        inject = base.inject if do is None else base.injected(do)
    s = base.slope if slope is None else slope
    da, dh = np.zeros_like(base.run.a), np.zeros_like(base.run.h)
    flow = Flow(base, base.do if readout is None else readout, inject, s, da, dh)
    coming: Array | float = 0.0
    for t in range(T, 0, -1) if steps is None else steps:
        dh[t] = inject[t - 1] + coming
        if on_state is not None:
            dh[t] = on_state(dh[t])
        da[t - 1] = dh[t] * s[t - 1]
        if on_preactivation is not None:
            da[t - 1] = on_preactivation(da[t - 1])
        coming = da[t - 1] @ base.W if message is None else message(t, flow)
    dh[0] = coming
    if of_weights is not None:
        flow = Flow(base, flow.do, inject, of_weights, dh[1:] * of_weights, dh)
    return flow


def gradient(flow: Flow, role: str) -> Array:
    """Return the gradient of one role from what a pass left."""
    run, net = flow.base.run, flow.base.net
    match role:
        case "W":
            return outer(flow.da, run.h[:-1])
        case "U":
            return outer(flow.da, net.x)
        case "V":
            return outer(flow.do, run.h[1:])
        case "b":
            return np.asarray(flow.da.sum(axis=(0, 1)))
        case "c":
            return np.asarray(flow.do.sum(axis=(0, 1)))
        case "x":
            return np.asarray(flow.da @ flow.base.U)
        case "E" | "tied E" | "tied U":
            return of_embedding(flow, role)
    return np.asarray(flow.dh[0])


def of_embedding(flow: Any, role: str) -> Array:
    """Return the gradient of an embedding, or of the readout's weights that are an input's too."""
    if role == "tied U":
        return np.asarray(flow.gradient("V") + flow.gradient("U").T)
    rows = outer(flow.base.net.tokens, flow.gradient("x"))
    return rows if role == "E" else np.asarray(flow.gradient("V") + rows)


def outer(left: Array, right: Array) -> Array:
    """Return Σ_t Σ_b left right ᵀ."""
    return np.asarray(left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1]))


def _moduli(base: Base, eta: float) -> dict[str, float]:
    """Return the largest entry of each role's gradient on moduli, each larger by its share η."""
    net, run = base.net, base.run
    large = 1 + eta
    W, U, V = (large * np.abs(a) for a in (base.W, base.U, base.V))
    h, x = large * np.abs(run.h), large * np.abs(net.x)
    rounded = 1 + np.abs(base.do / (net.scale or 1.0)) + np.abs(run.o) + np.abs(net.y)
    of_outputs = net.counted(np.abs(base.do) + eta * abs(net.scale) * rounded)
    slope = np.abs(base.slope) + eta * (1 + np.abs(base.slope))
    dh = np.zeros_like(run.h)
    dh[1:] = of_outputs @ V + large * np.abs(net.on("h"))
    da = np.zeros_like(run.a)
    for t in range(base.T, 0, -1):
        da[t - 1] = dh[t] * slope[t - 1]
        dh[t - 1] += da[t - 1] @ W
    found = {
        "W": outer(da, h[:-1]), "U": outer(da, x), "V": outer(of_outputs, h[1:]),
        "b": da.sum(axis=(0, 1)), "c": of_outputs.sum(axis=(0, 1)), "x": da @ U, "h0": dh[0],
    }  # fmt: skip
    return {role: float(a.max()) for role, a in found.items()}
