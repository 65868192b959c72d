"""Running error analysis: intervals that hold what rounding can make of a formula.

Every operation widens its result by K u of the moduli of what went in (a sum) or came out (a
product, a quotient, a function), u being the unit roundoff of the program's float type. With K at
least 8, that covers elementary functions to 4 ulp; with K at least N, sums of N terms in any order,
which lose at most (N − 1) u Σ|terms|, and the rounding of the terms. So what a float program makes
of the same formula lies within, and no tolerance is chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from bpttcheck.arithmetic.balls import exactly
from bpttcheck.arithmetic.base import Array, Inapplicable, objects


class Rounded:
    """An interval, and by how much of its modulus each operation widens it: K u."""

    __slots__ = ("units", "value")
    ordered = True

    def __init__(self, value: Any, scale: Any, units: Any) -> None:
        self.units = units
        self.value = exactly(value) + arb(0, (units * abs(scale)).upper())

    def _other(self, other: Any) -> Any:
        if isinstance(other, Rounded):
            return other.value
        return None if isinstance(other, np.ndarray) else exactly(other)

    def __add__(self, other: Any) -> Any:
        b = self._other(other)
        if b is None:
            return NotImplemented
        return Rounded(self.value + b, abs(self.value) + abs(b), self.units)

    __radd__ = __add__

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, arb(0), self.units)

    def __sub__(self, other: Any) -> Any:
        b = self._other(other)
        if b is None:
            return NotImplemented
        return Rounded(self.value - b, abs(self.value) + abs(b), self.units)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        b = self._other(other)
        if b is None:
            return NotImplemented
        return Rounded(self.value * b, self.value * b, self.units)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        b = self._other(other)
        if b is None:
            return NotImplemented
        return Rounded(self.value / b, self.value / b, self.units)

    def __rtruediv__(self, other: Any) -> Any:
        return Rounded(exactly(other), arb(0), self.units) / self

    def _function(self, name: str) -> Rounded:
        value = getattr(self.value, name)()
        return Rounded(value, value, self.units)

    def exp(self) -> Rounded:
        """Enclose eˣ."""
        return self._function("exp")

    def log(self) -> Rounded:
        """Enclose ln x."""
        return self._function("log")

    def log1p(self) -> Rounded:
        """Enclose ln(1 + x)."""
        return self._function("log1p")

    def tanh(self) -> Rounded:
        """Enclose tanh x."""
        return self._function("tanh")

    def is_finite(self) -> bool:
        """Tell whether the interval is bounded."""
        return bool(self.value.is_finite())

    def order_key(self) -> float:
        """Return a float near the midpoint."""
        return float(self.value.mid())

    def is_positive(self) -> bool:
        """Tell whether the number is positive; raise Inapplicable where zero is inside."""
        if self.value > 0:
            return True
        if self.value <= 0:
            return False
        raise Inapplicable("rounding: the sign of an interval around zero is not known")

    def contains(self, number: Any) -> bool:
        """Tell whether a float lies within."""
        return bool(self.value.contains(exactly(number)))

    @property
    def radius(self) -> float:
        """How far the end of the interval lies from its middle, at most."""
        return float(self.value.rad())

    def __repr__(self) -> str:
        return f"Rounded({self.value.str(12)})"


def units(unit: float, terms: int) -> Any:
    """Return K u for programs whose sums have at most so many terms."""
    return arb(max(8, terms + 1)) * arb(unit)


def rounded(values: Any, widening: Any) -> Array:
    """Return an object array of exact numbers, to compute with."""
    array = np.asarray(values)
    return objects((Rounded(exactly(z), arb(0), widening) for z in array.reshape(-1)), array.shape)
