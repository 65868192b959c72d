"""The loss restricted to a line through the parameters, less what the claim predicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays

FEW = 2**12
"""The roundings of more numbers than this are random by themselves."""

PUSH = 4
"""Units in the last place that a number is pushed off by, at most."""

FEWER = 5
"""A smooth loss takes at least so many different values at nine evenly spaced points."""

TINY = 2.0**-1074
"""The smallest float64: what underflow may do to one result, whatever its size."""

ACCUMULATED = 64.0
"""Roundings that an entry of a gradient in a narrow type is granted: sums over steps and batch."""


def weighted_sum(weights: Array, values: Array) -> tuple[float, float]:
    """Return Σ w_i z_i and a bound on its rounding error; infinite where it overflows.

    NumPy adds in pairs over runs of at most 128 products, eight at a time: a term takes part in
    fewer than 20 + log₂ N roundings, its product's and its difference's among them. A product
    that underflows is off by less than the smallest float.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        terms = np.multiply(weights, values, dtype=np.float64).reshape(-1)
        total, moduli = float(terms.sum()), float(np.abs(terms).sum())
    roundings = 20 + math.log2(max(terms.size, 1))
    return total, roundings * 2.0**-53 * moduli + TINY * np.count_nonzero(weights)


def length(weights: Array, values: Array) -> float:
    """Return the norm of w ∘ z: by it roundings of w add up along a z of random signs."""
    return math.hypot(*np.multiply(weights, values, dtype=np.float64).reshape(-1))


def summed(numbers: Iterable[float]) -> float:
    """Return the sum, rounded once; infinite or NaN where it overflows on the way."""
    listed = list(numbers)
    try:
        return math.fsum(listed)
    except (OverflowError, ValueError):
        return sum(listed)


class _Flat:
    """The few float64 that a direction moves, of all blocks, as one vector: one pass over them."""

    def __init__(self, base: Arrays, direction: Arrays, claim: Arrays) -> None:
        few = [n for n in direction if base[n].dtype == np.float64 and base[n].size <= FEW]
        ends = np.cumsum([base[n].size for n in few]).tolist()
        self.cuts = {n: (end - base[n].size, end) for n, end in zip(few, ends, strict=True)}
        self._shapes = {n: base[n].shape for n in few}
        self._base = self._joined(base)
        self._direction = self._joined(direction)
        self._claim = self._joined(claim)
        self._moves = self._direction != 0

    def _joined(self, arrays: Arrays) -> Array:
        parts = [np.asarray(arrays[n], np.float64).reshape(-1) for n in self.cuts]
        return np.concatenate(parts) if parts else np.empty(0)

    def moved(self, t: float, random: np.random.Generator) -> Array:
        there = self._base + t * self._direction
        if t:  # at the point itself R is zero, and so it has to stay
            there += random.integers(-PUSH, PUSH + 1, there.shape) * self._moves * _ulps(there)
        return there

    def parts(self, there: Array) -> dict[str, Array]:
        return {n: there[a:b].reshape(self._shapes[n]) for n, (a, b) in self.cuts.items()}

    def predicted(self, there: Array) -> list[float]:
        """Return g · s of each block."""
        terms = self._claim * (there - self._base)
        return [float(terms[a:b].sum()) for a, b in self.cuts.values()]


def _ulps(values: Array) -> Array:
    return np.spacing(np.abs(values))


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
        sums = [weighted_sum(claim[name], v) for name, v in direction.items()]
        self.slope, self.rounding = summed(s for s, _ in sums), summed(e for _, e in sums)
        for name, step in (grain or {}).items():
            if name in direction:
                self.rounding += ACCUMULATED * step * length(claim[name], direction[name])
        self.value = value
        self.evaluations = 0
        self._flat = _Flat(base, direction, claim)
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
        return self._point(t)[0]

    def _point(self, t: float) -> tuple[dict[str, Array], Array]:
        random = np.random.default_rng(abs(hash(t)) if t else 0)
        flat = self._flat.moved(t, random)
        moved = {**self.base, **self._flat.parts(flat)}
        for name, v in self.direction.items():
            if name in self._flat.cuts:
                continue
            theta = self.base[name]
            there = np.asarray((theta.astype(np.float64) + t * v).astype(theta.dtype))
            if t and there.size <= FEW:
                pushes = random.integers(-PUSH, PUSH + 1, there.shape) * (v != 0)
                there = there + (pushes * _ulps(there)).astype(theta.dtype)
            moved[name] = np.asarray(there, dtype=theta.dtype)
        return moved, flat

    def residual(self, t: float) -> float:
        """Return R(t); NaN where the loss is not finite."""
        if t not in self._known:
            moved, flat = self._point(t)
            value = self.loss(moved)
            self.evaluations += 1
            self._known[t] = math.nan
            if math.isfinite(value):
                self._values[t] = value
                found = (value - self.value) - self._predicted(moved, flat)
                self._known[t] = found if math.isfinite(found) else math.nan
        return self._known[t]

    def _predicted(self, moved: Arrays, flat: Array) -> float:
        """Return g · s."""
        with np.errstate(over="ignore", invalid="ignore"):
            sums = self._flat.predicted(flat)
            for name in self.direction:
                if name not in self._flat.cuts:
                    step = moved[name].astype(np.float64) - self.base[name].astype(np.float64)
                    sums.append(float((self.claim[name] * step).sum()))
        return summed(sums)

    def pair(self, step: float) -> float:
        """Return R′(0) by two losses, at −h and h; NaN where one of them is not finite."""
        return (self.residual(step) - self.residual(-step)) / (2 * step)

    def window(self, step: float) -> list[float] | None:
        """Return R at −4h, …, 4h; None where one of them is not finite."""
        values = [self.residual(k * step) for k in range(-4, 5)]
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
