"""The loss restricted to a line through the parameters, less what the claim predicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.derivative.few_numbers import FEW, PUSH, FewNumbers, ulps
from bpttcheck.check.derivative.weighted_sums import TINY, length, summed, weighted_sum

FEWER = 5
"""A smooth loss takes at least so many different values at nine evenly spaced points."""

ACCUMULATED = 64.0
"""Roundings that an entry of a gradient in a narrow type is granted: sums over steps and batch."""


class LineRestriction:
    """R(t) = L(θ + s(t)) − L(θ) − g · s(t), where s(t) is the step that was taken after rounding.

    θ + t v is rounded to the parameters' dtype. Measured against the rounded step, that rounding
    costs nothing; R′(0) is then the error of the claimed gradient g along v. ``grain`` has the unit
    roundoff of the gradients that come in a type narrower than float64.
    """

    def __init__(
        self,
        loss: Callable[[Arrays], float],
        base: Arrays,
        direction: Arrays,
        claim: Arrays,
        value: float,
        unit: float,
        grain: Mapping[str, float] | None = None,
    ) -> None:
        self.loss = loss
        self.base = base
        self.direction = direction
        self.claim = claim
        self.unit = unit
        self._few = FewNumbers(base, direction, claim)
        self._others = [name for name in direction if name not in self._few.cuts]
        sums = self._few.slopes() + [weighted_sum(claim[n], direction[n]) for n in self._others]
        self.slope, self.rounding = summed(s for s, _ in sums), summed(e for _, e in sums)
        for name, step in (grain or {}).items():
            if name in direction:
                self.rounding += ACCUMULATED * step * length(claim[name], direction[name])
        self.value = value
        self.evaluations = 0
        self._known: dict[float, float] = {0.0: 0.0}
        self._values: dict[float, float] = {0.0: value}

    @cached_property
    def least(self) -> float:
        """What underflow may do to one residual: to the loss, and to each product of g · s."""
        return TINY * (1 + sum(np.count_nonzero(self.claim[name]) for name in self.direction))

    def point(self, t: float) -> dict[str, Array]:
        """Return θ + t v to within a few roundings, in the dtype of each parameter.

        At evenly spaced points the roundings of a large sum are alike, and a table of differences
        does not see them. Where few numbers move, each is pushed off by a few units in the last
        place; the step that was taken says by how many.
        """
        generator = _generator(t)
        return self._point(t, self._few.moved([t], [generator])[0], generator)

    def _point(self, t: float, row: Array, generator: np.random.Generator) -> dict[str, Array]:
        moved = {**self.base, **self._few.parts(row)}
        for name in self._others:
            theta, v = self.base[name], self.direction[name]
            there = np.asarray((theta.astype(np.float64) + t * v).astype(theta.dtype))
            if t and there.size <= FEW:
                pushes = generator.integers(-PUSH, PUSH + 1, there.shape) * (v != 0)
                there = there + (pushes * ulps(there)).astype(theta.dtype)
            moved[name] = np.asarray(there, dtype=theta.dtype)
        return moved

    def residual(self, t: float) -> float:
        """Return R(t); NaN where the loss is not finite."""
        return self.residuals([t])[0]

    def residuals(self, ts: Sequence[float]) -> list[float]:
        """Return R at some t; NaN where the loss is not finite."""
        new = [t for t in dict.fromkeys(ts) if t not in self._known]
        for k in range(0, len(new), self._few.at_once):
            self._ask(new[k : k + self._few.at_once])
        return [self._known[t] for t in ts]

    def _ask(self, ts: Sequence[float]) -> None:
        generators = [_generator(t) for t in ts]
        rows = self._few.moved(ts, generators)
        predicted = self._few.predicted(rows)
        for t, row, sums, generator in zip(ts, rows, predicted, generators, strict=True):
            moved = self._point(t, row, generator)
            value = self.loss(moved)
            self.evaluations += 1
            self._known[t] = math.nan
            if math.isfinite(value):
                self._values[t] = value
                found = (value - self.value) - summed([*sums, *self._of_others(moved)])
                self._known[t] = found if math.isfinite(found) else math.nan

    def _of_others(self, moved: Arrays) -> list[float]:
        """Return g · s of the blocks that are not few numbers."""
        sums = []
        for name in self._others:
            with np.errstate(over="ignore", invalid="ignore"):
                step = moved[name].astype(np.float64) - self.base[name].astype(np.float64)
                sums.append(float((self.claim[name] * step).sum()))
        return sums

    def pair(self, step: float) -> float:
        """Return R′(0) by two losses, at −h and h; NaN where one of them is not finite."""
        ahead, behind = self.residuals((step, -step))
        return (ahead - behind) / (2 * step)

    def window(self, step: float) -> list[float] | None:
        """Return R at −4h, …, 4h; None where one of them is not finite."""
        values = self.residuals([k * step for k in range(-4, 5)])
        return values if all(map(math.isfinite, values)) else None

    def losses(self, step: float) -> list[float]:
        """Return L − L(θ) at −4h, …, 4h: what is left without the claimed gradient's rounding."""
        return [self._values[k * step] - self.value for k in range(-4, 5)]

    def largest(self, step: float) -> float:
        """Return the largest |L| between −4h and 4h: a loss is rounded by u|L| at least."""
        return max(abs(self._values[k * step]) for k in range(-4, 5))

    def flat(self, step: float) -> bool:
        """Tell whether L is the same to the last bit from −4h to 4h, so that it hides its noise."""
        return all(self._values[k * step] == self.value for k in range(-4, 5))

    def stair(self, step: float) -> float:
        """Return the height of the stairs from −4h to 4h; 0 where the loss is no staircase.

        It takes nine values there, or five where it is even; fewer are stairs, whose table of
        differences shows next to nothing where the edge lies near the end.
        """
        values = {self._values[k * step] for k in range(-4, 5)}
        return max(values) - min(values) if 1 < len(values) < FEWER else 0.0

    def rise(self, t: float) -> float:
        """Return L(t) − L(−t); NaN where one of them is not finite."""
        for side in (t, -t):
            self.residual(side)
        return self._values.get(t, math.nan) - self._values.get(-t, math.nan)

    @property
    def seen(self) -> list[float]:
        """All losses so far."""
        return list(self._values.values())

    @property
    def moved(self) -> list[float]:
        """The steps at which the loss is finite and not what it is at the point, furthest last."""
        seen = ((t, value) for t, value in self._values.items() if math.isfinite(value))
        return sorted((t for t, value in seen if value != self.value), key=abs)

    def rests(self, t: float, beside: float) -> bool:
        """Tell whether the loss is the same to the last bit at two steps."""
        for side in (t, beside):
            self.residual(side)
        return self._values.get(t) == self._values.get(beside)

    @property
    def highest(self) -> float:
        """The largest |L| seen so far."""
        return max(map(abs, self._values.values()))


def _generator(t: float) -> np.random.Generator:
    return np.random.default_rng(abs(hash(t)))
