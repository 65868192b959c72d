"""The scalar RNN as a run: forward, BPTT, RTRL and the witness derivatives, all by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.scalar_rnn import recursion
from bpttcheck.cells.scalar_forward import ScalarRun, equations
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_activation, chosen_loss
from bpttcheck.runs.model import (
    Function,
    Model,
    Symbol,
    as_arrays,
    batch_sum,
    environment,
)
from bpttcheck.runs.systems import System
from bpttcheck.witnesses import rtrl


@dataclass(frozen=True, eq=False)
class ScalarRNNCase:
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
    theta: str = "linear"
    loss: str = "squared_error"

    model: ClassVar[str] = "scalar_rnn"

    def __post_init__(self) -> None:
        as_arrays(self, y="TB", h0="B", x="+TB")

    @property
    def sizes(self) -> dict[str, int]:
        """T and B."""
        return {"T": len(self.y), "B": self.y.shape[1]}


Case = ScalarRNNCase  # as a pasted case has it


class ScalarRNNEvaluation(evaluation.Evaluation):
    """A case in a number system, evaluated as far as it is asked."""

    given = ("w", "v", "x", "h0")
    computed = ("L", "s", "h", "y_hat")

    def __init__(self, case: ScalarRNNCase, system: System) -> None:
        super().__init__(case, system, dict.fromkeys(("w", "v", "x", "s", "h", "y_hat"), ()))
        self.y = system.drawn("y", case.y)
        self.phi = chosen_activation("phi", case.phi, system.arbitrary())
        self.theta = chosen_activation("theta", case.theta, system.arbitrary())
        self.loss = chosen_loss(case.loss, system.arbitrary())

    @cached_property
    def run(self) -> ScalarRun:
        """The forward pass over T + 1 steps."""
        return equations(phi=self.phi, theta=self.theta, offsets=None, **self.numbers)

    @cached_property
    def scored(self) -> ScalarRun:
        """The part of the forward pass that the loss reads: the first T steps."""
        r, T = self.run, self.T
        return ScalarRun(r.x[:T], r.s[:T], r.h[: T + 1], r.y_hat[:T], r.phi, r.theta)

    @cached_property
    def dy_hat(self) -> Array:
        """∂L/∂ŷ_t, from the loss's own gradient."""
        return self.loss.gradient(self.scored.y_hat, self.y)

    @cached_property
    def gradients(self) -> Any:
        """The output of BPTT."""
        return recursion(self.numbers["w"], self.numbers["v"], self.scored, self.dy_hat)

    @cached_property
    def rtrl(self) -> Any:
        """The output of RTRL."""
        return rtrl.scalar_rnn(self.numbers["w"], self.scored, self.dy_hat)

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        run = equations(phi=self.phi, theta=self.theta, offsets=offsets, **numbers)
        loss = self.loss.total(run.y_hat[: self.T], self.y[:, None])
        return {"L": loss, "s": run.s, "h": run.h, "y_hat": run.y_hat}


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


def evaluate(case: ScalarRNNCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = ScalarRNNEvaluation(case, system)
    return environment(
        d=e.d,
        T=e.T,
        L=e.once("L", lambda: e.loss.total(e.scored.y_hat, e.y)),
        w=e.each("w"),
        v=e.each("v"),
        x=e.scalars("x", lambda: e.run.x),
        s=e.scalars("s", lambda: e.run.s),
        h=e.scalars("h", lambda: e.run.h, first=0),
        y_hat=e.scalars("y_hat", lambda: e.run.y_hat),
        phi=Function(e.phi.value, e.phi.derivative),
        theta=Function(e.theta.value, e.theta.derivative),
        batch=batch_sum,
        ds=e.scalars("ds", lambda: e.gradients.ds),
        dh=e.scalars("dh", lambda: e.gradients.dh, first=0),
        dx=e.scalars("dx", lambda: e.gradients.dx),
        dw=e.summed("dw", lambda: e.gradients.dw),
        dv=e.summed("dv", lambda: e.gradients.dv),
        rtrl_w=e.once("rtrl_w", lambda: e.rtrl.w),
        rtrl_v=e.once("rtrl_v", lambda: e.rtrl.v),
        rtrl_h0=e.once("rtrl_h0", lambda: e.rtrl.h0),
    )


def exact_cases() -> list[ScalarRNNCase]:
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
        ScalarRNNCase(
            0.0, 0.0, np.zeros((T + 1, B)), np.zeros(B), np.zeros((T, B)), phi, theta, loss
        )
        for T, B, phi, theta, loss in chosen
    ]


MODEL = Model(
    "scalar_rnn",
    "The scalar RNN",
    SYMBOLS,
    evaluate,
    exact_cases,
    small={"max_T": 8},
    smallest={"max_T": 3, "max_B": 1, "smooth": True},
)
