"""What compiled loops do, as a run: any cell's list of operations, done in any number system.

All weights are one column θ, the initial states one column S_0, as in the model *masked*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.compiled.interpreted import Numbers, perform
from bpttcheck.bptt.compiled.plan import plan
from bpttcheck.runs import masked_model as masked
from bpttcheck.runs.model import Model, Symbol, as_arrays, environment
from bpttcheck.runs.systems import System

STEPS = 2
"""Steps of a block, so that a few steps are several blocks, as many are where loops are fast."""


@dataclass(frozen=True, eq=False)
class CompiledCase:
    """One example: as of the model *masked*, without a mask, which compiled loops do not take.

    ``theta`` (D,) has every weight in the order of the cell's axes, ``S0`` (B, S) every initial
    state; ``x`` (T + 1, B, m), ``y`` (T, B, p).
    """

    theta: Array
    S0: Array
    x: Array
    y: Array
    cell: str = "mgu"
    loss: str = "nll"
    targets: str = "class"

    model: ClassVar[str] = "compiled"

    def __post_init__(self) -> None:
        as_arrays(self, y="TBp", S0="BS", x="+TBm", theta="D")
        _ = self.masked  # which checks the rest

    @property
    def masked(self) -> masked.MaskedCase:
        """The same, with a mask of ones."""
        return masked.MaskedCase(**vars(self), taken=np.ones(self.x.shape[:2]))

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p."""
        return self.masked.sizes


Case = CompiledCase  # as a pasted case names it


class Loops:
    """Both ways of a network by compiled loops, done as far as they are asked for.

    Arguments:
        network: a case in a number system.
        keep: whether every pre-activation is kept, as where ``forward`` and ``backward`` are
            called one by one; else no more is kept than ``value_and_grad`` needs.
    """

    def __init__(self, network: masked.MaskedEvaluation, keep: bool) -> None:
        self.of = network
        m, n, p = (network.sizes[s] for s in "mnp")
        T, B, cell = network.T, network.B, network.cell
        found = plan(cell, T, B, m, n, p, n, keep=keep, rows=STEPS * B)
        assert found is not None, f"no list of operations of {cell.name}"
        self.plan = found

    @cached_property
    def _there(self) -> Numbers:
        """The workspace after the way there."""
        e, found = self.of, self.plan
        weights, states = e.weights(e.numbers["theta"]), e.states(e.numbers["S0"])
        given = [*(weights[k] for k in found.weights), e.numbers["x"][: e.T], *states.values()]
        numbers = [a.reshape(-1) for a in (*given, e.system.constant(found.constants))]
        w = Numbers(np.concatenate(numbers), found.size, e.system.constant)
        perform(found, w, e.B, back=False)
        return w

    @cached_property
    def scores(self) -> Array:
        """What the output layer gives, (T, B, p)."""
        return self._there.part(self.plan.step.s.base, self.of.T, self.of.B, self.of.sizes["p"])

    @cached_property
    def _back(self) -> Numbers:
        """The workspace after both ways: where the scores lay, their gradient does."""
        ds, w = self.of.loss.gradient(self.scores, self.of.y), self._there
        w.put(self.plan.way_back.ds.base, ds)
        perform(self.plan, w, self.of.B, back=True)
        return w

    def by_weights(self) -> Array:
        """Return Σ_b ∂L/∂θ, in the order of θ."""
        sums, found = self.plan.way_back.sums, {}
        for name, (_, own, _) in self.plan.weights.items():
            found[name] = self._back.part(sums + own.start, own.stop - own.start)
        return np.concatenate([found[name] for name in self.of.weight_shapes])

    def by_initial_states(self) -> Array:
        """Return ∂L/∂S_0, (B, S)."""
        lie = self.plan.way_back.messages
        parts = [self._back.part(lie[k].base, self.of.B, self.of.n) for k in self.of.cell.states]
        return np.concatenate(parts, axis=-1)

    def by_inputs(self) -> Array:
        """Return ∂L/∂x_t, (T, B, m)."""
        dx = self.plan.way_back.dx.base
        return self._back.part(dx, self.of.T, self.of.B, self.of.sizes["m"])

    def by_preactivations(self) -> Array:
        """Return ∂L/∂A_t, (T, B, A), where every one is kept."""
        order, width = self.of.cell.graph.order, self.plan.workspace.stack
        stack = self._back.part(self.plan.way_back.da.base, self.of.T, self.of.B, width)
        own = {k: stack[..., j * self.of.n : (j + 1) * self.of.n] for j, k in enumerate(order)}
        return np.concatenate([own[k] for k in self.of.cell.gates], axis=-1)


def evaluate(case: CompiledCase, system: System) -> dict[str, Any]:
    """Return the symbols of the model, evaluated; call within ``system.active()``."""
    e = masked.MaskedEvaluation(case.masked, system)
    loops, kept = Loops(e, keep=False), Loops(e, keep=True)
    return environment(
        **e.forward_symbols(),
        loop_s=e.columns("loop_s", lambda: loops.scores),
        loop_theta=e.summed("loop_theta", loops.by_weights),
        loop_S=e.once("loop_S", lambda: loops.by_initial_states()[..., None]),
        loop_x=e.columns("loop_x", loops.by_inputs),
        kept_s=e.columns("kept_s", lambda: kept.scores),
        kept_theta=e.summed("kept_theta", kept.by_weights),
        kept_A=e.columns("kept_A", kept.by_preactivations),
    )


def _loop(name: str, latex: str, meaning: str, each_step: bool = False) -> Symbol:
    return Symbol(
        name, latex, f"{meaning}, as the compiled loops compute it", "loop", each_step=each_step
    )


FORWARD = ("L", "T", "theta", "x", "S", "A", "s")
KEPT = "as loops that keep all pre-activations compute it"
SYMBOLS = (
    *(symbol for symbol in masked.SYMBOLS if symbol.name in FORWARD),
    _loop("loop_s", r"\mathtt{loop}^{\mathbf{s}}", "what the output layer gives at step t", True),
    _loop("loop_theta", r"\mathtt{loop}_{\boldsymbol{\theta}}", "Σ_b ∂L/∂θ"),
    _loop("loop_S", r"\mathtt{loop}_{\mathbf{S}_0}", "∂L/∂S_0"),
    _loop("loop_x", r"\mathtt{loop}^{\mathbf{x}}", "∂L/∂x at step t", True),
    _loop("kept_s", r"\mathtt{kept}^{\mathbf{s}}", "what the output layer gives at step t", True),
    _loop("kept_theta", r"\mathtt{kept}_{\boldsymbol{\theta}}", "Σ_b ∂L/∂θ"),
    _loop("kept_A", r"\mathtt{kept}^{\mathbf{A}}", "∂L/∂A at step t", True),
)


def of(case: masked.MaskedCase) -> CompiledCase:
    """Return a case of the model *masked* with every step."""
    return CompiledCase(**{k: a for k, a in vars(case).items() if k != "taken"})


def exact_cases() -> list[CompiledCase]:
    """Return the shapes and functions that the finite field decides: every cell."""
    every = [masked.of_cell(cell, "arbitrary", 3, 2, 2, 2, 2) for cell in masked.CELLS]
    return [of(case) for case in (*every, masked.of_cell("coupled_lstm", "nll", 1, 1, 1, 1, 2))]


def distinct_cases() -> list[CompiledCase]:
    """Return a case in which no two axes have the same length, and none has length 1."""
    return [of(case) for case in masked.distinct_cases()]


MODEL = Model(
    "compiled",
    "Any cell, by compiled loops",
    SYMBOLS,
    evaluate,
    exact_cases,
    distinct=distinct_cases,
    small=masked.SMALL,
    smallest=masked.SMALL,
    most_examples=24,
)
