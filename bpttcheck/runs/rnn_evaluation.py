"""One example of the vanilla RNN, evaluated in a number system: forward, BPTT, derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.rnn import Gradients, recursion
from bpttcheck.cells.rnn import Run, Weights, equations
from bpttcheck.output_losses import OutputLoss
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_activation, chosen_output_loss
from bpttcheck.runs.model import as_arrays, check_targets
from bpttcheck.runs.systems import System
from bpttcheck.softmax_nll import softmax_of

WEIGHTS = ("U", "W", "V", "b", "c")
CASE_AXES = {"y": "TBp", "U": "nm", "W": "nn", "V": "pn", "b": "n", "c": "p", "h0": "Bn",
             "x": "+TBm"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Case:
    """One example: T + 1 steps of input, of which the loss reads the first T.

    ``U`` (n, m), ``W`` (n, n), ``V`` (p, n), ``b`` (n,), ``c`` (p,), ``x`` (T + 1, B, m), ``h0``
    (B, n), ``y`` (T, B, p); ``targets`` says whether the rows of y are one-hot (``"class"``),
    sum to one (``"distribution"``) or are any numbers (``"any"``).
    """

    U: Array
    W: Array
    V: Array
    b: Array
    c: Array
    x: Array
    h0: Array
    y: Array
    phi: str = "tanh"
    loss: str = "nll"
    targets: str = "class"

    model: ClassVar[str] = "rnn"

    def __post_init__(self) -> None:
        as_arrays(self, **CASE_AXES)
        check_targets(self.y, self.targets)

    @property
    def sizes(self) -> dict[str, int]:
        """T, B, m, n and p."""
        (T, B, p), (n, m) = self.y.shape, self.U.shape
        return {"T": T, "B": B, "m": m, "n": n, "p": p}


class Evaluation(evaluation.Evaluation):
    """A case in a number system, evaluated as far as it is asked."""

    given = (*WEIGHTS, "x", "h0")
    computed = ("L", "E", "a", "h", "o", "y_hat")
    modes: ClassVar[Mapping[str, str]] = {"y_hat": "predict"}

    def __init__(self, case: Case, system: System, y: Array) -> None:
        m, n, p = (case.sizes[s] for s in "mnp")
        shapes: dict[str, tuple[int, ...]] = {
            "U": (n, m), "W": (n, n), "V": (p, n), "b": (n,), "c": (p,),
            "x": (m,), "a": (n,), "h": (n,), "o": (p,), "E": (), "y_hat": (p,),
        }  # fmt: skip
        super().__init__(case, system, shapes)
        self.weights = Weights(**{name: self.numbers[name] for name in WEIGHTS})
        self.y = y
        self.phi = chosen_activation("phi", case.phi, system.arbitrary())
        self.loss: OutputLoss = chosen_output_loss(case.loss, system.arbitrary())

    @cached_property
    def run(self) -> Run:
        """The forward pass over T + 1 steps."""
        return equations(self.weights, self.numbers["x"], self.numbers["h0"], self.phi)

    @cached_property
    def scored(self) -> Run:
        """The part of the forward pass that the loss reads: the first T steps."""
        r, T = self.run, self.T
        return replace(r, x=r.x[:T], a=r.a[:T], h=r.h[: T + 1], o=r.o[:T])

    @cached_property
    def losses(self) -> Array:
        """The loss of every step and sequence, (T, B)."""
        return self.loss.value(self.scored.o, self.y)

    @cached_property
    def do(self) -> Array:
        """∂L/∂o_t, from the loss's own gradient."""
        return self.loss.gradient(self.scored.o, self.y)

    @cached_property
    def gradients(self) -> Gradients:
        """The output of BPTT."""
        return recursion(self.weights, self.scored, self.do)

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        weights = Weights(**{name: numbers[name] for name in WEIGHTS})
        run = equations(weights, numbers["x"], numbers["h0"], self.phi, offsets=offsets)
        losses = self.loss.value(run.o[: self.T], self.y[:, None])
        made = {"a": run.a, "h": run.h, "o": run.o}
        if mode == "predict" or "y_hat" in offsets:
            made["y_hat"] = softmax_of(run.o)
        if "y_hat" in offsets:  # L as a function of the probabilities: NLL alone has one
            made["y_hat"] = made["y_hat"] + offsets["y_hat"]
            losses = (-self.y[:, None] * np.log(made["y_hat"][: self.T])).sum(axis=-1)
        if "E" in offsets:
            losses = losses + offsets["E"]
        return {"E": losses, "L": losses.sum(axis=0), **made}
