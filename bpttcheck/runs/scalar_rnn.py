"""The scalar RNN as a run: forward, BPTT, RTRL and the witness derivatives, all by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.scalar_rnn import recursion
from bpttcheck.cells.scalar_rnn import Run, equations
from bpttcheck.runs.arbitrary import chosen_activation, chosen_loss
from bpttcheck.runs.model import (
    Function,
    Model,
    Symbol,
    as_arrays,
    batch_sum,
    environment,
    named,
    position,
)
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import Sequence, Term, Variable
from bpttcheck.witnesses import rtrl
from bpttcheck.witnesses.duals import derivatives, unit_vectors


@dataclass(frozen=True, eq=False)
class Case:
    """One example: T + 1 steps of input, of which the loss reads the first T.

    The network may run a step past the loss: that is what ∂L/∂s_{T+1} is about.
    ``x`` is (T + 1, B), ``y`` (T, B), ``h0`` (B,).
    """

    w: float
    v: float
    x: Array
    h0: Array
    y: Array
    phi: str = "tanh"
    theta: str = "identity"
    loss: str = "squared_error"

    model: ClassVar[str] = "scalar_rnn"

    def __post_init__(self) -> None:
        as_arrays(self, y="TB", h0="B", x="+TB")

    @property
    def sizes(self) -> dict[str, int]:
        """T and B."""
        return {"T": len(self.y), "B": self.y.shape[1]}


class Evaluation:
    """A case in a number system, evaluated as far as it is asked."""

    def __init__(self, case: Case, system: System) -> None:
        self.case, self.system = case, system
        self.T = len(case.y)
        self.w = system.drawn("w", np.asarray(case.w))
        self.v = system.drawn("v", np.asarray(case.v))
        self.x = system.drawn("x", case.x)
        self.h0 = system.drawn("h0", case.h0)
        self.y = system.drawn("y", case.y)
        self.phi = chosen_activation("phi", case.phi, system.arbitrary())
        self.theta = chosen_activation("theta", case.theta, system.arbitrary())
        self.loss = chosen_loss(case.loss, system.arbitrary())
        self._tangents: dict[str, dict[str, Array]] = {}

    @cached_property
    def run(self) -> Run:
        """The forward pass over T + 1 steps."""
        return equations(self.w, self.v, self.x, self.h0, self.phi, self.theta)

    @cached_property
    def scored(self) -> Run:
        """The part of the forward pass that the loss reads: the first T steps."""
        r, T = self.run, self.T
        return Run(r.x[:T], r.s[:T], r.h[: T + 1], r.y_hat[:T], r.phi, r.theta)

    @cached_property
    def dy_hat(self) -> Array:
        """∂L/∂ŷ_t, from the loss's own gradient."""
        return self.loss.gradient(self.scored.y_hat, self.y)

    @cached_property
    def gradients(self) -> Any:
        """The output of BPTT."""
        return recursion(self.w, self.v, self.scored, self.dy_hat)

    @cached_property
    def rtrl(self) -> Any:
        """The output of RTRL."""
        return rtrl.scalar_rnn(self.w, self.scored, self.dy_hat)

    def outputs(self, **changed: Any) -> dict[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        given: dict[str, Any] = {"w": self.w, "v": self.v, "x": self.x[:, None], "h0": self.h0}
        run = equations(phi=self.phi, theta=self.theta, **given | changed)
        loss = self.loss.total(run.y_hat[: self.T], self.y[:, None])
        return {"L": loss, "s": run.s, "h": run.h, "y_hat": run.y_hat}

    def tangents(self, name: str) -> dict[str, Array]:
        """Return the derivatives of L (K, B), s, h, ŷ (steps, K, B) along K directions."""
        if name not in self._tangents:
            self._tangents[name] = self._derive(name)
        return self._tangents[name]

    def _derive(self, name: str) -> dict[str, Array]:
        along = partial(derivatives, self.system)
        if name in ("w", "v"):
            one = np.ones((1, 1))
            return along(getattr(self, name), one, lambda z: self.outputs(**{name: z}))
        directions = unit_vectors(self.T + (2 if name == "h" else 1), 1)
        if name == "x":
            return along(self.x[:, None], directions, lambda z: self.outputs(x=z))
        zeros = self.system.constant(np.zeros(directions.shape))
        return along(zeros, directions, lambda z: self.outputs(offsets={name: z}))

    def d(self, over: Any, under: Any) -> Term:
        """Return the derivative ∂over/∂under, one a sequence, by duals on the forward."""
        named(over, under, ("L", "s", "h", "y_hat"), ("w", "v", "x", "s", "h", "y_hat"))
        tangents = self.tangents(under.name)[over.name]
        if over.index is not None:
            tangents = tangents[position(over)]
        return Term(tangents[position(under)], self.system.modulus)


SYMBOLS = (
    Symbol("L", "L", "the loss of a sequence, any differentiable function of its predictions"),
    Symbol("T", "T", "the number of steps"),
    Symbol("w", "w", "weight of the state, one number"),
    Symbol("v", "v", "weight of the input, one number"),
    Symbol("x", "x", "input, x_1, …, x_T"),
    Symbol("s", "s", "pre-activation, s_1, …, s_T"),
    Symbol("h", "h", "state, h_0, …, h_T; h_0 is given"),
    Symbol("y_hat", r"\hat{y}", "prediction, ŷ_1, …, ŷ_T"),
    Symbol("phi", r"\phi", "activation of the state, any differentiable function"),
    Symbol("theta", r"\theta", "activation of the prediction, any differentiable function"),
    Symbol("ds", r"\mathtt{ds}", "∂L/∂s_t as BPTT computes it", "bptt"),
    Symbol("dh", r"\mathtt{dh}", "∂L/∂h_t as BPTT computes it", "bptt"),
    Symbol("dx", r"\mathtt{dx}", "∂L/∂x_t as BPTT computes it", "bptt"),
    Symbol("dw", r"\mathtt{dw}", "Σ_b ∂L/∂w as BPTT computes it", "bptt"),
    Symbol("dv", r"\mathtt{dv}", "Σ_b ∂L/∂v as BPTT computes it", "bptt"),
    Symbol("rtrl_w", r"\mathtt{rtrl}_w", "∂L/∂w as RTRL computes it", "rtrl"),
    Symbol("rtrl_v", r"\mathtt{rtrl}_v", "∂L/∂v as RTRL computes it", "rtrl"),
    Symbol("rtrl_h0", r"\mathtt{rtrl}_{h_0}", "∂L/∂h_0 as RTRL computes it", "rtrl"),
)


def evaluate(case: Case, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = Evaluation(case, system)
    modulus, B = system.modulus, case.sizes["B"]

    def each(name: str, number: Any) -> Variable:
        return Variable(name, None, np.broadcast_to(np.asarray(number), (B,)), modulus)

    loss = e.loss.total(e.scored.y_hat, e.y)
    g, r = e.gradients, e.rtrl
    return environment(
        d=e.d,
        T=e.T,
        L=Variable("L", None, loss, modulus),
        w=each("w", e.w),
        v=each("v", e.v),
        x=Sequence("x", e.x, modulus),
        s=Sequence("s", e.run.s, modulus),
        h=Sequence("h", e.run.h, modulus, first=0),
        y_hat=Sequence("y_hat", e.run.y_hat, modulus),
        phi=Function(e.phi.value, e.phi.derivative),
        theta=Function(e.theta.value, e.theta.derivative),
        batch=batch_sum,
        ds=Sequence("ds", g.ds, modulus),
        dh=Sequence("dh", g.dh, modulus, first=0),
        dx=Sequence("dx", g.dx, modulus),
        dw=Variable("dw", None, g.dw.reshape(1), modulus),
        dv=Variable("dv", None, g.dv.reshape(1), modulus),
        rtrl_w=Variable("rtrl_w", None, r.w, modulus),
        rtrl_v=Variable("rtrl_v", None, r.v, modulus),
        rtrl_h0=Variable("rtrl_h0", None, r.h0, modulus),
    )  # fmt: skip


def exact_cases() -> list[Case]:
    """Return the shapes and functions that the finite field decides."""
    chosen = [
        (T, B, *functions)
        for functions in (
            ("arbitrary", "arbitrary", "arbitrary"),
            ("tanh", "sigmoid", "squared_error"),
            ("sigmoid", "tanh", "coupled_square"),
        )
        for T, B in ((1, 1), (2, 1), (3, 2), (5, 1), (8, 2))
    ]
    return [
        Case(0.0, 0.0, np.zeros((T + 1, B)), np.zeros(B), np.zeros((T, B)), phi, theta, loss)
        for T, B, phi, theta, loss in chosen
    ]


MODEL = Model(
    "scalar_rnn", "The scalar RNN", SYMBOLS, evaluate, exact_cases,
    small={"max_T": 8}, smallest={"max_T": 3, "max_B": 1, "smooth": True},
)  # fmt: skip
