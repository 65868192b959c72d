"""Truncated BPTT of the vanilla RNN as a run, beside BPTT and the witness derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.truncated import blocks, pulled
from bpttcheck.runs import rnn_model as vanilla
from bpttcheck.runs.model import Function, Model, Symbol, batch_sum, blank, environment
from bpttcheck.runs.rnn_evaluation import CASE_AXES, OURS, WEIGHTS, RNNCase, RNNEvaluation
from bpttcheck.runs.softmax_nll_model import drawn_targets
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import Sequence, Variable


@dataclass(frozen=True, eq=False)
class TruncationCase(RNNCase):
    """One example of the vanilla RNN; every ``k1`` steps the losses go back through ``k2``."""

    k1: int = 1
    k2: int = 2

    model: ClassVar[str] = "truncation"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("k1", "k2"):  # a search for small numbers tries floats
            given = getattr(self, name)
            if isinstance(given, float) and given.is_integer():
                object.__setattr__(self, name, int(given))
        blocks(self.sizes["T"], self.k1, self.k2)  # refuses what is not 1 ≤ k1 ≤ k2

    @property
    def loses(self) -> bool:
        """Whether any message is older than what is kept."""
        return any(b.oldest > 1 for b in blocks(self.sizes["T"], self.k1, self.k2))


Case = TruncationCase  # as a pasted case has it


SYMBOLS = (
    *(
        s
        for s in vanilla.SYMBOLS
        if s.name
        in (
            "L",
            "E",
            "T",
            "U",
            "W",
            "V",
            "b",
            "c",
            "x",
            "a",
            "h",
            "o",
            "phi",
            "dU",
            "dW",
            "db",
        )
    ),
    Symbol(
        "oldest",
        r"\operatorname{oldest}",
        "oldest(t): the first step that the loss of step t reaches,"
        " max(1, s − (k2 − k1)), s the first step of its block of k1 losses",
    ),
    Symbol("heard", r"t_{\mathrm{heard}}", "the last step whose loss reaches the first step"),
    *(
        Symbol(
            f"truncated_{name}",
            rf"\mathtt{{truncated}}_{{{name}}}",
            f"Σ_b of what truncated BPTT has for ∂L/∂{name}",
            "truncated",
        )
        for name in WEIGHTS
    ),
    Symbol(
        "truncated_h0",
        r"\mathtt{truncated}_{h_0}",
        "what truncated BPTT has for ∂L/∂h_0",
        "truncated",
    ),
)


def evaluate(case: TruncationCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = RNNEvaluation(case, system, drawn_targets(case.y, case.targets, system))
    reach = {t: b.oldest for b in blocks(e.T, case.k1, case.k2) for t in range(b.first, b.last + 1)}

    @cache
    def truncated() -> Gradients:
        return pulled(e.weights, e.scored, e.do, case.k1, case.k2)

    def by_weight(name: str) -> Variable:
        return e.summed(f"truncated_{name}", lambda: truncated().weights[OURS[name]])

    def along(name: str, ours: str) -> Sequence:
        return e.columns(name, lambda: getattr(e.run, ours))

    def summed(name: str) -> Variable:
        return e.summed(f"d{name}", lambda: getattr(e.gradients, f"d{name}"))

    return environment(
        d=e.d,
        T=e.T,
        oldest=lambda t: reach[t],
        heard=max(t for t, first in reach.items() if first == 1),
        L=e.once("L", lambda: e.losses.sum(axis=0)),
        E=e.scalars("E", lambda: e.losses),
        **{name: e.each(name) for name in WEIGHTS},
        **{name: along(name, ours) for name, ours in zip("xao", "xas", strict=True)},
        h=e.columns("h", lambda: e.run.h, first=0),
        phi=Function(e.phi.value, e.phi.derivative),
        batch=batch_sum,
        **{f"d{name}": summed(name) for name in "UWb"},
        **{f"truncated_{name}": by_weight(name) for name in OURS},
        truncated_h0=e.once("truncated_h0", lambda: truncated().steps["h"][0][..., None]),
    )


def exact_cases() -> list[TruncationCase]:
    """Return the shapes and functions that the finite field decides."""
    chosen = (
        ("arbitrary", "arbitrary", "any", 1, 2, 4, 1, 2, 3, 2),
        ("tanh", "nll", "class", 2, 3, 4, 2, 1, 2, 2),
        ("arbitrary", "arbitrary", "any", 2, 2, 3, 1, 1, 2, 1),
        ("tanh", "squared_error", "any", 2, 4, 2, 1, 1, 2, 1),
    )
    return [_sized(*functions_and_sizes) for functions_and_sizes in chosen]


def distinct_cases() -> list[TruncationCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [_sized("tanh", "nll", "class", 1, 2, 2, 3, 4, 5, 6)]


def _sized(phi: str, loss: str, targets: str, k1: int, k2: int, *sizes: int) -> TruncationCase:
    """Return a case of these functions, k1, k2 and sizes; everything but its targets is zero."""
    return TruncationCase(
        **blank(CASE_AXES, *sizes), phi=phi, loss=loss, targets=targets, k1=k1, k2=k2
    )


MODEL = Model(
    "truncation",
    "Truncated BPTT",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small={"max_T": 4, "max_B": 2, "max_n": 3},
    smallest={"max_T": 3, "max_B": 1, "max_n": 2, "smooth": True},
    most_examples=20,
)
