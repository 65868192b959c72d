"""Any cell as a run: its cases, its evaluation and its symbols, made from the cell's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, make_dataclass, replace
from functools import cached_property
from typing import Any

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.cell import Network, recursion
from bpttcheck.cells.cell import Cell, equations
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
from bpttcheck.runs.model import FIRST_STEP, Model, Symbol, blank
from bpttcheck.runs.systems import System

FEW = 12
"""Random cases of a cell, at most: the loop is that of every other cell, a step alone its own."""


class CellRuns:
    """What the registry needs of a cell: ``Case``, ``Evaluation`` and ``MODEL``.

    Arguments:
        network: the cell with its way back.
        module: where this object can be found under the cell's name: cases are pickled.
    """

    def __init__(self, network: Network, module: str) -> None:
        cell = network.cell
        self.network, self.cell = network, cell
        self.states = tuple(f"{k}0" for k in cell.states)
        self.inner = (*(f"a_{k}" for k in cell.gates), *cell.gates, *cell.states)
        self.back = (*(f"a_{k}" for k in cell.gates), *cell.states)
        self.Case = _case_class(cell, self.states, module)
        self.Evaluation = _evaluation_class(self)
        self.MODEL = Model(
            cell.name, cell.title, _symbols(self), self.evaluate, self.exact_cases,
            distinct=self.distinct_cases, small={"max_T": 2, "max_B": 1, "max_n": 2},
            smallest={"max_T": 2, "max_B": 1, "max_n": 2}, most_examples=FEW,
        )  # fmt: skip

    def evaluate(self, case: Any, system: System) -> dict[str, Any]:
        """Return the symbols of the model, evaluated; call within ``system.active()``."""
        evaluated: GatedEvaluation = self.Evaluation(case, system)
        return evaluated.symbols()

    def exact_cases(self) -> list[Any]:
        """Return the shapes and functions that the finite field decides."""
        return [self._sized("arbitrary", 3, 1, 1, 2, 2), self._sized("nll", 2, 2, 2, 1, 2)]

    def distinct_cases(self) -> list[Any]:
        """Return a case in which no two axes have the same length, and none has length 1."""
        return [self._sized("nll", 2, 3, 4, 5, 6)]

    def _sized(self, loss: str, *sizes: int) -> Any:
        """Return a case of these sizes; everything but its targets is zero."""
        targets = "any" if loss == "arbitrary" else "class"
        arrays = blank(case_axes(self.cell.axes, self.cell.states), *sizes)
        return self.Case(**arrays, loss=loss, targets=targets)


def _case_class(cell: Cell, states: tuple[str, ...], module: str) -> Any:
    """Return the dataclass of one example: T + 1 steps of input, the loss reads the first T."""
    axes = case_axes(cell.axes, cell.states)

    def check(case: Any) -> None:
        check_case(case, axes)

    made = make_dataclass(
        "Case",
        [(name, Array) for name in (*cell.axes, "x", *states, "y")]
        + [("loss", str, field(default="nll")), ("targets", str, field(default="class"))],
        frozen=True, eq=False,
        namespace={"model": cell.name, "__post_init__": check, "sizes": property(case_sizes)},
    )  # fmt: skip
    made.__doc__ = f"One example of {cell.title[0].lower()}{cell.title[1:]}."
    made.__module__, made.__qualname__ = module, f"{cell.name}.Case"
    return made


def _evaluation_class(runs: CellRuns) -> Any:
    """Return the evaluation of a case in a number system, as far as it is asked."""
    cell, network = runs.cell, runs.network

    class Evaluation(GatedEvaluation):
        weights = cell.axes
        given = (*cell.axes, "x", *runs.states)
        computed = ("L", *cell.states)
        inner = runs.inner
        outputs_name = "s"
        path = cell.path
        bptt_inner = runs.back

        def run_forward(
            self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], held: Array | None
        ) -> Any:
            states = {k: numbers[f"{k}0"] for k in cell.states}
            return equations(cell, numbers, numbers["x"], states, offsets=offsets, held=held)

        @cached_property
        def scored(self) -> Any:
            def first(name: str, values: Array) -> Array:
                return values[: self.T + 1 - FIRST_STEP.get(name, 1)]

            r = self.run
            made = {name: first(name, values) for name, values in r.made.items()}
            return replace(r, x=r.x[: self.T], made=made, s=r.s[: self.T])

        def run_backward(self, scored: Any, doutputs: Array) -> Any:
            return recursion(cell, network.back, self.numbers, scored, doutputs)

    return Evaluation


def _symbols(runs: CellRuns) -> tuple[Symbol, ...]:
    cell = runs.cell
    words = {k: gate.name for k, gate in cell.gates.items()}
    return (
        *common("s"),
        Symbol("b_s", r"\mathbf{b}_{s}", "bias of the output layer, a column of p"),
        *gate_weights(words),
        *preactivations(words),
        *(column(k, rf"\mathbf{{{k}}}", name) for k, name in words.items()),
        *(column(k, rf"\mathbf{{{k}}}", f"{name}, {k}_0 given", first=0)
          for k, name in cell.states.items()),
        *bptt_symbols(runs.back, cell.axes),
    )  # fmt: skip
