"""The LSTM as a run: forward, BPTT and the witness derivatives, all by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.lstm import recursion
from bpttcheck.cells.lstm import AXES, equations
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

GATES = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}
BPTT_INNER = ("a_i", "a_f", "a_g", "a_o", "c", "h")
CASE_AXES = case_axes(AXES, "hc")


@dataclass(frozen=True, eq=False)
class Case:
    """One example: T + 1 steps of input, of which the loss reads the first T.

    Weights ``U_i``, … (n, m), ``W_i``, … (n, n), ``b_i``, … (n,), ``V`` (p, n), ``b_s`` (p,);
    ``x`` (T + 1, B, m), ``h0`` and ``c0`` (B, n), ``y`` (T, B, p). ``forget`` is ``"gate"``, or
    ``"none"`` for f_t = 1; ``targets`` says whether the rows of y are one-hot (``"class"``), sum
    to one (``"distribution"``) or are any numbers (``"any"``).
    """

    U_i: Array
    U_f: Array
    U_g: Array
    U_o: Array
    W_i: Array
    W_f: Array
    W_g: Array
    W_o: Array
    b_i: Array
    b_f: Array
    b_g: Array
    b_o: Array
    V: Array
    b_s: Array
    x: Array
    h0: Array
    c0: Array
    y: Array
    loss: str = "nll"
    targets: str = "class"
    forget: str = "gate"

    model: ClassVar[str] = "lstm"

    def __post_init__(self) -> None:
        check_case(self, CASE_AXES)
        if self.forget not in ("gate", "none"):
            raise ValueError(f"forget: expected gate or none, got {self.forget!r}")

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p."""
        return case_sizes(self)


class Evaluation(GatedEvaluation):
    """A case in a number system, evaluated as far as it is asked."""

    weights = AXES
    given = (*AXES, "x", "h0", "c0")
    computed = ("L", "c", "h")
    inner = ("a_i", "a_f", "a_g", "a_o", "i", "f", "g", "o", "c", "h")
    outputs_name = "s"
    path = "c"
    bptt_inner = BPTT_INNER

    def __init__(self, case: Case, system: System) -> None:
        super().__init__(case, system)
        self.forget = case.forget == "gate"

    def run_forward(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], held: Array | None
    ) -> Any:
        """Run the cell's equations."""
        return equations(
            numbers, numbers["x"], numbers["h0"], numbers["c0"],
            forget=self.forget, offsets=offsets, held=held,
        )  # fmt: skip

    def run_backward(self, scored: Any, doutputs: Array) -> Any:
        """Run the cell's BPTT."""
        return recursion(self.numbers, scored, doutputs)


def evaluate(case: Case, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    return Evaluation(case, system).symbols()


SYMBOLS = (
    *common("s"),
    Symbol("b_s", r"\mathbf{b}_{s}", "bias of the output layer, a column of p"),
    *gate_weights(GATES),
    *preactivations(GATES),
    column("i", r"\mathbf{i}", "input gate: how much of the candidate enters the cell"),
    column("f", r"\mathbf{f}", "forget gate: how much of the cell before stays"),
    column("g", r"\mathbf{g}", "candidate: what may enter the cell"),
    column("o", r"\mathbf{o}", "output gate: how much of the squashed cell is the state"),
    column("c", r"\mathbf{c}", "cell, c_0 given", first=0),
    column("h", r"\mathbf{h}", "state, h_0 given", first=0),
    *bptt_symbols(BPTT_INNER, AXES),
)


def exact_cases() -> list[Case]:
    """Return the shapes and functions that the finite field decides."""
    chosen = (
        ("arbitrary", "any", "gate", 1, 1, 1, 1, 1),
        ("arbitrary", "any", "none", 2, 1, 1, 2, 1),
        ("arbitrary", "any", "gate", 3, 1, 1, 2, 2),
        ("nll", "class", "gate", 2, 2, 2, 1, 2),
    )
    return [_sized(*functions_and_sizes) for functions_and_sizes in chosen]


def distinct_cases() -> list[Case]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [_sized("nll", "class", "gate", 2, 3, 4, 5, 6)]


def _sized(loss: str, targets: str, forget: str, *sizes: int) -> Case:
    """Return a case of these functions and sizes; everything but its targets is zero."""
    return Case(**blank(CASE_AXES, *sizes), loss=loss, targets=targets, forget=forget)


MODEL = Model(
    "lstm", "The LSTM", SYMBOLS, evaluate, exact_cases, distinct=distinct_cases,
    small={"max_T": 2, "max_B": 1, "max_n": 2},
    smallest={"max_T": 2, "max_B": 1, "max_n": 2},
)  # fmt: skip
