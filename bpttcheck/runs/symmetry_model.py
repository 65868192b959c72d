"""The vanilla RNN seen again: renamed states and classes, another basis, one sequence at a time.

Each transformed network is run and sent through BPTT on its own; what its loss and gradients must
be follows from the derivatives of the untransformed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.run import Run
from bpttcheck.runs import rnn_model as vanilla
from bpttcheck.runs.evaluation import axis_of_directions
from bpttcheck.runs.model import Model, Symbol, batch_sum, environment
from bpttcheck.runs.rnn_evaluation import OURS, WEIGHTS, RNNCase, RNNEvaluation, as_weights
from bpttcheck.runs.softmax_nll_model import drawn_targets
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import Variable
from bpttcheck.witnesses.duals import derivatives


class SymmetryCase(RNNCase):
    """One example of the vanilla RNN; the transformations are fixed by its sizes."""

    model: ClassVar[str] = "symmetries"


Case = SymmetryCase  # as a pasted case has it


def _outputs(of: str, network: str) -> tuple[Symbol, ...]:
    return tuple(
        Symbol(
            f"d{name}_{of}",
            rf"\mathtt{{d{name}}}_{{\mathrm{{{of}}}}}",
            f"Σ_b ∂L/∂{name} of {network}, by BPTT",
            "bptt",
        )
        for name in ("W", "U", "V")
    )


SYMBOLS = (
    *(s for s in vanilla.SYMBOLS if s.name in ("L", "T", "U", "W", "V", "b", "c", "x", "h", "o")),
    Symbol("P", "P", "a permutation of the states, n×n: each moves up by one"),
    Symbol("R", "R", "a permutation of the classes, p×p, likewise"),
    Symbol(
        "Q",
        "Q",
        "an orthogonal matrix, n×n, for linear states: P, then the reflection along (1, 2, …, n)",
    ),
    Symbol("ones_p", r"\mathbf{1}", "a column of p ones"),
    *(
        Symbol(f"L_{of}", rf"L_{{\mathrm{{{of}}}}}", f"the loss of {network}")
        for of, network in (
            ("states", "the network with its states permuted"),
            ("classes", "the network with its classes permuted"),
            ("shifted", "the network with one number added to every logit"),
            ("basis", "the network in the basis Q"),
            ("alone", "the sequence, run by itself"),
        )
    ),
    Symbol(
        "h_states",
        r"\mathbf{h}^{\mathrm{states}}",
        "states of the network with its states permuted",
        each_step=True,
    ),
    Symbol(
        "h_basis",
        r"\mathbf{h}^{\mathrm{basis}}",
        "states of the network in the basis Q",
        each_step=True,
    ),
    *_outputs("states", "the network with its states permuted"),
    *_outputs("classes", "the network with its classes permuted"),
    *_outputs("basis", "the network in the basis Q"),
    Symbol(
        "dW_alone",
        r"\mathtt{dW}_{\mathrm{alone}}",
        "∂L/∂W of a sequence run by itself, by BPTT",
        "bptt",
    ),
    Symbol("v", r"\mathbf{v}", "a cotangent: any columns of p, one a step", each_step=True),
    Symbol(
        "o_dot",
        r"\dot{\mathbf{o}}",
        "the tangent of o_t along any direction of all inputs",
        each_step=True,
    ),
    Symbol(
        "vjp", r"\mathtt{vjp}", "what BPTT makes of the cotangent v, times that direction", "bptt"
    ),
)


class Transformed:
    """One network, run and sent through BPTT as far as it is asked."""

    def __init__(self, e: RNNEvaluation, **changed: Any) -> None:
        self._e = e
        self._numbers = {**e.numbers, **{k: v for k, v in changed.items() if k != "y"}}
        self._y = changed.get("y", e.y)

    @cached_property
    def run(self) -> Run:
        """The forward pass over the steps that the loss reads."""
        numbers = {**self._numbers, "x": self._numbers["x"][: self._e.T]}
        return self._e.run_with(numbers, {})

    @property
    def loss(self) -> Array:
        """The loss of each sequence."""
        return np.asarray(self._e.loss.value(self.run.s, self._y).sum(axis=0))

    @cached_property
    def gradients(self) -> Gradients:
        """The output of BPTT."""
        ds = self._e.loss.gradient(self.run.s, self._y)
        return recursion(as_weights(self._numbers), self.run, ds)


def evaluate(case: SymmetryCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = RNNEvaluation(case, system, drawn_targets(case.y, case.targets, system))
    n, p, B = (case.sizes[s] for s in "npB")
    P, R = (system.constant(np.roll(np.eye(size), 1, axis=0)) for size in (n, p))
    w = e.numbers
    states = Transformed(e, **_in_basis(w, P), h0=e.numbers["h0"] @ P.T)
    Q, basis = P, states  # only linear states have another basis than renamed ones
    if case.phi == "linear":
        Q = _reflection(system, n) @ P
        basis = Transformed(e, **_in_basis(w, Q), h0=e.numbers["h0"] @ Q.T)
    classes = Transformed(e, V=R @ w["V"], c=R @ w["c"], y=e.y @ R.T)
    shifted = Transformed(e, c=w["c"] + system.drawn("shift", np.array(0.75)))
    alone = [_alone(e, b) for b in range(B)]

    def shared(name: str, matrix: Array) -> Variable:
        return Variable(name, None, np.broadcast_to(matrix, (B, *matrix.shape)), system.modulus)

    def summed(name: str, of: str) -> Variable:
        return e.summed(f"d{name}_{of}", lambda: getattr(networks[of].gradients, f"d{name}"))

    def loss(of: str) -> Variable:
        return e.once(f"L_{of}", lambda: networks[of].loss)

    networks = {"states": states, "classes": classes, "basis": basis}
    return environment(
        d=e.d,
        T=e.T,
        L=e.once("L", lambda: e.losses.sum(axis=0)),
        **{name: e.each(name) for name in WEIGHTS},
        **{f"L_{of}": loss(of) for of in networks},
        **{f"d{name}_{of}": summed(name, of) for of in networks for name in ("W", "U", "V")},
        L_shifted=e.once("L_shifted", lambda: shifted.loss),
        L_alone=e.once("L_alone", lambda: np.concatenate([net.loss for net in alone])),
        dW_alone=e.once("dW_alone", lambda: np.stack([net.gradients.dW for net in alone])),
        x=e.columns("x", lambda: e.run.x),
        h=e.columns("h", lambda: e.run.h, first=0),
        o=e.columns("o", lambda: e.run.s),
        h_states=e.columns("h_states", lambda: states.run.h, first=0),
        h_basis=e.columns("h_basis", lambda: basis.run.h, first=0),
        ones_p=shared("ones_p", system.constant(np.ones((p, 1)))),
        P=shared("P", P),
        R=shared("R", R),
        Q=shared("Q", Q),
        batch=batch_sum,
        **_duality(e),
    )


def _in_basis(w: Mapping[str, Array], Q: Array) -> dict[str, Array]:
    """Return the weights of the network whose states are Q h, for an orthogonal Q."""
    return {"U": Q @ w["U"], "W": Q @ w["W"] @ Q.T, "V": w["V"] @ Q.T, "b": Q @ w["b"]}


def _reflection(system: System, n: int) -> Array:
    """Return I − 2vvᵀ/vᵀv for v = (1, …, n), exact where numbers are."""
    v = system.constant(np.arange(1.0, n + 1))
    return np.asarray(system.constant(np.eye(n)) - 2 * np.outer(v, v) / (v * v).sum())


def _alone(e: RNNEvaluation, b: int) -> Transformed:
    only = slice(b, b + 1)
    return Transformed(e, x=e.numbers["x"][:, only], h0=e.numbers["h0"][only], y=e.y[:, only])


def _duality(e: RNNEvaluation) -> dict[str, Any]:
    """Return one JVP by duals on the forward, and one VJP by BPTT, along the same direction."""
    names = (*WEIGHTS, "x", "h0")
    towards = {name: e.system.drawn(f"{name}_dot", _waves(e.numbers[name].shape)) for name in names}
    towards["x"][e.T :] = 0 * towards["x"][e.T :]  # the loss does not read the last step
    v = e.system.drawn("v", _waves((e.T, e.B, e.sizes["p"])))

    def moved(s: Array) -> dict[str, Array]:
        """Go along the direction, on an axis of its own before that of the sequences."""
        numbers = {k: e.numbers[k] + s * towards[k] for k in names if k != "x"}
        x = e.numbers["x"][:, None] + s * towards["x"][:, None]
        return {"o": e.run_with({**numbers, "x": x}, {}).s}

    def jvp() -> Array:
        zero, step = e.system.constant(np.zeros((1, 1, 1))), np.ones((1, 1, 1))
        return derivatives(e.system, zero, step, moved, 0, axis_of_directions)["o"][..., 0]

    def vjp() -> Array:
        g = recursion(e.weights, e.scored, v)
        grads = {**{k: g.weights[ours] for k, ours in OURS.items()}, "x": g.dx, "h0": g.dh[0]}
        along = {**towards, "x": towards["x"][: e.T]}
        return np.asarray(sum((grads[k] * along[k]).sum() for k in names)).reshape(1)

    return {
        "v": e.columns("v", lambda: v),
        "o_dot": e.columns("o_dot", jvp),
        "vjp": e.once("vjp", vjp),
    }


def _waves(shape: tuple[int, ...]) -> Array:
    """Return numbers of both signs and no pattern that a mistake could share."""
    return np.asarray(np.cos(1.7 * np.arange(np.prod(shape, dtype=int)) + len(shape))).reshape(
        shape
    )


def exact_cases() -> list[SymmetryCase]:
    """Return the shapes and functions that the finite field decides."""
    linear = [replace(case, phi="linear") for case in vanilla.exact_cases()[-1:]]
    return [SymmetryCase(**vars(case)) for case in (*vanilla.exact_cases(), *linear)]


def distinct_cases() -> list[SymmetryCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [SymmetryCase(**vars(case)) for case in vanilla.distinct_cases()]


MODEL = Model(
    "symmetries",
    "Symmetries of the vanilla RNN",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small=vanilla.MODEL.small,
    smallest=vanilla.MODEL.smallest,
)
