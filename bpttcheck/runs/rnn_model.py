"""The vanilla RNN as a run: forward, BPTT and the witness derivatives, all by name."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from bpttcheck.runs import rnn_witnesses
from bpttcheck.runs.immediate import Immediate
from bpttcheck.runs.model import (
    Function,
    Model,
    Symbol,
    batch_sum,
    blank,
    environment,
    norm_and_radius,
)
from bpttcheck.runs.rnn_evaluation import CASE_AXES, OURS, WEIGHTS, RNNCase
from bpttcheck.runs.softmax_nll_model import drawn_targets
from bpttcheck.runs.systems import System
from bpttcheck.softmax_nll import softmax_of
from bpttcheck.statements.terms import Term, Variable

__all__ = ["MODEL", "Case"]

SYMBOLS = (
    Symbol("L", "L", "the loss of a sequence, the sum of its steps' losses"),
    Symbol("E", "E", "the loss of a step, any differentiable function of its output"),
    Symbol("T", "T", "the number of steps"),
    Symbol("U", "U", "weights of the input, n×m"),
    Symbol("W", "W", "weights of the state, n×n"),
    Symbol("V", "V", "weights of the output, p×n"),
    Symbol("b", r"\mathbf{b}", "bias of the state, a column of n", component="b"),
    Symbol("c", r"\mathbf{c}", "bias of the output, a column of p", component="c"),
    Symbol("x", r"\mathbf{x}", "input, x_1, …, x_T, columns of m", component=r"x", each_step=True),
    Symbol("y", r"\mathbf{y}", "target, y_1, …, y_T, columns of p", component=r"y", each_step=True),
    Symbol(
        "a",
        r"\mathbf{a}",
        "pre-activation, a_1, …, a_T, columns of n",
        component=r"a",
        each_step=True,
    ),
    Symbol(
        "h",
        r"\mathbf{h}",
        "state, h_0, …, h_T, columns of n; h_0 is given",
        component=r"h",
        each_step=True,
    ),
    Symbol("o", r"\mathbf{o}", "output, o_1, …, o_T, columns of p", component=r"o", each_step=True),
    Symbol(
        "y_hat",
        r"\hat{\mathbf{y}}",
        "softmax of the outputs, columns of p",
        component=r"\hat{y}",
        each_step=True,
    ),
    Symbol("phi", r"\phi", "activation of the state, entry by entry"),
    Symbol("gamma", r"\gamma", "the largest slope of φ: 1 for tanh, ReLU and none, 1/4 for σ"),
    Symbol("ones", r"\mathbf{1}", "a column of n ones"),
    Symbol("ones_p", r"\mathbf{1}", "a column of p ones"),
    Symbol("I", "I", "the p×p identity matrix"),
    Symbol("unit", r"\operatorname{e}", "unit(i): the column of p with a one in row i"),
    Symbol("short", r"\operatorname{short}", "a column without its last entry"),
    Symbol("m", "m", "the number of inputs"),
    Symbol("n", "n", "the number of states"),
    Symbol("p", "p", "the number of outputs"),
    Symbol("da", r"\mathtt{da}", "∂L/∂a_t as BPTT computes it", "bptt"),
    Symbol("dh", r"\mathtt{dh}", "∂L/∂h_t as BPTT computes it", "bptt"),
    Symbol("dx", r"\mathtt{dx}", "∂L/∂x_t as BPTT computes it", "bptt"),
    Symbol("dU", r"\mathtt{dU}", "Σ_b ∂L/∂U as BPTT computes it", "bptt"),
    Symbol("dW", r"\mathtt{dW}", "Σ_b ∂L/∂W as BPTT computes it", "bptt"),
    Symbol("dV", r"\mathtt{dV}", "Σ_b ∂L/∂V as BPTT computes it", "bptt"),
    Symbol("db", r"\mathtt{db}", "Σ_b ∂L/∂b as BPTT computes it", "bptt"),
    Symbol("dc", r"\mathtt{dc}", "Σ_b ∂L/∂c as BPTT computes it", "bptt"),
    *rnn_witnesses.SYMBOLS,
)


Case = RNNCase  # as a pasted case has it

STEEPEST = {"tanh": 1, "sigmoid": Fraction(1, 4), "relu": 1, "linear": 1}
"""The largest derivative of each activation: activations.tanh-range, .sigmoid-quarter, …"""


def evaluate(case: RNNCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = rnn_witnesses.Witnessed(case, system, drawn_targets(case.y, case.targets, system))
    p = case.sizes["p"]
    unit = system.constant(np.eye(p))
    modulus, B = system.modulus, case.sizes["B"]

    def summed(name: str) -> Variable:
        return e.summed(f"d{name}", lambda: e.gradients.weights[OURS[name]])

    return environment(
        d=e.d,
        **norm_and_radius(system),
        **{s: size for s, size in case.sizes.items() if s != "B"},
        L=e.once("L", lambda: e.losses.sum(axis=0)),
        E=e.scalars("E", lambda: e.losses),
        **{name: e.each(name) for name in WEIGHTS},
        x=e.columns("x", lambda: e.run.x),
        y=e.columns("y", lambda: e.y),
        a=e.columns("a", lambda: e.run.a),
        h=e.columns("h", lambda: e.run.h, first=0),
        o=e.columns("o", lambda: e.run.s),
        y_hat=e.columns("y_hat", lambda: softmax_of(e.run.s)),
        phi=Function(e.phi.value, e.phi.derivative),
        gamma=STEEPEST.get(case.phi),
        immediate=Immediate(e),
        ones=Term(system.constant(np.ones((B, case.sizes["n"], 1))), modulus),
        batch=batch_sum,
        unit=lambda i: Term(np.broadcast_to(unit[:, i - 1, None], (B, p, 1)), modulus),
        I=Term(np.broadcast_to(unit, (B, p, p)), modulus),
        ones_p=Term(system.constant(np.ones((B, p, 1))), modulus),
        short=_short,
        da=e.columns("da", lambda: e.gradients.da),
        dh=e.columns("dh", lambda: e.gradients.dh, first=0),
        dx=e.columns("dx", lambda: e.gradients.dx),
        **{f"d{name}": summed(name) for name in WEIGHTS},
        **e.symbols(),
    )


def _short(column: Term) -> Term:
    """Return a column without its last entry."""
    return Term(column.value[:, :-1], column.modulus, lambda: column.size[:, :-1])


def exact_cases() -> list[RNNCase]:
    """Return the shapes and functions that the finite field decides."""
    small, tall, wide, long = (1, 1, 1, 1, 1), (2, 1, 3, 4, 5), (3, 2, 1, 2, 3), (4, 1, 2, 3, 2)
    chosen = [
        (*functions, *sizes)
        for functions, shapes in (
            (("arbitrary", "arbitrary", "any"), (small, tall, wide, long)),
            (("tanh", "nll", "class"), (small, tall, wide)),
            (("sigmoid", "nll", "any"), (tall, long)),
            (("tanh", "squared_error", "any"), (wide,)),
        )
        for sizes in shapes
    ]
    return [_sized(*functions_and_sizes) for functions_and_sizes in chosen]


def distinct_cases() -> list[RNNCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [_sized("tanh", "nll", "class", 2, 3, 4, 5, 6)]


def _sized(phi: str, loss: str, targets: str, *sizes: int) -> RNNCase:
    """Return a case of these functions and sizes; everything but its targets is zero."""
    return RNNCase(**blank(CASE_AXES, *sizes), phi=phi, loss=loss, targets=targets)


MODEL = Model(
    "rnn",
    "The vanilla RNN",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small={"max_T": 4, "max_B": 2, "max_n": 3},
    smallest={"max_T": 3, "max_B": 1, "max_n": 3, "smooth": True},
)
