"""A case of any cell in a number system: forward, BPTT and the witness derivatives by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.forward import equations
from bpttcheck.cells.run import Run
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_output_loss
from bpttcheck.runs.model import FIRST_STEP, batch_sum, environment
from bpttcheck.runs.softmax_nll_model import drawn_targets
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import IllTyped, Term, Variable


class CellEvaluation(evaluation.Evaluation):
    """A case of a cell in a number system, evaluated as far as it is asked.

    Arguments:
        case: an example.
        system: the number system.
        cell: that of the case's kind.
        axes: of every weight by the name that statements have for it.
        letters: what statements call the outputs and their bias, by our names.
    """

    def __init__(
        self,
        case: Any,
        system: System,
        cell: Cell,
        axes: Mapping[str, tuple[str, ...]],
        letters: Mapping[str, str],
    ) -> None:
        self.cell, self.axes, self.letters = cell, axes, letters
        self.given = (*axes, "x", *cell.initial)
        self.computed = ("L", *dict.fromkeys((cell.path, *cell.states)))
        sizes = case.sizes
        shapes = {name: tuple(sizes[s] for s in symbols) for name, symbols in axes.items()}
        inner = (*(f"a_{k}" for k in cell.gates), *cell.gates)
        shapes |= dict.fromkeys(inner, (sizes["n"],))
        shapes |= {k: (sizes[cell.width(k)],) for k in cell.states}
        shapes |= {"x": (sizes["m"],), letters["s"]: (sizes["p"],)}
        self.aside = tuple(shapes)
        super().__init__(case, system, shapes)
        self.y = drawn_targets(case.y, case.targets, system)
        self.loss = chosen_output_loss(case.loss, system.arbitrary())

    def weights(self, numbers: Mapping[str, Array]) -> dict[str, Array]:
        """Return the weights of the cell under our names."""
        return {k: numbers[self.letters.get(k, k)] for k in self.cell.axes}

    def run_forward(
        self,
        numbers: Mapping[str, Array],
        offsets: Mapping[str, Array],
        held: Mapping[str, Array] | None,
    ) -> Run:
        """Run the cell's equations."""
        states = {k: numbers[f"{k}0"] for k in self.cell.states}
        scores = self.letters["s"]
        extra = {"s" if k == scores else k: e for k, e in offsets.items()}
        return equations(
            self.cell, self.weights(numbers), numbers["x"], states, offsets=extra, held=held
        )

    @cached_property
    def run(self) -> Run:
        """The forward pass over T + 1 steps."""
        return self.run_forward(self.numbers, {}, None)

    @cached_property
    def scored(self) -> Run:
        """The part of the forward pass that the loss reads: the first T steps."""
        return self.run.steps(1, self.T)

    @cached_property
    def gradients(self) -> Gradients:
        """The output of BPTT."""
        ds = self.loss.gradient(self.scored.s, self.y)
        return recursion(self.weights(self.numbers), self.scored, ds)

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions; the gates read held states for ``direct``."""
        path = self.cell.path
        made = self.run.made
        held = {k: made[k][:, None] for k in self.cell.states} if mode == "direct" else None
        run = self.run_forward(numbers, offsets, held)
        if mode == "direct":
            return {path: run.made[path]}
        losses = self.loss.value(run.s[: self.T], self.y[:, None])
        return {"L": losses.sum(axis=0)} | {k: run.made[k] for k in self.cell.states}

    def direct(self, over: Any, under: Any) -> Term:
        """Return the derivative along the path past the gates, the gates held fixed."""
        path = self.cell.path
        for quantity in (over, under):
            if not isinstance(quantity, Variable) or quantity.name != path:
                raise IllTyped(f"the direct path leads from {path} to {path}")
        return self.derivative(over, under, "direct")

    def symbols(self, inner: tuple[str, ...], back: tuple[str, ...]) -> dict[str, Any]:
        """Return the symbols of the model, evaluated."""
        sizes, system = self.sizes, self.system
        scores = self.letters["s"]
        ours = {name: name for name in self.axes} | {self.letters["b_s"]: "b_s"}

        def term(values: Array) -> Term:
            constant = system.constant(np.broadcast_to(values, (self.B, *values.shape)))
            return Term(constant, system.modulus)

        def steps(name: str, make: evaluation.Make) -> Any:
            return self.columns(name, make, FIRST_STEP.get(name.removeprefix("d"), 1))

        def made(name: str) -> Any:
            return steps(name, lambda: self.run.made[name])

        def back_at(name: str) -> Any:
            return steps(f"d{name}", lambda: self.gradients.steps[name])

        def summed(name: str) -> Any:
            # A weight that the kind at hand does not have: its gradient is zero.
            def make() -> Array:
                return self.gradients.weights.get(ours[name], 0 * self.numbers[name])

            return self.summed(f"d{name}", make)

        return environment(
            d=self.d,
            direct=self.direct,
            batch=batch_sum,
            **{s: size for s, size in sizes.items() if s != "B"},
            L=self.once("L", lambda: self.loss.value(self.scored.s, self.y).sum(axis=0)),
            **{name: self.each(name) for name in self.axes},
            **{name: made(name) for name in inner},
            **{"x": steps("x", lambda: self.run.x), scores: steps(scores, lambda: self.run.s)},
            y=self.columns("y", lambda: self.y),
            ones=term(np.ones((sizes["n"], 1))),
            I=term(np.eye(sizes["n"])),
            dx=self.columns("dx", lambda: self.gradients.dx),
            **{f"d{name}": back_at(name) for name in back},
            **{f"d{name}": summed(name) for name in ours},
        )
