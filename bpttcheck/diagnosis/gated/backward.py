"""One backward pass of the LSTM or GRU with switches, each of which is a mistake.

The gradient of a gate's pre-activation is a product of three: what drives it (∂L/∂c_t or ∂L/∂h_t),
its partner (what multiplies the gate in the forward pass) and its slope (σ′ or tanh′).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import factors_of, of_embedding, outer
from bpttcheck.diagnosis.gated.network import GatedNetwork

Hook = Callable[[Array], Array]
Message = Callable[[int, "GatedFlow"], Array]
ByGate = dict[str, Array]


@dataclass(frozen=True)
class Parts:
    """What a pass is made of, all (T, B, n) by letter but for ``W``, the message's weights.

    ``keep`` is f_t or the share of h_{t−1} in h_t, ``squash`` is o_t ∘ tanh′(c_t), ``reset`` is
    r_t. ``of_weights`` are slopes of the sums over time where they are not those of the message,
    ``drivers`` whether a gate hears of the state ("h") or of the cell ("c"), ``reach`` the W_g that
    the reset gate hears through where it is not that of the message. Of a declared cell ``reads``
    is what h_{t−1} meets in what a gate reads, and ``uses`` what another gate meets there.
    """

    slopes: ByGate
    partners: ByGate
    keep: Array
    W: ByGate
    squash: Array
    reset: Array
    of_weights: ByGate = field(default_factory=dict)
    partners_of_weights: ByGate = field(default_factory=dict)
    drivers: Mapping[str, str] = field(default_factory=dict)
    reach: Array | None = None
    reads: ByGate = field(default_factory=dict)
    uses: Mapping[tuple[str, str], Array] = field(default_factory=dict)


@dataclass(frozen=True)
class GatedFlow:
    """What a pass leaves: ``drive`` and ``da`` (T, B, n) by gate, dh and dc (T + 1, B, n)."""

    base: GatedBase
    parts: Parts
    do: Array
    inject: Array
    drive: ByGate
    da: ByGate
    dh: Array
    dc: Array

    def send(self, t: int) -> Array:
        """Return what step t sends to the state before it."""
        return np.asarray(self.through(t) + (0 if self.base.lstm else self.direct(t)))

    def direct(self, t: int) -> Array:
        """Return what step t sends past its gates: to the cell, or the GRU's state, before it."""
        past = self.dc if self.base.lstm else self.dh
        return np.asarray(past[t] * self.parts.keep[t - 1])

    def through(self, t: int) -> Array:
        """Return what step t sends to the state before it through all gates."""
        return np.asarray(sum(self.from_gate(k, t) for k in self.base.gates))

    def from_gate(self, gate: str, t: int) -> Array:
        """Return what step t sends through one gate."""
        sent, W = self.da[gate][t - 1], self.parts.W[gate]
        if gate in self.parts.reads:
            return np.asarray((sent @ W) * self.parts.reads[gate][t - 1])
        if gate == "g" and self.base.gru:
            r = self.parts.reset[t - 1]
            return np.asarray((sent * r) @ W if self.base.after else (sent @ W) * r)
        return np.asarray(sent @ W)

    def cut(self) -> None:
        """Let the initial states receive nothing."""
        self.dh[0] = self.dc[0] = 0.0

    def left(self, role: str) -> Array:
        """Return what each step contributes to a parameter's gradient from behind."""
        if role in ("V", "c"):
            return self.do
        met = role in ("W_g", "b_Wg") and self.base.after
        return self.da["g"] * self.parts.reset if met else self.da[role[2:]]

    def right(self, role: str) -> Array:
        """Return what each step contributes from the front; one for a bias."""
        base = self.base
        if role[0] in "bc":
            return np.ones((base.T, base.B, 1))
        if role == "V":
            return base.run.h[1:]
        if role[0] == "U":
            return base.net.x
        return base.run.reads.get(role[2:], base.run.h[:-1])

    def gradient(self, role: str) -> Array:
        """Return the gradient of one role; of "W_f+W_o" the sum, of "idle W_o" zero."""
        if "+" in role:
            return np.asarray(sum(self.gradient(part) for part in role.split("+")))
        if role.startswith("idle "):
            return 0 * self.gradient(role[5:])
        if role == "x":
            return np.asarray(sum(self.da[k] @ self.base.U[k] for k in self.base.gates))
        if role in ("h0", "c0"):
            return np.asarray((self.dh if role == "h0" else self.dc)[0])
        if role in ("E", "tied E"):
            return of_embedding(self, role)
        found = outer(self.left(role), self.right(role))
        return found[:, 0] if role[0] in "bc" else found

    def view(self, role: str) -> Any:
        """Return the flow as that of a vanilla RNN, for the mistakes in sums that they share."""
        base = self.base
        if role in ("V", "c"):
            run, gate = SimpleNamespace(h=base.run.h, o=base.run.o, a=0 * base.inject), "g"
            return SimpleNamespace(do=self.do, base=base.like(gate, run))
        gate = "g" if role == "b_Wg" else role[2:]
        before = np.concatenate([self.right(role), base.run.h[-1:]]) if role[0] == "W" else (
            base.run.h
        )  # fmt: skip
        run = SimpleNamespace(h=before, o=base.run.o, a=base.run.a[gate])
        drive, slope = self.drive[gate], self.parts.slopes[gate]
        met = self.parts.reset if role in ("W_g", "b_Wg") and base.after else 1.0
        return SimpleNamespace(
            base=base.like(gate, run), do=self.do, da=self.left(role), slope=slope,
            dh=np.concatenate([0 * drive[:1], drive * met]),
            inject=self.own(gate) * met,
        )  # fmt: skip

    def own(self, gate: str) -> Array:
        """Return what drives a gate from the step's own output alone."""
        return self.base.own(self, gate)


class GatedBase:
    """A point's network, with what the passes share."""

    def __init__(self, network: GatedNetwork) -> None:
        self.net, self.run, self.cell = network, network.run, network.cell
        self.lstm, self.gru = self.cell.two, self.cell.name == "GRU"
        self.after = self.gru and self.cell.reset == "after"
        self.before = self.gru and not self.after
        self.gates = self.cell.gates
        self.W = {k: network.weights[f"W_{k}"] for k in self.gates}
        self.U = {k: network.weights[f"U_{k}"] for k in self.gates}
        self.V = network.weights["V"]
        self.T, self.B, self.m = network.x.shape
        self.n, self.p = self.run.h.shape[-1], self.run.o.shape[-1]
        self.do = network.output_gradient()
        self.inject = self.injected(self.do)
        self.of_cells = np.broadcast_to(network.on("c"), self.inject.shape)
        self.parts = self._parts()

    def injected(self, do: Array) -> Array:
        """Return what the states get of their own step: through the outputs, and as outputs."""
        return np.asarray(do @ self.V + self.net.on("h"))

    def _parts(self) -> Parts:
        gates, run = self.run.gates, self.run
        slopes = {k: (tanh if k == "g" else sigmoid).derivative(a) for k, a in run.a.items()}
        none = np.zeros(0)
        if self.lstm:
            partners = {"i": gates["g"], "f": run.c[:-1], "g": gates["i"], "o": run.tanh_c}
            squash = gates["o"] * tanh.derivative(run.c[1:])
            return Parts(slopes, partners, gates["f"], self.W, squash, none)
        keep, write = self.shares
        sign = 1.0 if self.cell.keeps else -1.0
        partners = {"z": sign * (run.h[:-1] - gates["g"]), "g": write,
                    "r": run.q if self.after else run.h[:-1]}  # fmt: skip
        return Parts(slopes, partners, keep, self.W, none, gates["r"])

    def own(self, flow: GatedFlow, gate: str) -> Array:
        """Return what drives a gate from the step's own output alone."""
        parts = flow.parts
        if self.lstm:
            return flow.inject * parts.partners[gate] * (1.0 if gate == "o" else parts.squash)
        if gate != "r":
            return flow.inject * parts.partners[gate]
        u = flow.inject * parts.partners["g"] * parts.slopes["g"]
        return (u if self.after else u @ parts.W["g"]) * parts.partners["r"]

    @cached_property
    def shares(self) -> tuple[Array, Array]:
        """The shares of h_{t−1} and g_t in h_t, of a GRU."""
        z = self.run.gates["z"]
        return (z, 1 - z) if self.cell.keeps else (1 - z, z)

    def like(self, gate: str, run: Any) -> Any:
        """Return what the vanilla sums read from a base, for one gate."""
        return SimpleNamespace(
            run=run, net=self.net, T=self.T, B=self.B, n=self.n, m=self.m, p=self.p,
            W=self.W[gate], U=self.U[gate], factors=self.factors,
        )  # fmt: skip

    def propagate(
        self,
        *,
        parts: Parts | None = None,
        do: Array | None = None,
        readout: Array | None = None,
        inject: Array | None = None,
        of_cells: Array | None = None,
        message: Message | None = None,
        carried: Message | None = None,
        on_state: Hook | None = None,
        on_preactivation: Hook | None = None,
        on_cell: Hook | None = None,
        steps: range | None = None,
    ) -> GatedFlow:
        """Run the pass with some of its parts replaced; ``carried`` is the cell's message."""
        p = self.parts if parts is None else parts
        if inject is None:
            inject = self.inject if do is None else self.injected(do)
        like, h = self.run.gates["g"], self.run.h
        cells = self.of_cells if of_cells is None else of_cells
        drive, da = ({k: np.zeros_like(like) for k in self.gates} for _ in range(2))
        out = self.do if readout is None else readout
        flow = GatedFlow(self, p, out, inject, drive, da, np.zeros_like(h), np.zeros_like(h))
        dh, dc = flow.dh, flow.dc
        coming: Array | float = 0.0
        coming_c: Array | float = 0.0
        for t in range(self.T, 0, -1) if steps is None else steps:
            dh[t] = inject[t - 1] + coming
            if on_state is not None:
                dh[t] = on_state(dh[t])
            if self.lstm:
                dc[t] = coming_c + dh[t] * p.squash[t - 1] + cells[t - 1]
                if on_cell is not None:
                    dc[t] = on_cell(dc[t])
            self._through_gates(flow, t, on_preactivation)
            coming = flow.send(t) if message is None else message(t, flow)
            if self.lstm:
                coming_c = flow.direct(t) if carried is None else carried(t, flow)
        dh[0], dc[0] = coming, coming_c
        return self._with_weights(flow) if p.of_weights or p.partners_of_weights else flow

    def _through_gates(self, flow: GatedFlow, t: int, hook: Hook | None) -> None:
        p, k = flow.parts, t - 1
        for gate in self.gates if self.lstm else "zgr":
            if self.lstm:
                heard = p.drivers.get(gate, "h" if gate == "o" else "c")
                driver = (flow.dh if heard == "h" else flow.dc)[t]
            elif gate == "r":
                reach = p.W["g"] if p.reach is None else p.reach
                driver = flow.da["g"][k] if self.after else flow.da["g"][k] @ reach
            else:
                driver = flow.dh[t]
            flow.drive[gate][k] = driver * p.partners[gate][k]
            flow.da[gate][k] = flow.drive[gate][k] * p.slopes[gate][k]
            if hook is not None:
                flow.da[gate][k] = hook(flow.da[gate][k])

    def _with_weights(self, flow: GatedFlow) -> GatedFlow:
        p, da = flow.parts, dict(flow.da)
        for gate in {*p.of_weights, *p.partners_of_weights}:
            drive = flow.drive[gate]
            if gate in p.partners_of_weights:
                drive = self._driven(flow, gate, p.partners_of_weights[gate])
            da[gate] = drive * p.of_weights.get(gate, p.slopes[gate])
        return GatedFlow(self, p, flow.do, flow.inject, flow.drive, da, flow.dh, flow.dc)

    def _driven(self, flow: GatedFlow, gate: str, partner: Array) -> Array:
        """Return what drives a gate at all steps, with another partner."""
        if gate == "r":
            return (flow.da["g"] if self.after else flow.da["g"] @ flow.parts.W["g"]) * partner
        return (flow.dh if not self.lstm or gate == "o" else flow.dc)[1:] * partner

    @cached_property
    def right(self) -> GatedFlow:
        """The pass without a mistake."""
        return self.propagate()

    @cached_property
    def factors(self) -> dict[str, float]:
        """The factors that a mean or a sum in the wrong place makes, by name."""
        return factors_of(self.T, self.B, self.n, self.m, self.p) | self.net.factors
