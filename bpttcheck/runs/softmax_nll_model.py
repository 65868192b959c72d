"""Softmax and negative log-likelihood as a run: one row of logits a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.runs.model import Model, Symbol, as_arrays, check_targets, environment, named
from bpttcheck.runs.systems import System
from bpttcheck.softmax_nll import log_softmax_of, nll_gradient_of, nll_of, softmax_of
from bpttcheck.statements.terms import Term, Variable
from bpttcheck.witnesses.duals import derivatives, unit_vectors


@dataclass(frozen=True, eq=False)
class SoftmaxCase:
    """Logits ``o`` (B, p) and targets ``y`` (B, p).

    ``targets`` says which: ``"class"`` one-hot rows, ``"distribution"`` rows that sum to one,
    ``"any"`` real numbers.
    """

    o: Array
    y: Array
    targets: str = "class"

    model: ClassVar[str] = "softmax_nll"

    def __post_init__(self) -> None:
        as_arrays(self, o="Bp", y="Bp")
        check_targets(self.y, self.targets)

    @property
    def sizes(self) -> dict[str, int]:
        """B and p."""
        return {"B": len(self.o), "p": self.o.shape[1]}


Case = SoftmaxCase  # as a pasted case has it


SYMBOLS = (
    Symbol("L", "L", "the loss of a row, −Σ_i y_i ln ŷ_i with ŷ = softmax(o)"),
    Symbol("p", "p", "the number of classes"),
    Symbol("o", r"\mathbf{o}", "logits, a column of p numbers", component="o"),
    Symbol("y", r"\mathbf{y}", "targets, a column", component="y"),
    Symbol("y_hat", r"\hat{\mathbf{y}}", "softmax of the logits, a column", component=r"\hat{y}"),
    Symbol(
        "log_y_hat", r"\boldsymbol{\ell}", "log-softmax of the logits, a column", component=r"\ell"
    ),
    Symbol("ones", r"\mathbf{1}", "a column of ones"),
    Symbol("I", "I", "the identity matrix"),
    Symbol("S", "S", "the sum of the targets, Σ_i y_i"),
    Symbol("nll", r"\mathtt{nll}", "the loss as the reference computes it", "reference"),
    Symbol("do", r"\mathtt{do}", "∇_o L as the reference computes it", "bptt"),
)


def drawn_targets(y: Array, targets: str, system: System) -> Array:
    """Return targets (…, p): rows that must sum to one do so in every system."""
    if targets == "class":
        return system.constant(y)
    drawn = system.drawn("y", y)
    if targets == "any":
        return drawn
    if y.shape[-1] == 1:
        return system.constant(np.ones(y.shape))
    last = 1 - drawn[..., :-1].sum(axis=-1, keepdims=True)
    return np.concatenate([drawn[..., :-1], last], axis=-1)


def _loss(o: Array, y: Array) -> Array:
    """Return the loss by its definition, −Σ y_i ln ŷ_i, on the forward's log-softmax."""
    return np.asarray((-y * log_softmax_of(o)).sum(axis=-1))


def evaluate(case: SoftmaxCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    o, y = system.drawn("o", case.o), drawn_targets(case.y, case.targets, system)
    B, p = o.shape
    modulus = system.modulus
    cache: dict[str, dict[str, Array]] = {}

    def column(name: str, values: Array) -> Variable:
        return Variable(name, None, values[..., None], modulus)

    def forward(z: Array) -> dict[str, Array]:
        return {"L": _loss(z, y[None]), "y_hat": softmax_of(z)}

    def d(over: Any, under: Any) -> Term:
        named(over, under, ("L", "y_hat"), ("o",))
        if not cache:
            directions = unit_vectors(p, 1).transpose(1, 2, 0)  # (K, 1, p)
            cache["o"] = derivatives(system, o[None], directions, forward)
        tangents = cache["o"][over.name]  # (B, K) or (B, p, K)
        if over.name == "L":
            tangents = tangents[..., None]  # a gradient is a column
        elif over.entry is not None:
            tangents = tangents[:, over.entry[0] - 1, :, None]
        if under.entry is not None:
            tangents = tangents[:, under.entry[0] - 1, 0]
        return Term(tangents, modulus)

    ones = system.constant(np.ones((B, p, 1)))
    return environment(
        d=d,
        p=p,
        o=column("o", o),
        y=column("y", y),
        y_hat=column("y_hat", softmax_of(o)),
        log_y_hat=column("log_y_hat", log_softmax_of(o)),
        L=Variable("L", None, _loss(o, y), modulus),
        S=Variable("S", None, np.asarray(y.sum(axis=-1)), modulus),
        ones=Term(ones, modulus),
        I=Term(ones * system.constant(np.eye(p)), modulus),
        nll=Variable("nll", None, nll_of(o, y), modulus),
        do=column("do", nll_gradient_of(o, y)),
    )


def exact_cases() -> list[SoftmaxCase]:
    """Return the shapes that the finite field decides."""
    sizes = product((1, 2), (1, 2, 3, 5))
    return [
        SoftmaxCase(np.zeros((B, p)), np.eye(p)[np.arange(B) % p], targets)
        for B, p in sizes
        for targets in ("class", "distribution", "any")
    ]


MODEL = Model(
    "softmax_nll",
    "Softmax and negative log-likelihood",
    SYMBOLS,
    evaluate,
    exact_cases,
    smallest={"max_B": 1, "max_p": 3},
)
