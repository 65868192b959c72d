"""The GRU as a run: forward, BPTT and the witness derivatives, all by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.gru import recursion
from bpttcheck.cells.gru import AXES_AFTER as AXES
from bpttcheck.cells.gru import RESETS, equations
from bpttcheck.runs.gated import (
    GatedEvaluation,
    bptt_symbols,
    case_axes,
    case_sizes,
    check_case,
    column,
    common,
    gate_weights,
    preactivations,
)
from bpttcheck.runs.model import Model, Symbol, blank
from bpttcheck.runs.systems import System
from bpttcheck.shapes import one_of

GATES = {"z": "update gate", "r": "reset gate", "g": "candidate"}
BPTT_INNER = ("a_z", "a_r", "a_g", "h")
CASE_AXES = case_axes(AXES, "h")


@dataclass(frozen=True, eq=False)
class Case:
    """One example: T + 1 steps of input, of which the loss reads the first T.

    Weights ``U_z``, … (n, m), ``W_z``, … (n, n), ``b_z``, … (n,), ``V`` (p, n), ``c`` (p,) and
    ``b_Wg`` (n,), which the reset ``"after"`` the product alone reads; ``x`` (T + 1, B, m),
    ``h0`` (B, n), ``y`` (T, B, p). ``targets`` says whether the rows of y are one-hot
    (``"class"``), sum to one (``"distribution"``) or are any numbers (``"any"``).
    """

    U_z: Array
    U_r: Array
    U_g: Array
    W_z: Array
    W_r: Array
    W_g: Array
    b_z: Array
    b_r: Array
    b_g: Array
    V: Array
    c: Array
    b_Wg: Array
    x: Array
    h0: Array
    y: Array
    loss: str = "nll"
    targets: str = "class"
    reset: str = "before"

    model: ClassVar[str] = "gru"

    def __post_init__(self) -> None:
        check_case(self, CASE_AXES)
        one_of("reset", self.reset, RESETS)

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p."""
        return case_sizes(self)


class Evaluation(GatedEvaluation):
    """A case in a number system, evaluated as far as it is asked."""

    weights = AXES
    given = (*AXES, "x", "h0")
    computed = ("L", "h")
    inner = ("a_z", "a_r", "a_g", "z", "r", "g", "h")
    outputs_name = "o"
    path = "h"
    bptt_inner = BPTT_INNER

    def __init__(self, case: Case, system: System) -> None:
        super().__init__(case, system)
        self.reset = case.reset

    def run_forward(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], held: Array | None
    ) -> Any:
        """Run the cell's equations."""
        return equations(
            numbers, numbers["x"], numbers["h0"], reset=self.reset, offsets=offsets, held=held
        )

    def run_backward(self, scored: Any, doutputs: Array) -> Any:
        """Run the cell's BPTT."""
        return recursion(self.numbers, scored, doutputs)


def evaluate(case: Case, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    return Evaluation(case, system).symbols()


SYMBOLS = (
    *common("o"),
    Symbol("c", r"\mathbf{c}", "bias of the output layer, a column of p"),
    *gate_weights(GATES),
    Symbol("b_Wg", r"\mathbf{b}_{Wg}", "bias beside W_g that the reset gate scales too, n"),
    *preactivations(GATES),
    column("z", r"\mathbf{z}", "update gate: how much of the state before is kept"),
    column("r", r"\mathbf{r}", "reset gate: how much of the state before the candidate sees"),
    column("g", r"\mathbf{g}", "candidate for the new state"),
    column("h", r"\mathbf{h}", "state, h_0 given", first=0),
    *bptt_symbols(BPTT_INNER, AXES),
)


def exact_cases() -> list[Case]:
    """Return the shapes and functions that the finite field decides."""
    chosen = (
        ("arbitrary", "any", "before", 1, 1, 1, 1, 1),
        ("arbitrary", "any", "after", 1, 1, 1, 1, 1),
        ("arbitrary", "any", "before", 3, 1, 1, 2, 2),
        ("arbitrary", "any", "after", 3, 1, 1, 2, 2),
        ("nll", "class", "after", 2, 2, 2, 1, 2),
    )
    return [_sized(*functions_and_sizes) for functions_and_sizes in chosen]


def distinct_cases() -> list[Case]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [_sized("nll", "class", "before", 2, 3, 4, 5, 6)]


def _sized(loss: str, targets: str, reset: str, *sizes: int) -> Case:
    """Return a case of these functions and sizes; everything but its targets is zero."""
    return Case(**blank(CASE_AXES, *sizes), loss=loss, targets=targets, reset=reset)


MODEL = Model(
    "gru", "The GRU", SYMBOLS, evaluate, exact_cases, distinct=distinct_cases,
    small={"max_T": 2, "max_B": 1, "max_n": 2},
    smallest={"max_T": 2, "max_B": 1, "max_n": 2},
)  # fmt: skip
