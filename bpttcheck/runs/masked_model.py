"""Any cell with a mask, as a run: what holds of every cell, said once.

Where the mask has a zero no step takes place: states stay what they were, and the loss does not
count the output. All weights are one column θ, the states of a step one column S_t (h above c, of
an LSTM), its pre-activations one column A_t, in the order of the cell's declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import prod
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arguments import words
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.networks import NETWORKS
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.arrays import where_taken
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.declaration import of
from bpttcheck.cells.forward import equations
from bpttcheck.cells.gru import RESETS, gru
from bpttcheck.cells.lstm import lstm
from bpttcheck.cells.run import Run
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_output_loss
from bpttcheck.runs.column_of_weights import parts, shapes_of
from bpttcheck.runs.model import Model, Symbol, as_arrays, batch_sum, check_targets, environment
from bpttcheck.runs.softmax_nll_model import drawn_targets
from bpttcheck.runs.systems import System

CELLS: dict[str, Cell] = {name: network.cell for name, network in NETWORKS.items()}
CELLS |= {f"gru_{reset}": gru(reset) for reset in RESETS}
CELLS |= {"lstm_1997": lstm(forget=False)}
del CELLS["gru"]


@dataclass(frozen=True, eq=False)
class MaskedCase:
    """One example: T + 1 steps of input, of which the loss reads the first T.

    ``theta`` (D,) has every weight in the order of the cell's axes, ``S0`` (B, S) every initial
    state; ``x`` (T + 1, B, m), ``y`` (T, B, p); ``taken`` (T + 1, B) is 1 where a step takes
    place, 0 where none does.
    """

    theta: Array
    S0: Array
    x: Array
    y: Array
    taken: Array
    cell: str = "mgu"
    loss: str = "nll"
    targets: str = "class"

    model: ClassVar[str] = "masked"

    def __post_init__(self) -> None:
        as_arrays(self, y="TBp", S0="BS", taken="+TB", x="+TBm", theta="D")
        check_targets(self.y, self.targets)
        words("cell", self.cell, CELLS)
        states = len(CELLS[self.cell].states)
        if not ((self.taken == 0) | (self.taken == 1)).all():
            raise ValueError("taken: expected zeros and ones")
        if self.S0.shape[1] % states:
            raise ValueError(f"S0: expected (B, {states} n), got {self.S0.shape}")
        shapes = shapes_of(CELLS[self.cell], *(self.sizes[s] for s in "mnp"))
        size = sum(map(prod, shapes.values()))
        if len(self.theta) != size:
            raise ValueError(f"theta: expected ({size},), got {self.theta.shape}")

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p."""
        (T, B, p), m = self.y.shape, self.x.shape[-1]
        n = self.S0.shape[1] // len(CELLS[self.cell].states)
        return {"T": T, "B": B, "m": m, "n": n, "p": p}


Case = MaskedCase  # as a pasted case names it


class MaskedEvaluation(evaluation.Evaluation):
    """A case in a number system, evaluated as far as it is asked."""

    given = ("theta", "x", "S0")
    computed = ("L", "S", "s")

    def __init__(self, case: MaskedCase, system: System) -> None:
        m, n, p = (case.sizes[s] for s in "mnp")
        self.cell, self.n = CELLS[case.cell], n
        self.gates = [of("a", k) for k in self.cell.gates]
        self.weight_shapes = shapes_of(self.cell, m, n, p)
        columns = {"theta": len(case.theta), "S": case.S0.shape[1], "x": m, "s": p}
        columns["A"] = len(self.cell.gates) * n
        super().__init__(case, system, {k: (size,) for k, size in columns.items()})
        self.mask = case.taken.astype(bool)
        self.y = drawn_targets(case.y, case.targets, system)
        self.loss = chosen_output_loss(case.loss, system.arbitrary())

    def weights(self, theta: Array) -> dict[str, Array]:
        """Return the weights of a column θ, which may have an axis of directions before it."""
        lengths = [prod(shape) for shape in self.weight_shapes.values()]
        made = {}
        for (name, shape), part in zip(
            self.weight_shapes.items(), parts(theta, lengths), strict=True
        ):
            # A bias keeps the axis of sequences that a perturbed column has; a matrix has none.
            lead = part.shape[:-1] if len(shape) == 1 else part.shape[:-2]
            made[name] = part.reshape(*lead, *shape)
        return made

    def states(self, column: Array) -> dict[str, Array]:
        """Return states by letter."""
        letters = list(self.cell.states)
        return dict(zip(letters, parts(column, [self.n] * len(letters)), strict=True))

    def run_with(self, numbers: Mapping[str, Array], offsets: Mapping[str, Array]) -> Run:
        """Return the forward pass of other numbers, with offsets where things are made."""
        extra = {"s": offsets["s"]} if "s" in offsets else {}
        if "S" in offsets:
            extra |= self.states(offsets["S"])
        if "A" in offsets:
            columns = parts(offsets["A"], [self.n] * len(self.gates))
            extra |= zip(self.gates, columns, strict=True)
        return equations(
            self.cell,
            self.weights(numbers["theta"]),
            numbers["x"],
            self.states(numbers["S0"]),
            mask=self.mask,
            offsets=extra,
        )

    @cached_property
    def run(self) -> Run:
        """The forward pass over T + 1 steps."""
        return self.run_with(self.numbers, {})

    @cached_property
    def scored(self) -> Run:
        """The part of the forward pass that the loss reads: the first T steps."""
        return self.run.steps(1, self.T)

    @cached_property
    def ds(self) -> Array:
        """∂L/∂s_t, from the loss's own gradient; zero where no step takes place."""
        return where_taken(self.loss.gradient(self.scored.s, self.y), self.mask[: self.T])

    def bptt(self, run: Run) -> Gradients:
        """Return the output of BPTT."""
        return recursion(self.weights(self.numbers["theta"]), run, self.ds)

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        run = self.run_with(numbers, offsets)
        return {"L": self.total(run, self.y[:, None]), "S": self.column_of(run), "s": run.s}

    def total(self, run: Run, y: Array) -> Array:
        """Return the loss of each sequence: the sum over the steps that take place."""
        losses = self.loss.value(run.s[: self.T], y)
        return np.asarray(where_taken(losses[..., None], self.mask[: self.T])[..., 0].sum(axis=0))

    def column_of(self, run: Run) -> Array:
        """Return the states of every step, one above the other."""
        return self.beside(run.made, self.cell.states)

    def forward_symbols(self) -> dict[str, Any]:
        """Return what there is of the forward pass, and the words that are taken of it."""
        return {
            "d": self.d,
            "batch": batch_sum,
            "T": self.T,
            "L": self.once("L", lambda: self.total(self.scored, self.y)),
            "theta": self.each("theta"),
            "x": self.columns("x", lambda: self.run.x),
            "S": self.columns("S", lambda: self.column_of(self.run), first=0),
            "A": self.columns("A", lambda: self.beside(self.run.made, self.gates)),
            "s": self.columns("s", lambda: self.run.s),
        }

    def beside(self, made: Mapping[str, Array], names: Iterable[str]) -> Array:
        """Return what there is of some names, one above the other."""
        return np.concatenate([made[k] for k in names], axis=-1)

    def symbols_of(self, prefix: str, bptt: Callable[[], Gradients]) -> dict[str, Any]:
        """Return the gradients of a backward pass as symbols, each named for what it is of."""
        once = cache(bptt)

        def theta() -> Array:
            return np.concatenate([once().weights[k].reshape(-1) for k in self.weight_shapes])

        def steps(name: str, of: Iterable[str], first: int = 1) -> Any:
            return self.columns(name, lambda: self.beside(once().steps, of), first)

        return {
            f"{prefix}theta": self.summed(f"{prefix}theta", theta),
            f"{prefix}S": steps(f"{prefix}S", self.cell.states, first=0),
            f"{prefix}A": steps(f"{prefix}A", self.gates),
            f"{prefix}x": self.columns(f"{prefix}x", lambda: once().dx),
        }


def evaluate(case: MaskedCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = MaskedEvaluation(case, system)
    return environment(
        **e.forward_symbols(),
        taken=e.scalars("taken", lambda: system.constant(case.taken)),
        **e.symbols_of("d", lambda: e.bptt(e.scored)),
        **e.symbols_of("forgotten_", lambda: e.bptt(replace(e.scored, mask=None))),
    )


def _symbol(name: str, latex: str, meaning: str, origin: str = "forward") -> Symbol:
    return Symbol(name, latex, meaning, origin, each_step=True)


SYMBOLS = (
    Symbol("L", "L", "the loss of a sequence, the sum over the steps that take place"),
    Symbol("T", "T", "the number of steps"),
    Symbol("theta", r"\boldsymbol{\theta}", "every weight of the network, one column"),
    _symbol("x", r"\mathbf{x}", "input, x_1, …, x_T, columns of m"),
    _symbol("S", r"\mathbf{S}", "every state of a step, one column, S_0 given"),
    _symbol("A", r"\mathbf{A}", "every pre-activation of a step, one column"),
    _symbol("s", r"\mathbf{s}", "what the output layer gives, columns of p"),
    _symbol("taken", r"\mu", "the mask: 1 where a step takes place, 0 where none does"),
    Symbol("dtheta", r"\mathtt{d}\boldsymbol{\theta}", "Σ_b ∂L/∂θ as BPTT computes it", "bptt"),
    *(
        _symbol(f"d{k}", rf"\mathtt{{d{k}}}", f"∂L/∂{k} at step t, as BPTT computes it", "bptt")
        for k in "SAx"
    ),
    Symbol(
        "forgotten_theta",
        r"\widetilde{\mathtt{d}\boldsymbol{\theta}}",
        "the same by a backward pass that has forgotten the mask",
        "mistaken",
    ),
    *(
        _symbol(
            f"forgotten_{k}",
            rf"\widetilde{{\mathtt{{d{k}}}}}",
            f"∂L/∂{k} by a backward pass that has forgotten the mask",
            "mistaken",
        )
        for k in "SAx"
    ),
)


def of_cell(cell: str, loss: str, T: int, B: int, m: int, n: int, p: int) -> MaskedCase:
    """Return a case of a cell in which one step of three is left out, another of each sequence."""
    size = sum(map(prod, shapes_of(CELLS[cell], m, n, p).values()))
    steps, sequences = np.indices((T + 1, B))
    targets = "class" if loss == "nll" else "any"
    return MaskedCase(
        np.zeros(size),
        np.zeros((B, n * len(CELLS[cell].states))),
        np.zeros((T + 1, B, m)),
        np.eye(p)[np.arange(T * B) % p].reshape(T, B, p),
        ((steps + sequences) % 3 != 1) * 1.0,
        cell,
        loss,
        targets,
    )


def exact_cases() -> list[MaskedCase]:
    """Return the shapes and functions that the finite field decides: every cell."""
    every = [of_cell(cell, "arbitrary", 4, 2, 1, 1, 1) for cell in CELLS]
    return [*every, of_cell("coupled_lstm", "arbitrary", 3, 1, 2, 2, 2)]


def distinct_cases() -> list[MaskedCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [of_cell("coupled_lstm", "nll", 2, 3, 4, 5, 6)]


SMALL = {"max_T": 3, "max_B": 1, "max_n": 1}

MODEL = Model(
    "masked",
    "Any cell, with a mask",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small=SMALL,
    smallest=SMALL,
    most_examples=24,
)
