"""Any cell as a run: its cases, its evaluation and its symbols, made from the cell's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, make_dataclass
from functools import cached_property
from typing import Any

from bpttcheck.arguments import one_of
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell
from bpttcheck.runs.cell_evaluation import CellEvaluation
from bpttcheck.runs.gated import (
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

FEW = 12
"""Random cases of a cell, at most: the loop is that of every other cell, a step alone its own."""

SMALL = {"max_T": 2, "max_B": 1, "max_n": 2}

EXACT = (("arbitrary", 3, 1, 1, 2, 2), ("nll", 2, 2, 2, 1, 2))


class CellRuns:
    """What the registry needs of a cell: ``Case``, ``Evaluation`` and ``MODEL``.

    Arguments:
        cell: a declared cell; of one that comes in kinds, that with all the weights.
        module: where this object can be found under the cell's name: cases are pickled.
        kinds: the cell of each kind by the word for it, for a field of the case of that name.
        letters: what statements call the outputs and their bias, where that is not s and b_s.
        meanings: what gates and states are said to be, where their names do not say enough.
        exact: which cases the finite field decides: the loss, the word of the kind, if there are
            kinds, and T, B, m, n, p, and r where a state is projected.
        most_examples: how many random cases at most.
    """

    def __init__(
        self,
        cell: Cell,
        module: str,
        *,
        kinds: tuple[str, Mapping[str, Cell]] = ("", {}),
        letters: Mapping[str, str] | None = None,
        meanings: Mapping[str, str] | None = None,
        exact: Sequence[tuple[Any, ...]] = EXACT,
        most_examples: int | None = FEW,
    ) -> None:
        self.cell, (self.kind, self.kinds) = cell, kinds
        self.letters = {"s": "s", "b_s": "b_s", **(letters or {})}
        self.axes = {self.letters.get(k, k): symbols for k, symbols in cell.axes.items()}
        self.case_axes = case_axes(cell, self.axes)
        self.states = {f"{k}0": cell.width(k) for k in cell.states}
        self.meanings = dict(meanings or {})
        self.inner = (*(f"a_{k}" for k in cell.gates), *cell.gates, *cell.states)
        self.back = (*(f"a_{k}" for k in cell.gates), *cell.states)
        self.exact = exact
        self.Case = _case_class(self, module)
        optional = {} if most_examples is None else {"most_examples": most_examples}
        self.MODEL = Model(
            cell.name,
            cell.title,
            _symbols(self),
            self.evaluate,
            self.exact_cases,
            distinct=self.distinct_cases,
            small=SMALL,
            smallest=SMALL,
            **optional,
        )

    def cell_of(self, case: Any) -> Cell:
        """Return the cell of a case, whose kind is among its fields."""
        return self.kinds[getattr(case, self.kind)] if self.kind else self.cell

    def evaluation(self, case: Any, system: System) -> CellEvaluation:
        """Return a case in a number system, evaluated as far as it is asked."""
        return CellEvaluation(case, system, self.cell_of(case), self.axes, self.letters)

    def evaluate(self, case: Any, system: System) -> dict[str, Any]:
        """Return the symbols of the model, evaluated; call within ``system.active()``."""
        return self.evaluation(case, system).symbols(self.inner, self.back)

    def exact_cases(self) -> list[Any]:
        """Return the shapes and functions that the finite field decides."""
        return [self._sized(*chosen) for chosen in self.exact]

    def distinct_cases(self) -> list[Any]:
        """Return a case in which no two axes have the same length, and none has length 1."""
        word = (next(iter(self.kinds)),) if self.kind else ()
        return [self._sized("nll", *word, *range(2, 2 + self._symbols))]

    @property
    def _symbols(self) -> int:
        """How many sizes a case has: T, B, m, n, p and perhaps r."""
        return len(set("".join(self.case_axes.values())) - {"+"})

    def _sized(self, loss: str, *word_and_sizes: Any) -> Any:
        """Return a case of a kind and sizes; everything but its targets is zero."""
        word, sizes = word_and_sizes[: -self._symbols], word_and_sizes[-self._symbols :]
        targets = "any" if loss == "arbitrary" else "class"
        kind = {self.kind: word[0]} if word else {}
        arrays = blank(self.case_axes, *sizes)
        return self.Case(**arrays, loss=loss, targets=targets, **kind)


def _case_class(runs: CellRuns, module: str) -> Any:
    """Return the dataclass of one example: T + 1 steps of input, the loss reads the first T."""
    cell, axes = runs.cell, runs.case_axes

    def sizes(case: Any) -> dict[str, int]:
        return case_sizes(case, axes)

    def check(case: Any) -> None:
        check_case(case, axes)
        if runs.kind:
            one_of(tuple(runs.kinds))(runs.kind, getattr(case, runs.kind))

    words = [("loss", "nll"), ("targets", "class")]
    words += [(runs.kind, next(iter(runs.kinds)))] if runs.kind else []
    made = make_dataclass(
        "Case",
        [(name, Array) for name in (*runs.axes, "x", *runs.states, "y")]
        + [(name, str, field(default=default)) for name, default in words],
        frozen=True,
        eq=False,
        namespace={"model": cell.name, "__post_init__": check, "sizes": cached_property(sizes)},
    )
    made.__doc__ = f"One example of {cell.title[0].lower()}{cell.title[1:]}."
    made.__module__, made.__qualname__ = module, f"{cell.name}.Case"
    return made


def _symbols(runs: CellRuns) -> tuple[Symbol, ...]:
    cell, bias = runs.cell, runs.letters["b_s"]
    words = {k: gate.name for k, gate in cell.gates.items()}
    latex = rf"\mathbf{{{bias[0]}}}" + ("_{s}" if bias == "b_s" else "")
    read = cell.width("h")
    further = [
        Symbol(k, _latex(k, symbols), runs.meanings.get(k, "a further weight"))
        for k, symbols in cell.weights.items()
    ]
    return (
        *common(runs.letters["s"], read),
        Symbol(bias, latex, "bias of the output layer, a column of p"),
        *gate_weights(words, read),
        *further,
        *preactivations(words),
        *(column(k, rf"\mathbf{{{k}}}", runs.meanings.get(k, name)) for k, name in words.items()),
        *(
            column(k, rf"\mathbf{{{k}}}", f"{name}, {k}_0 given", 0, cell.width(k))
            for k, name in cell.states.items()
        ),
        *bptt_symbols(runs.back, runs.axes),
    )


def _latex(name: str, symbols: tuple[str, ...]) -> str:
    """Return a further weight as it is printed: a column bold, a matrix not."""
    letter, _, place = name.partition("_")
    shown = letter if len(symbols) > 1 else rf"\mathbf{{{letter}}}"
    return shown + (f"_{{{place}}}" if place else "")
