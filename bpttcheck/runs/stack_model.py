"""Two layers of a vanilla RNN in two directions, as a run: the messages between them by name.

The loss reads all T steps; what goes back in time begins at the last of them, so there is no step
past the loss here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.stacked import Layers, StackRun, backward
from bpttcheck.cells.forward import equations
from bpttcheck.cells.rnn import rnn
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_activation, chosen_output_loss
from bpttcheck.runs.model import Function, Model, Symbol, as_arrays, batch_sum, blank, check_targets
from bpttcheck.runs.model import environment as words
from bpttcheck.runs.softmax_nll_model import drawn_targets
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import Sequence, Term, Variable

PARTS = {"p": "l0", "q": "l0.reverse", "u": "l1", "v": "l1.reverse"}
"""By letter of its state: layer 1 forward (p) and back (q), layer 2 forward (u) and back (v)."""

OF_PART = {"U": "weights of the input", "W": "weights of the state", "b": "bias"}
"""Of each part."""


def axes_of(letter: str) -> dict[str, str]:
    """Return the axes of a part's weights; D stands for 2n."""
    return {
        f"U_{letter}": "nm" if letter in "pq" else "nD",
        f"W_{letter}": "nn",
        f"b_{letter}": "n",
    }


AXES = {k: a for letter in PARTS for k, a in axes_of(letter).items()} | {"V": "pD", "c": "p"}
CASE_AXES = {**AXES, **{f"{s}0": "Bn" for s in PARTS}, "x": "TBm", "y": "TBp"}


@dataclass(frozen=True, eq=False)
class StackCase:
    """One example: inputs ``x`` (T, B, m), targets ``y`` (T, B, p), four initial states (B, n)."""

    U_p: Array
    W_p: Array
    b_p: Array
    U_q: Array
    W_q: Array
    b_q: Array
    U_u: Array
    W_u: Array
    b_u: Array
    U_v: Array
    W_v: Array
    b_v: Array
    V: Array
    c: Array
    p0: Array
    q0: Array
    u0: Array
    v0: Array
    x: Array
    y: Array
    phi: str = "tanh"
    loss: str = "nll"
    targets: str = "class"

    model: ClassVar[str] = "stack"

    def __post_init__(self) -> None:
        known = as_arrays(self, **CASE_AXES).known
        if known["D"] != 2 * known["n"]:
            raise ValueError(f"V: expected (p, 2n) with 2n = {2 * known['n']}, got {self.V.shape}")
        check_targets(self.y, self.targets)

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p, the number of outputs."""
        (T, B, m), n = self.x.shape, self.p0.shape[1]
        return {"T": T, "B": B, "m": m, "n": n, "p": self.y.shape[2]}


Case = StackCase  # as a pasted case has it


class StackEvaluation(evaluation.Evaluation):
    """A case in a number system, evaluated as far as it is asked."""

    given = (*AXES, *(f"{s}0" for s in PARTS), "x")
    computed = ("L", *PARTS, *(f"a_{s}" for s in PARTS))

    def __init__(self, case: StackCase, system: System) -> None:
        n = case.sizes["n"]
        shapes: dict[str, tuple[int, ...]] = {k: np.shape(getattr(case, k)) for k in AXES}
        shapes |= {k: (n,) for s in PARTS for k in (s, f"a_{s}", f"{s}0")}
        shapes |= {"x": (case.sizes["m"],), "o": (case.sizes["p"],)}
        super().__init__(case, system, shapes)
        self.y = drawn_targets(case.y, case.targets, system)
        self.phi = chosen_activation("phi", case.phi, system.arbitrary())
        self.loss = chosen_output_loss(case.loss, system.arbitrary())

    def steps(self, name: str) -> int:
        """Return T: what goes back begins at the last step of the loss, not beyond."""
        return self.T

    def run_forward(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array]
    ) -> dict[str, Any]:
        """Run the four parts; every sequence is in order of time."""
        made: dict[str, Any] = {}

        def part(letter: str, read: Array, back: bool) -> Array:
            turn = slice(None, None, -1 if back else 1)
            given = {"a": offsets.get(f"a_{letter}"), "h": offsets.get(letter)}
            extra = {k: e[turn] for k, e in given.items() if e is not None}
            if "h" in extra:  # none on the initial state
                extra["h"] = np.concatenate([0 * extra["h"][:1], extra["h"]])
            U, W, b = (numbers[f"{k}_{letter}"] for k in "UWb")
            weights = {"U": U, "W": W, "b": b, "V": W, "b_s": 0 * b}  # what is read out is not
            start = {"h": numbers[f"{letter}0"]}
            run = equations(rnn(self.phi), weights, read[turn], start, offsets=extra)
            made[f"run_{letter}"], made[f"a_{letter}"] = run, run.a[turn]
            made[letter] = run.h[1:][turn]
            return np.asarray(made[letter])

        below = _beside(part("p", numbers["x"], False), part("q", numbers["x"], True))
        top = _beside(part("u", below, False), part("v", below, True))
        made["o"] = top @ numbers["V"].mT + numbers["c"]
        made["o"] = made["o"] + offsets["o"] if "o" in offsets else made["o"]
        return made | {"top": top}

    @cached_property
    def run(self) -> dict[str, Any]:
        """The forward pass."""
        return self.run_forward(self.numbers, {})

    @cached_property
    def gradients(self) -> dict[str, Array]:
        """The output of BPTT through the stack."""
        shape, runs = Layers(rnn(self.phi), 2, True), {}
        for letter, name in PARTS.items():
            runs[name] = self.run[f"run_{letter}"]
        weights = {_in_stack(k): self.numbers[k] for k in AXES}
        run = StackRun(runs, self.run["top"], self.run["o"], None)
        found, dx = backward(shape, weights, run, self.loss.gradient(self.run["o"], self.y))
        return {k: found[_in_stack(k)] for k in AXES} | {"x": dx}

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        made = self.run_forward(numbers, offsets)
        losses = self.loss.value(made["o"], self.y[:, None])
        return {k: made[k] for k in self.computed if k != "L"} | {"L": losses.sum(axis=0)}


def _beside(left: Array, right: Array) -> Array:
    shape = np.broadcast_shapes(left.shape, right.shape)
    return np.concatenate([np.broadcast_to(a, shape) for a in (left, right)], axis=-1)


def _in_stack(name: str) -> str:
    """Return a weight's name as the stack has it: l0.reverse.U for U_q."""
    letter, _, part = name.partition("_")
    return f"{PARTS[part]}.{letter}" if part else {"c": "b_s"}.get(name, name)


def evaluate(case: StackCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = StackEvaluation(case, system)
    n = case.sizes["n"]

    def initial(letter: str) -> Variable:
        return e.once(f"{letter}0", lambda: e.numbers[f"{letter}0"][..., None])

    def made(name: str) -> Sequence:
        return e.columns(name, lambda: e.run[name])

    def summed(name: str) -> Variable:
        return e.summed(f"d{name}", lambda: e.gradients[name])

    return words(
        d=e.d,
        T=e.T,
        L=e.once("L", lambda: e.loss.value(e.run["o"], e.y).sum(axis=0)),
        **{k: e.each(k) for k in AXES},
        x=e.columns("x", lambda: e.numbers["x"]),
        o=made("o"),
        **{k: made(k) for s in PARTS for k in (s, f"a_{s}")},
        **{f"{s}0": initial(s) for s in PARTS},
        pq=e.columns("pq", lambda: _beside(e.run["p"], e.run["q"])),
        uv=e.columns("uv", lambda: e.run["top"]),
        first=lambda column: _half(column, n, 0),
        second=lambda column: _half(column, n, 1),
        phi=Function(e.phi.value, e.phi.derivative),
        batch=batch_sum,
        **{f"d{k}": summed(k) for k in AXES},
        dx=e.columns("dx", lambda: e.gradients["x"]),
    )


def _half(column: Any, n: int, which: int) -> Term:
    """Return the first n entries of a column, or the others."""
    part = slice(which * n, (which + 1) * n)
    return Term(column.value[:, part], column.modulus, lambda: column.size[:, part])


WAY = {
    "p": "layer 1, forward",
    "q": "layer 1, back in time",
    "u": "layer 2, forward",
    "v": "layer 2, back in time",
}

SYMBOLS = (
    Symbol("L", "L", "the loss of a sequence, the sum of its steps' losses"),
    Symbol("T", "T", "the number of steps"),
    Symbol("x", r"\mathbf{x}", "input, columns of m", each_step=True),
    Symbol("o", r"\mathbf{o}", "output, columns", each_step=True),
    Symbol("V", "V", "weights of the output layer, which reads both directions of layer 2"),
    Symbol("c", r"\mathbf{c}", "bias of the output layer"),
    *(
        Symbol(f"{k}_{s}", rf"{k}_{s}" if k != "b" else rf"\mathbf{{b}}_{s}", f"{words} in {way}")
        for s, way in WAY.items()
        for k, words in OF_PART.items()
    ),
    *(
        Symbol(s, rf"\mathbf{{{s}}}", f"state of {way}, columns of n", each_step=True)
        for s, way in WAY.items()
    ),
    *(
        Symbol(f"a_{s}", rf"\mathbf{{a}}^{s}", f"pre-activation of {way}", each_step=True)
        for s, way in WAY.items()
    ),
    *(Symbol(f"{s}0", rf"\mathbf{{{s}}}_0", f"initial state of {way}") for s, way in WAY.items()),
    Symbol("pq", r"\mathbf{pq}", "both states of layer 1, p above q", each_step=True),
    Symbol("uv", r"\mathbf{uv}", "both states of layer 2, u above v", each_step=True),
    Symbol("first", r"\operatorname{first}", "the first half of a column of 2n"),
    Symbol("second", r"\operatorname{second}", "the second half of a column of 2n"),
    Symbol("phi", r"\phi", "activation of the states, entry by entry"),
    *(
        Symbol(
            f"d{k}",
            rf"\mathtt{{d{k[0]}}}" + (f"_{k[2]}" if "_" in k else ""),
            f"Σ_b ∂L/∂{k} as BPTT computes it",
            "bptt",
        )
        for k in AXES
    ),
    Symbol("dx", r"\mathtt{dx}", "∂L/∂x at step t, as BPTT computes it", "bptt", each_step=True),
)


def exact_cases() -> list[StackCase]:
    """Return the shapes and functions that the finite field decides."""
    return [
        _sized("arbitrary", "arbitrary", 3, 1, 1, 2, 2),
        _sized("tanh", "nll", 2, 2, 2, 1, 2),
    ]


def distinct_cases() -> list[StackCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [_sized("tanh", "nll", 2, 3, 4, 5, 6)]


def _sized(phi: str, loss: str, *sizes: int) -> StackCase:
    """Return a case of these functions and sizes; everything but its targets is zero."""
    targets = "any" if loss == "arbitrary" else "class"
    return StackCase(**blank(CASE_AXES, *sizes), phi=phi, loss=loss, targets=targets)


MODEL = Model(
    "stack",
    "Two layers, two directions",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small={"max_T": 3, "max_B": 1, "max_n": 2},
    smallest={"max_T": 2, "max_B": 1, "max_n": 1, "smooth": True},
    most_examples=12,
)
