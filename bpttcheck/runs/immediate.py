"""Immediate derivatives ∂⁺a_k/∂θ: of one step, the state before held fixed, by duals on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.forward import equations
from bpttcheck.runs.model import named, position
from bpttcheck.runs.rnn_evaluation import RNNEvaluation
from bpttcheck.statements.terms import IllTyped, Term
from bpttcheck.witnesses.duals import derivatives


class Immediate:
    """``immediate(a[k], W[i, j])``: what an entry of a weight does within step k alone."""

    def __init__(self, network: RNNEvaluation) -> None:
        self.network = network
        self._known: dict[str, dict[str, Array]] = {}

    def __call__(self, over: Any, under: Any) -> Term:
        """Return the column ∂⁺over/∂under, one a sequence.

        Raises:
            IllTyped: not a or h at a step, by an entry of U, W or b.
        """
        named(over, under, ("a", "h"), ("U", "W", "b"))
        if over.index is None or over.index < 1 or over.entry or not under.entry:
            raise IllTyped("an immediate derivative is of a step's column, by a weight's entry")
        i, j = (place - 1 for place in under.entry)
        tangents = self._tangents(under.name)[over.name]  # (steps, B, n, entries)
        columns = _columns(self.network.weights[under.name])
        step = tangents[position(over) - (over.name == "h")]
        return Term(step[..., [i * columns + j]], self.network.system.modulus)

    def _tangents(self, name: str) -> dict[str, Array]:
        if name not in self._known:
            self._known[name] = self._derive(name)
        return self._known[name]

    def _derive(self, name: str) -> dict[str, Array]:
        """Take every step as a sequence of its own, of one step from the state before."""
        network, run = self.network, self.network.run
        steps, B = run.x.shape[:2]
        x = run.x.reshape(1, 1, steps * B, -1)
        before = run.h[:-1].reshape(steps * B, -1)
        values = network.weights[name]
        directions = np.eye(values.size).reshape(-1, *values.shape)
        if name == "b":
            directions, values = directions[:, None], values[None]

        def one_step(weight: Array) -> dict[str, Array]:
            step = equations(run.cell, {**network.weights, name: weight}, x, {"h": before})
            return {"a": step.a[0], "h": step.h[1]}

        found = derivatives(network.system, values, directions, one_step)
        shape = (steps, B, -1, len(directions))
        return {over: found[over].reshape(shape) for over in ("a", "h")}


def _columns(weight: Array) -> int:
    """Return how many entries a row of a weight has; a bias is a column."""
    return weight.shape[1] if weight.ndim == 2 else 1
