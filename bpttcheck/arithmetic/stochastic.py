"""Randomly rounded floats: how far float arithmetic alone can carry a program off its formula.

Each operation returns its float64 result, or with probability one half one of that result's two
neighbours; a constant that it meets was rounded before, and is varied likewise. The spread of some
such runs is what rounding can do to the same code on the same input: 1 − h² of a rounded h near one
keeps few digits, and here it shows (Vignes 1993, stochastic arithmetic).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, objects, scalar_only

PLAIN = 2.0**20
"""Numbers that are whole multiples of its inverse are exact: 2, 0.5, a cotangent of 37/64."""


class StochasticFloat:
    """A float64 whose operations are rounded at random."""

    __slots__ = ("source", "value")

    def __init__(self, value: float, source: random.Random) -> None:
        self.value = value
        self.source = source

    def _rounded(self, value: float) -> StochasticFloat:
        return StochasticFloat(_varied(value, self.source), self.source)

    def _operand(self, other: Any) -> float:
        """Return the other number; a constant such as 0.1 was rounded before it came here."""
        if type(other) is StochasticFloat:
            return other.value
        value = float(other)
        return value if _is_plain(value) else _varied(value, self.source)

    @scalar_only
    def __add__(self, other: Any) -> StochasticFloat:
        return self._rounded(self.value + self._operand(other))

    __radd__ = __add__

    @scalar_only
    def __mul__(self, other: Any) -> StochasticFloat:
        return self._rounded(self.value * self._operand(other))

    __rmul__ = __mul__

    @scalar_only
    def __sub__(self, other: Any) -> StochasticFloat:
        return self._rounded(self.value - self._operand(other))

    @scalar_only
    def __rsub__(self, other: Any) -> StochasticFloat:
        return self._rounded(self._operand(other) - self.value)

    @scalar_only
    def __truediv__(self, other: Any) -> StochasticFloat:
        return self._rounded(_quotient(self.value, self._operand(other)))

    @scalar_only
    def __rtruediv__(self, other: Any) -> StochasticFloat:
        return self._rounded(_quotient(self._operand(other), self.value))

    def __neg__(self) -> StochasticFloat:
        return StochasticFloat(-self.value, self.source)

    def __abs__(self) -> StochasticFloat:
        return StochasticFloat(abs(self.value), self.source)

    def __pow__(self, exponent: float) -> StochasticFloat:
        return self._of(lambda x: x ** float(exponent))

    def _of(self, function: Callable[[float], Any]) -> StochasticFloat:
        try:
            return self._rounded(float(function(self.value)))
        except OverflowError:
            return self._rounded(math.inf)
        except (ValueError, ZeroDivisionError, TypeError):
            return self._rounded(math.nan)

    def exp(self) -> StochasticFloat:
        """Return eˣ."""
        return self._of(math.exp)

    def log(self) -> StochasticFloat:
        """Return ln x."""
        return self._of(math.log)

    def log1p(self) -> StochasticFloat:
        """Return ln(1 + x)."""
        return self._of(math.log1p)

    def sqrt(self) -> StochasticFloat:
        """Return √x."""
        return self._of(math.sqrt)

    def tanh(self) -> StochasticFloat:
        """Return tanh x."""
        return self._of(math.tanh)

    def __float__(self) -> float:
        return self.value

    def __lt__(self, other: Any) -> bool:
        return self.value < float(other)

    def __le__(self, other: Any) -> bool:
        return self.value <= float(other)

    def __gt__(self, other: Any) -> bool:
        return self.value > float(other)

    def __ge__(self, other: Any) -> bool:
        return self.value >= float(other)

    ordered = True

    def order_key(self) -> float:
        """Return the value."""
        return self.value

    def is_positive(self) -> bool:
        """Tell the sign."""
        return self.value > 0

    def is_finite(self) -> bool:
        """Tell whether it is no infinity and no NaN."""
        return math.isfinite(self.value)


def _varied(value: float, source: random.Random) -> float:
    chance = source.random()
    if chance < 0.5 and math.isfinite(value):
        return math.nextafter(value, math.inf if chance < 0.25 else -math.inf)
    return value


def _is_plain(value: float) -> bool:
    """Tell whether a number is a whole one, or has at most twenty bits after the point."""
    return (value * PLAIN).is_integer()


def _quotient(a: float, b: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def stochastic(values: Array, seed: int) -> Array:
    """Return an object array of the floats, each run of which rounds in its own way."""
    source = random.Random(seed)
    return objects((StochasticFloat(float(x), source) for x in values.reshape(-1)), values.shape)
