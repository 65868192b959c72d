"""A recognised network: a cell, the arrays of one point in the axes of our equations, a loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.forward import equations
from bpttcheck.cells.run import Run
from bpttcheck.diagnosis.recognition.objectives import Objective

Arrays = Mapping[str, Array]


def is_initial(role: str) -> bool:
    """Tell whether a role is an initial state: h0, c0."""
    return role.endswith("0") and "_" not in role


@dataclass(frozen=True)
class RecognisedNetwork:
    """The arrays of one point: x (T, B, m), initial states (B, n), y (T, B, p), the forward run.

    The loss is ``scale`` times the objective's total over all steps, over the last one, or over
    those that ``mask`` (T, B, 1) counts. Where states are outputs too, it has a sum of them,
    weighted by ``others`` (T, B, n). ``tokens`` (T, B, k) are the rows of an embedding that the
    inputs are; ``idle`` are weights of gates that the forward pass makes with another gate's.
    """

    cell: Cell
    weights: Arrays
    x: Array
    initial: Arrays
    y: Array
    run: Run
    objective: Objective
    last: bool = False
    scale: float = 1.0
    mask: Array | None = None
    others: Arrays = field(default_factory=dict)
    tokens: Array | None = None
    idle: Arrays = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The objective's total, before scaling."""
        s, y = (self.run.s[-1:], self.y[-1:]) if self.last else (self.run.s, self.y)
        also = sum(float((w * self.run.made[k][1:]).sum()) for k, w in self.others.items())
        return self.objective.total(s, y, self.mask) + also

    def on(self, state: str) -> Array | float:
        """Return what a state gets as an output of its own."""
        return self.scale * self.others[state] if state in self.others else 0.0

    @property
    def factors(self) -> dict[str, float]:
        """The factors that a mean over too many steps makes, or over too few; S of TB count."""
        count = 0.0 if self.mask is None else float(self.mask.sum())
        if count <= 0:
            return {}
        every = float(np.prod(self.run.s.shape[:2]))
        return {"S": count, "1/S": 1 / count, "S/TB": count / every, "TB/S": every / count}

    def moved(self, share: float, rng: np.random.Generator) -> RecognisedNetwork:
        """Return the network with every number moved by at most a share of it."""

        def near(arrays: Arrays) -> dict[str, Array]:
            return {k: a * (1 + share * rng.uniform(-1, 1, a.shape)) for k, a in arrays.items()}

        weights, initial, x = near(self.weights), near(self.initial), near({"x": self.x})["x"]
        with np.errstate(all="ignore"):
            run = equations(self.cell, weights, x, initial)
        return replace(self, weights=weights, x=x, initial=initial, run=run)

    def output_gradient(self) -> Array:
        """Return ∂L/∂s (T, B, p)."""
        return self.on_outputs(self.objective.gradient(self.run.s, self.y))

    def on_outputs(self, steps: Array) -> Array:
        """Return a gradient of the objective scaled, and zero at steps that do not count."""
        return self.counted(self.scale * np.asarray(steps))

    def counted(self, steps: Array) -> Array:
        """Return what belongs to steps, zero at those that do not count."""
        if self.last:
            return np.concatenate([0 * steps[:-1], steps[-1:]])
        return steps if self.mask is None else steps * self.mask

    def unmasked(self) -> Array | None:
        """Return ∂L/∂s as it would be if all steps counted; None if they do."""
        if self.mask is None:
            return None
        return self.scale * np.asarray(self.objective.gradient(self.run.s, self.y))
