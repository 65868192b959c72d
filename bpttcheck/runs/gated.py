"""What the runs of gated cells share: the loss of their outputs, the cell's own path, symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_output_loss
from bpttcheck.runs.model import (
    FIRST_STEP,
    Symbol,
    as_arrays,
    batch_sum,
    check_targets,
    environment,
)
from bpttcheck.runs.softmax_nll import drawn_targets
from bpttcheck.runs.systems import System
from bpttcheck.statements.terms import IllTyped, Term, Variable

OF_STEPS = {"x": "m", "y": "p", "h0": "n", "c0": "n"}
"""The last axis of what is not a weight."""


def case_axes(weights: Mapping[str, tuple[str, ...]], states: Iterable[str]) -> dict[str, str]:
    """Return the axes of a case's arrays: of its weights, the states before it, x and y."""
    axes = {"y": "TBp"} | {name: "".join(symbols) for name, symbols in weights.items()}
    return axes | {f"{state}0": "Bn" for state in states} | {"x": "+TBm"}


def check_case(case: Any, axes: Mapping[str, str]) -> None:
    """Turn lists in a case into the arrays that they stand for, checked."""
    as_arrays(case, **axes)
    check_targets(case.y, case.targets)


def case_sizes(case: Any) -> dict[str, int]:
    """Return T, B, m, n and p."""
    (T, B, p), m, n = case.y.shape, case.x.shape[-1], case.h0.shape[-1]
    return {"T": T, "B": B, "m": m, "n": n, "p": p}


class GatedEvaluation(evaluation.Evaluation):
    """A case of a gated cell in a number system, evaluated as far as it is asked."""

    weights: ClassVar[Mapping[str, tuple[str, ...]]]
    """The symbols of the axes of every weight, by name."""
    inner: ClassVar[tuple[str, ...]]
    """What there is of (n,) at every step."""
    outputs_name: ClassVar[str]
    """The output layer's letter."""
    path: ClassVar[str]
    """The letter of what is carried past the gates."""
    bptt_inner: ClassVar[tuple[str, ...]]
    """Of what (n,) BPTT returns the gradients."""

    def __init__(self, case: Any, system: System) -> None:
        sizes = case.sizes
        shapes = {name: tuple(sizes[s] for s in symbols) for name, symbols in self.weights.items()}
        shapes |= dict.fromkeys(self.inner, (sizes["n"],))
        shapes |= {"x": (sizes["m"],), self.outputs_name: (sizes["p"],)}
        super().__init__(case, system, shapes)
        self.y = drawn_targets(case.y, case.targets, system)
        self.loss = chosen_output_loss(case.loss, system.arbitrary())

    def run_forward(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], held: Array | None
    ) -> Any:
        """Run the cell's equations."""
        raise NotImplementedError

    def run_backward(self, scored: Any, doutputs: Array) -> Any:
        """Run the cell's BPTT."""
        raise NotImplementedError

    @cached_property
    def run(self) -> Any:
        """The forward pass over T + 1 steps."""
        return self.run_forward(self.numbers, {}, None)

    @cached_property
    def scored(self) -> Any:
        """The part of the forward pass that the loss reads: the first T steps."""
        arrays = {f.name: getattr(self.run, f.name) for f in fields(self.run)}
        return replace(self.run, **{
            name: array[: self.T + 1 - FIRST_STEP.get(name, 1)]
            for name, array in arrays.items() if isinstance(array, np.ndarray)
        })  # fmt: skip

    @cached_property
    def gradients(self) -> Any:
        """The output of BPTT."""
        outputs = getattr(self.scored, self.outputs_name)
        return self.run_backward(self.scored, self.loss.gradient(outputs, self.y))

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions; the gates read held states for ``direct``."""
        held = self.run.h[:, None] if mode == "direct" else None
        run = self.run_forward(numbers, offsets, held)
        if mode == "direct":
            return {self.path: getattr(run, self.path)}
        losses = self.loss.value(getattr(run, self.outputs_name)[: self.T], self.y[:, None])
        return {"L": losses.sum(axis=0), "h": run.h, self.path: getattr(run, self.path)}

    def direct(self, over: Any, under: Any) -> Term:
        """Return the derivative along the path past the gates, the gates held fixed."""
        for quantity in (over, under):
            if not isinstance(quantity, Variable) or quantity.name != self.path:
                raise IllTyped(f"the direct path leads from {self.path} to {self.path}")
        return self.derivative(over, under, "direct")

    def symbols(self) -> dict[str, Any]:
        """Return the symbols of the model, evaluated."""
        r, g, sizes, system = self.run, self.gradients, self.sizes, self.system
        losses = self.loss.value(getattr(self.scored, self.outputs_name), self.y)

        def term(values: Array) -> Term:
            constant = system.constant(np.broadcast_to(values, (self.B, *values.shape)))
            return Term(constant, system.modulus)

        return environment(
            d=self.d,
            direct=self.direct,
            batch=batch_sum,
            **{s: size for s, size in sizes.items() if s != "B"},
            L=Variable("L", None, losses.sum(axis=0), system.modulus),
            **{name: self.each(name) for name in self.weights},
            **{
                name: self.columns(name, getattr(r, name), FIRST_STEP.get(name, 1))
                for name in ("x", *self.inner, self.outputs_name)
            },
            y=self.columns("y", self.y),
            ones=term(np.ones((sizes["n"], 1))),
            I=term(np.eye(sizes["n"])),
            dx=self.columns("dx", g.dx),
            **{
                f"d{name}": self.columns(
                    f"d{name}", getattr(g, f"d{name}"), FIRST_STEP.get(name, 1)
                )
                for name in self.bptt_inner
            },
            **{
                # A weight that the form at hand does not have: its gradient is zero.
                f"d{name}": self.summed(f"d{name}", g.weights.get(name, 0 * self.numbers[name]))
                for name in self.weights
            },
        )


def column(name: str, latex: str, meaning: str, first: int = 1) -> Symbol:
    """Return a symbol with a column of n at every step."""
    steps = f"{name}_{first}, …, {name}_T"
    return Symbol(name, latex, f"{meaning}, {steps}, columns of n", component=latex, each_step=True)


def gate_weights(gates: Mapping[str, str]) -> tuple[Symbol, ...]:
    """Return the symbols of the weights of gates, which have a letter and a name each."""
    made = []
    for gate, name in gates.items():
        made += [
            Symbol(f"U_{gate}", f"U_{{{gate}}}", f"weights of the input in the {name}, n×m"),
            Symbol(f"W_{gate}", f"W_{{{gate}}}", f"weights of the state in the {name}, n×n"),
            Symbol(f"b_{gate}", rf"\mathbf{{b}}_{{{gate}}}", f"bias of the {name}, a column of n"),
        ]
    return tuple(made)


def preactivations(gates: Mapping[str, str]) -> tuple[Symbol, ...]:
    """Return the symbols of the pre-activations of gates."""
    return tuple(
        column(f"a_{gate}", rf"\mathbf{{a}}^{{{gate}}}", f"pre-activation of the {name}")
        for gate, name in gates.items()
    )


def common(output: str) -> tuple[Symbol, ...]:
    """Return the symbols that every gated cell has; ``output`` is the output layer's letter."""
    return (
        Symbol("L", "L", "the loss of a sequence, the sum of its steps' losses"),
        Symbol("T", "T", "the number of steps"),
        Symbol("m", "m", "the number of inputs"),
        Symbol("n", "n", "the number of states"),
        Symbol("p", "p", "the number of outputs"),
        Symbol("x", r"\mathbf{x}", "input, x_1, …, x_T, columns of m", each_step=True),
        Symbol("y", r"\mathbf{y}", "target, y_1, …, y_T, columns of p", each_step=True),
        Symbol("V", "V", "weights of the output layer, p×n"),
        Symbol(output, rf"\mathbf{{{output}}}",
               f"what the output layer gives, {output}_1, …, {output}_T, columns of p",
               each_step=True),
        Symbol("ones", r"\mathbf{1}", "a column of n ones"),
        Symbol("I", "I", "the n×n identity matrix"),
    )  # fmt: skip


def bptt_symbols(inner: tuple[str, ...], weights: Mapping[str, Any]) -> tuple[Symbol, ...]:
    """Return the symbols of what BPTT computes."""

    def typewriter(name: str) -> str:
        letter, _, gate = name.partition("_")
        return rf"\mathtt{{d{letter}}}" + (f"^{{{gate}}}" if gate else "")

    made = [
        Symbol(f"d{name}", typewriter(name), f"∂L/∂{name} at step t, as BPTT computes it", "bptt")
        for name in (*inner, "x")
    ]
    made += [
        Symbol(f"d{name}", typewriter(name), f"Σ_b ∂L/∂{name} as BPTT computes it", "bptt")
        for name in weights
    ]
    return tuple(made)
