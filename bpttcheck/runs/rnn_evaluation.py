"""One example of the vanilla RNN, evaluated in a number system: forward, BPTT, derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.forward import equations
from bpttcheck.cells.rnn import rnn
from bpttcheck.cells.run import Run
from bpttcheck.output_losses import OutputLoss
from bpttcheck.runs import evaluation
from bpttcheck.runs.arbitrary import chosen_activation, chosen_output_loss
from bpttcheck.runs.model import as_arrays, check_targets
from bpttcheck.runs.systems import System
from bpttcheck.softmax_nll import softmax_of

OURS = {"U": "U", "W": "W", "V": "V", "b": "b", "c": "b_s"}
"""The sources' names of the weights, by which statements go, and those of the package."""

WEIGHTS = tuple(OURS)
CASE_AXES = {
    "y": "TBp",
    "U": "nm",
    "W": "nn",
    "V": "pn",
    "b": "n",
    "c": "p",
    "h0": "Bn",
    "x": "+TBm",
}


def as_weights(numbers: Mapping[str, Array]) -> dict[str, Array]:
    """Return the weights under the names of the package."""
    return {ours: numbers[name] for name, ours in OURS.items()}


@dataclass(frozen=True, eq=False)
class RNNCase:
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


class RNNEvaluation(evaluation.Evaluation):
    """A case in a number system, evaluated as far as it is asked."""

    given = (*WEIGHTS, "x", "h0")
    computed = ("L", "E", "a", "h", "o", "y_hat")
    modes: ClassVar[Mapping[str, str]] = {"y_hat": "predict"}

    def __init__(self, case: RNNCase, system: System, y: Array) -> None:
        m, n, p = (case.sizes[s] for s in "mnp")
        shapes: dict[str, tuple[int, ...]] = {
            "U": (n, m),
            "W": (n, n),
            "V": (p, n),
            "b": (n,),
            "c": (p,),
            "x": (m,),
            "a": (n,),
            "h": (n,),
            "o": (p,),
            "E": (),
            "y_hat": (p,),
        }
        super().__init__(case, system, shapes)
        self.weights = as_weights(self.numbers)
        self.y = y
        self.phi: Activation = chosen_activation("phi", case.phi, system.arbitrary())
        self.loss: OutputLoss = chosen_output_loss(case.loss, system.arbitrary())

    @cached_property
    def run(self) -> Run:
        """The forward pass over T + 1 steps."""
        return self.run_with(self.numbers, {})

    def run_with(self, numbers: Mapping[str, Array], offsets: Mapping[str, Array]) -> Run:
        """Return the forward pass of other numbers, with offsets where things are made."""
        extra = {{"o": "s"}.get(k, k): e for k, e in offsets.items() if k in "aho"}
        return equations(
            rnn(self.phi), as_weights(numbers), numbers["x"], {"h": numbers["h0"]}, offsets=extra
        )

    @cached_property
    def scored(self) -> Run:
        """The part of the forward pass that the loss reads: the first T steps."""
        return self.run.steps(1, self.T)

    @cached_property
    def losses(self) -> Array:
        """The loss of every step and sequence, (T, B)."""
        return self.loss.value(self.scored.s, self.y)

    @cached_property
    def do(self) -> Array:
        """∂L/∂o_t, from the loss's own gradient."""
        return self.loss.gradient(self.scored.s, self.y)

    @cached_property
    def gradients(self) -> Gradients:
        """The output of BPTT."""
        return recursion(self.weights, self.scored, self.do)

    def outputs(
        self, numbers: Mapping[str, Array], offsets: Mapping[str, Array], mode: str
    ) -> Mapping[str, Array]:
        """Run forward with an axis of directions between time and batch."""
        run = self.run_with(numbers, offsets)
        losses = self.loss.value(run.s[: self.T], self.y[:, None])
        made = {"a": run.a, "h": run.h, "o": run.s}
        if mode == "predict" or "y_hat" in offsets:
            made["y_hat"] = softmax_of(run.s)
        if "y_hat" in offsets:  # L as a function of the probabilities: NLL alone has one
            made["y_hat"] = made["y_hat"] + offsets["y_hat"]
            losses = (-self.y[:, None] * np.log(made["y_hat"][: self.T])).sum(axis=-1)
        if "E" in offsets:
            losses = losses + offsets["E"]
        return {"E": losses, "L": losses.sum(axis=0), **made}
