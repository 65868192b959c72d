"""The formula, apart from the program: the user's own code over numbers that do not round.

Where the code is generic NumPy, it runs over balls and, with dual numbers for parameters, its own
forward pass gives the derivative of its own loss, to 30 digits: no difference, no tolerance. Over
the field GF(2⁶¹ − 1), the same comparison is one of integers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.check.derivative.directions import Direction
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.program.contract import Broken

BITS = 128
"""Working precision of the balls: 75 bits beyond float64's."""

ENTRIES = 1000
"""More parameters than this would take their time, entry by entry in Python."""

SECONDS = 4.0
"""A run over balls that takes longer is given up, and the differences decide alone."""


@dataclass(frozen=True)
class Formula:
    """The gradients that the code computes of a point, enclosed; and a way to ask what is right."""

    test: GradientTest
    gradients: Mapping[str, Array]

    def error(self, v: Direction) -> tuple[float, float] | None:
        """Return (∇L − g) · v and its bound, of the code's own loss and gradients, over balls."""
        from bpttcheck.arithmetic.balls import Ball, balls, precision
        from bpttcheck.arithmetic.dual import Dual, duals

        with precision(BITS):
            moved = {
                name: duals(balls(theta), balls(v.get(name, np.zeros(theta.shape))))
                for name, theta in self.test.params.items()
            }
            loss = _loss(self.test, moved)
            if loss is None:
                return None
            slope = loss.tangent if isinstance(loss, Dual) else Ball(0)
            try:
                for name, direction in v.items():
                    slope = slope - _dot(self.gradients[name], balls(direction))
                gap = slope.value
            except (AttributeError, TypeError):
                return None
            if not gap.is_finite():
                return None
            return float(gap.mid()), _above(gap.rad())

    def midpoint(self, name: str) -> tuple[Array, Array]:
        """Return the midpoints of the gradient's balls, as floats, and bounds of what they miss."""
        entries = [x.value for x in self.gradients[name].reshape(-1)]
        shape = self.gradients[name].shape
        middle = np.array([float(x.mid()) for x in entries]).reshape(shape)
        # A midpoint is rounded to a float once.
        radii = np.array([_above(x.rad()) for x in entries]).reshape(shape)
        return middle, radii + 2.0**-53 * np.abs(middle)


class GenericCode:
    """The formula of one point's code, made when it is first asked for."""

    def __init__(self, test: GradientTest) -> None:
        self.test = test

    @cached_property
    def formula(self) -> Formula | None:
        """The formula; None where the code is not generic."""
        return formula(self.test)


def formula(test: GradientTest) -> Formula | None:
    """Return the formula of generic code; None where the code, its size or a tie forbids it."""
    from bpttcheck.arithmetic.balls import Ball, balls, precision

    if sum(theta.size for theta in test.params.values()) > ENTRIES:
        return None
    with precision(BITS):
        exact = {name: balls(theta) for name, theta in test.params.items()}
        pair = _pair(test, exact)
        if (
            pair is None
            or not isinstance(pair[1], Mapping)
            or not isinstance(single(pair[0]), Ball)
        ):
            return None
        gradients = {}
        for name, theta in test.params.items():
            found = np.asarray(pair[1].get(name), dtype=object)
            if found.shape != theta.shape:
                return None
            try:
                gradients[name] = balls(found)
            except (TypeError, ValueError, AttributeError):
                return None
            if not all(x.is_finite() for x in gradients[name].reshape(-1)):
                return None
        return Formula(test, gradients)


def exactly(test: GradientTest, rng: np.random.Generator) -> bool:
    """Tell whether loss and gradients agree in the field, at a random point, in all directions.

    The parameters and the direction are random residues; the numbers that the code closes over
    are the rationals that they are. Disagreement is no verdict: exp and log are symbols there.
    """
    from bpttcheck.arithmetic.dual import Dual, duals
    from bpttcheck.arithmetic.finite_field import Element, key, random_residues

    with key(int(rng.integers(2**62))):
        point = {n: random_residues(f"θ {n}", theta.shape) for n, theta in test.params.items()}
        ways = {n: random_residues(f"v {n}", theta.shape) for n, theta in test.params.items()}
        pair = _pair(test, point)
        if pair is None or not isinstance(pair[1], Mapping):
            return False
        loss = _loss(test, {n: duals(point[n], ways[n]) for n in point})
        if not isinstance(loss, Dual):
            return False
        slope: Any = Element(0)
        try:
            for name, v in ways.items():
                found = np.asarray(pair[1][name], dtype=object)
                if found.shape != v.shape:
                    return False
                slope = slope + _dot(found, v)
            return bool(slope == loss.tangent)
        except (Inapplicable, TypeError, KeyError, AttributeError):
            return False


def _pair(test: GradientTest, params: Mapping[str, Array]) -> tuple[Any, Any] | None:
    try:
        return test.calls.raw_pair(params, SECONDS)
    except Broken:
        return None


def _loss(test: GradientTest, params: Mapping[str, Array]) -> Any:
    pair = _pair(test, params)
    return None if pair is None else single(pair[0])


def _dot(a: Array, b: Array) -> Any:
    """Return Σ a ∘ b, of single numbers as well: NumPy takes those out of their arrays."""
    return np.asarray(a * b, dtype=object).sum()


def single(loss: Any) -> Any:
    """Return the one element of a loss; None where there are more."""
    array = np.asarray(loss, dtype=object)
    return array.reshape(-1)[0] if array.size == 1 else None


def _above(radius: Any) -> float:
    return math.nextafter(float(radius), math.inf)
