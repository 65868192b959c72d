"""The functions that people import, as a run: any cell with a mask, by its network's methods.

``forward``, ``backward``, ``value_and_grad``, ``state_jacobian`` and ``total_derivative`` check
what they are given and put together what derivations say; here it is they that are called. Weights
are one column θ, states one column S_t, as in the model *masked*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from itertools import accumulate
from math import prod
from typing import Any, ClassVar, TypeVar

import numpy as np

from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.bptt.network import Network
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.state_jacobians import acting
from bpttcheck.cells.run import Run
from bpttcheck.runs import masked_model as masked
from bpttcheck.runs.model import Model, Symbol, environment
from bpttcheck.runs.systems import System

NAMED = ("nll", "squared_error")
"""The losses that ``value_and_grad`` has."""


@dataclass(frozen=True, eq=False)
class FunctionsCase(masked.MaskedCase):
    """One example: as of the model *masked*, a step at least of each sequence, a named loss."""

    model: ClassVar[str] = "functions"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss not in NAMED:
            raise ValueError(f"loss: expected one of {', '.join(NAMED)}, got {self.loss!r}")
        if not self.taken[:-1].any(axis=0).all():
            raise ValueError("taken: expected a step of every sequence, got none of one")


Case = FunctionsCase  # as a pasted case names it

Returned = TypeVar("Returned")


def _within_range(call: Callable[[Any], Returned]) -> Callable[[Any], Returned]:
    """Let a function that refuses to overflow say nothing of the case."""

    @wraps(call)
    def asked(self: Any) -> Returned:
        try:
            return call(self)
        except ArithmeticError as reason:
            raise Inapplicable(f"out of range: {reason}") from None

    return asked


class Functions:
    """What the methods of a cell's network return, asked when a statement first needs it.

    Arguments:
        e: a case in a number system, whose first T steps are given to them.
        loss: its name.
    """

    def __init__(self, e: masked.MaskedEvaluation, loss: str) -> None:
        self.loss = loss
        self.e, self.network, self.mask = e, Network(e.cell), e.mask[: e.T]
        self.params = e.weights(e.numbers["theta"])
        self.x = e.numbers["x"][: e.T]
        self.initial = {f"{k}0": a for k, a in e.states(e.numbers["S0"]).items()}

    @cached_property
    @_within_range
    def run(self) -> Run:
        """The forward pass."""
        return self.network.forward(self.params, self.x, mask=self.mask, **self.initial)

    @cached_property
    @_within_range
    def back(self) -> Gradients:
        """The backward pass, of the gradient of the loss with respect to the scores."""
        return self.network.backward(self.params, self.run, self.e.ds)

    @cached_property
    @_within_range
    def of_sum(self) -> tuple[Array, dict[str, Array]]:
        """The loss, added up over steps and sequences, and its gradients."""
        return self._value_and_grad("sum")

    @cached_property
    @_within_range
    def of_mean(self) -> tuple[Array, dict[str, Array]]:
        """The mean loss of the steps that take place, and its gradients."""
        return self._value_and_grad("mean")

    def _value_and_grad(self, reduction: str) -> tuple[Array, dict[str, Array]]:
        given: dict[str, Any] = {"mask": self.mask, **self.initial}
        return self.network.value_and_grad(
            self.params, self.x, self.e.y, loss=self.loss, reduction=reduction, **given
        )

    def theta_of(self, grads: Mapping[str, Array]) -> Array:
        """Return gradients of all weights as one column."""
        return np.concatenate([grads[k].reshape(-1) for k in self.e.weight_shapes])

    def states_of(self, by_name: Mapping[str, Array], suffix: str = "") -> Array:
        """Return what there is of every state, side by side."""
        return self.e.beside(by_name, [f"{k}{suffix}" for k in self.e.cell.states])

    @_within_range
    def jacobians(self) -> Array:
        """Return ∂S_T/∂S_k of every step k, (T + 1, B, S, S)."""
        made, letters, run = self.network.state_jacobian, [*self.e.cell.states], self.run

        def of(k: int) -> Array:
            rows = [
                [made(self.params, run, self.e.T, k, state=a, by=b) for b in letters]
                for a in letters
            ]
            return np.concatenate([np.concatenate(row, axis=-1) for row in rows], axis=-2)

        return np.stack([of(k) for k in range(self.e.T + 1)])

    @_within_range
    def totals(self) -> Array:
        """Return ∂S_t/∂θ of every step t, (T + 1, B, S, D), for weights of gates; else zeros."""
        made, run, e = self.network.total_derivative, self.run, self.e
        nothing = 0 * e.numbers["theta"]
        found = np.broadcast_to(nothing, (e.T + 1, e.B, e.n * len(e.cell.states), len(nothing)))
        found = found.copy()
        for name, place in self.places.items():
            for i, state in enumerate(e.cell.states):
                for t in range(e.T + 1):
                    own = made(self.params, run, t, name, state=state)
                    found[t, :, i * e.n : (i + 1) * e.n, place] = own.reshape(e.B, e.n, -1)
        return found

    @property
    def places(self) -> dict[str, slice]:
        """Where in θ each weight of a gate lies, of which ``total_derivative`` is asked."""
        ends = [*accumulate(map(prod, self.e.weight_shapes.values()), initial=0)]
        every = zip(self.e.weight_shapes, map(slice, ends, ends[1:]), strict=False)
        return {name: place for name, place in every if name in acting(self.run)}

    def of_gates(self) -> Array:
        """Return ones for weights of gates and zeros for others, on a diagonal, (B, D, D)."""
        ones = np.zeros(len(self.e.numbers["theta"]))
        for place in self.places.values():
            ones[place] = 1
        alike = np.broadcast_to(np.diag(ones), (self.e.B, len(ones), len(ones)))
        return self.e.system.constant(alike)


def evaluate(case: FunctionsCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = masked.MaskedEvaluation(case, system)
    f = Functions(e, case.loss)
    return environment(
        **e.forward_symbols(),
        N=int(case.taken[: e.T].sum()),
        forward_s=e.columns("forward_s", lambda: f.run.s),
        back_theta=e.summed("back_theta", lambda: f.theta_of(f.back.weights)),
        back_S=e.columns("back_S", lambda: f.states_of(f.back.steps), first=0),
        value=e.once("value", lambda: f.of_sum[0].reshape(1)),
        grad_theta=e.summed("grad_theta", lambda: f.theta_of(f.of_sum[1])),
        grad_S=e.once("grad_S", lambda: f.states_of(f.of_sum[1], "0")[..., None]),
        grad_x=e.columns("grad_x", lambda: f.of_sum[1]["x"]),
        mean_value=e.once("mean_value", lambda: f.of_mean[0].reshape(1)),
        mean_theta=e.summed("mean_theta", lambda: f.theta_of(f.of_mean[1])),
        jacobian=e.scalars("jacobian", f.jacobians, first=0),
        gates=e.once("gates", f.of_gates),
        total=e.scalars("total", f.totals, first=0),
    )


def _made(name: str, latex: str, meaning: str, by: str, each_step: bool = False) -> Symbol:
    return Symbol(name, latex, f"{meaning}, as {by} returns it", "function", each_step=each_step)


FORWARD = ("L", "T", "theta", "x", "S", "s")
VALUE, MEAN = "the function of loss and gradients", "the same function, asked for a mean,"
SYMBOLS = (
    *(symbol for symbol in masked.SYMBOLS if symbol.name in FORWARD),
    Symbol("N", "N", "the number of steps that take place, of all sequences"),
    _made("forward_s", r"\mathtt{scores}", "scores at step t", "forward", True),
    _made("back_theta", r"\mathtt{back}_{\boldsymbol{\theta}}", "Σ_b ∂L/∂θ", "backward"),
    _made("back_S", r"\mathtt{back}^{\mathbf{S}}", "∂L/∂S at step t", "backward", True),
    _made("value", r"\mathtt{value}", "Σ_b L", VALUE),
    _made("grad_theta", r"\mathtt{grad}_{\boldsymbol{\theta}}", "Σ_b ∂L/∂θ", VALUE),
    _made("grad_S", r"\mathtt{grad}_{\mathbf{S}_0}", "∂L/∂S_0", VALUE),
    _made("grad_x", r"\mathtt{grad}^{\mathbf{x}}", "∂L/∂x at step t", VALUE, True),
    _made("mean_value", r"\mathtt{mean}", "the mean loss of a step", MEAN),
    _made("mean_theta", r"\mathtt{mean}_{\boldsymbol{\theta}}", "its gradient, by θ", MEAN),
    _made("jacobian", r"\mathtt{jacobian}", "∂S_T/∂S at step t", "the function of Jacobians", True),
    Symbol("gates", "G", "diagonal: a one for each weight of a gate, a zero for any other"),
    _made(
        "total", r"\mathtt{total}", "∂S/∂θ at step t, for gates", "that of total derivatives", True
    ),
)


def of(case: masked.MaskedCase) -> FunctionsCase:
    """Return a case of the model *masked* as one of this model: none of it is without a step."""
    taken = case.taken.copy()
    taken[0, ~taken[:-1].any(axis=0)] = 1
    return FunctionsCase(**{**vars(case), "taken": taken})


def exact_cases() -> list[FunctionsCase]:
    """Return the shapes and functions that the finite field decides: every cell."""
    every = [masked.of_cell(cell, "squared_error", 2, 2, 1, 1, 2) for cell in masked.CELLS]
    return [of(case) for case in (*every, masked.of_cell("coupled_lstm", "nll", 3, 1, 2, 2, 2))]


def distinct_cases() -> list[FunctionsCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [of(case) for case in masked.distinct_cases()]


MODEL = Model(
    "functions",
    "Any cell, by the functions of its network",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small=masked.SMALL,
    smallest=masked.SMALL,
    most_examples=12,
)
