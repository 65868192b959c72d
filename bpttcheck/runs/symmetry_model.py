"""The vanilla RNN seen again: renamed states and classes, another basis, one sequence at a time.

Each transformed network is run and sent through BPTT on its own; what its loss and gradients must
be follows from the derivatives of the untransformed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.recursion import recursion
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
    """One network, run and sent through BPTT."""

    def __init__(self, e: RNNEvaluation, **changed: Any) -> None:
        numbers = {**e.numbers, **{k: v for k, v in changed.items() if k != "y"}}
        y = changed.get("y", e.y)
        run = e.run_with({**numbers, "x": numbers["x"][: e.T]}, {})
        self.h = run.h
        self.loss = np.asarray(e.loss.value(run.s, y).sum(axis=0))
        ds = e.loss.gradient(run.s, y)
        self.gradients: Gradients = recursion(as_weights(numbers), run, ds)


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

    def each(name: str, values: Array) -> Variable:
        return Variable(name, None, values, system.modulus)

    networks = {"states": states, "classes": classes, "basis": basis}
    return environment(
        d=e.d,
        T=e.T,
        L=each("L", e.losses.sum(axis=0)),
        **{name: e.each(name) for name in WEIGHTS},
        **{f"L_{of}": each(f"L_{of}", net.loss) for of, net in networks.items()},
        **{
            f"d{name}_{of}": e.summed(f"d{name}_{of}", getattr(net.gradients, f"d{name}"))
            for of, net in networks.items()
            for name in ("W", "U", "V")
        },
        L_shifted=each("L_shifted", shifted.loss),
        L_alone=each("L_alone", np.concatenate([net.loss for net in alone])),
        dW_alone=each("dW_alone", np.stack([net.gradients.dW for net in alone])),
        x=e.columns("x", e.run.x),
        h=e.columns("h", e.run.h, first=0),
        o=e.columns("o", e.run.s),
        h_states=e.columns("h_states", states.h, first=0),
        h_basis=e.columns("h_basis", basis.h, first=0),
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

    zero, step = e.system.constant(np.zeros((1, 1, 1))), np.ones((1, 1, 1))
    jvp = derivatives(e.system, zero, step, moved, 0, axis_of_directions)["o"][..., 0]
    g = recursion(e.weights, e.scored, v)
    grads = {**{k: g.weights[ours] for k, ours in OURS.items()}, "x": g.dx, "h0": g.dh[0]}
    towards["x"] = towards["x"][: e.T]
    vjp = sum((grads[k] * towards[k]).sum() for k in names)
    return {
        "v": e.columns("v", v),
        "o_dot": e.columns("o_dot", jvp),
        "vjp": Variable("vjp", None, np.asarray(vjp).reshape(1), e.system.modulus),
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
