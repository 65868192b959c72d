"""Balls: a midpoint and a radius that encloses the exact value (Arb, through python-flint).

``Ball`` wraps ``flint.arb`` in a class *without* ``__float__``: NumPy would otherwise demote an
``arb`` that is assigned into a float array, without a word. Working precision is flint's
global context; :func:`precision` sets it for a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from operator import eq, gt, lt, ne
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpz

from bpttcheck.arithmetic.base import Array, Inapplicable, objects

Compare = Callable[[Any, Any], Any]


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with ``bits`` bits inside the block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def exactly(x: Any) -> Any:
    """Return ``x`` (int, Fraction, any NumPy real) as an ``arb`` without rounding of its own."""
    if isinstance(x, float):  # NumPy's float64 is one, and what comes most often
        return arb(x)
    if isinstance(x, arb):
        return x
    if isinstance(x, (int, np.integer)):
        return arb(fmpz(int(x)))
    if isinstance(x, Fraction):
        return arb(fmpq(x.numerator, x.denominator))
    if isinstance(x, np.longdouble):
        numerator, denominator = x.as_integer_ratio()
        return arb(fmpq(numerator, denominator))
    if isinstance(x, np.floating) or str(getattr(x, "dtype", "")) == "bfloat16":
        return arb(float(x))  # bfloat16 is no type of NumPy's own
    raise TypeError(f"balls: expected a real number, got {type(x).__name__}")


class Ball:
    """A real number known to lie within ``radius`` of ``midpoint``."""

    __slots__ = ("value",)
    ordered = True

    def __init__(self, value: Any) -> None:
        if type(value) is not arb:  # what every operation returns comes first
            value = value.value if isinstance(value, Ball) else exactly(value)
        self.value: Any = value

    @staticmethod
    def _other(other: Any) -> Any:
        if isinstance(other, Ball):
            return other.value
        if isinstance(other, (int, float, Fraction, np.integer, np.floating)):
            return exactly(other)
        return None

    def __add__(self, other: Any) -> Any:
        b = other.value if type(other) is Ball else self._other(other)
        return NotImplemented if b is None else Ball(self.value + b)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        b = other.value if type(other) is Ball else self._other(other)
        return NotImplemented if b is None else Ball(self.value * b)

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        b = other.value if type(other) is Ball else self._other(other)
        return NotImplemented if b is None else Ball(self.value - b)

    def __rsub__(self, other: Any) -> Any:
        b = self._other(other)
        return NotImplemented if b is None else Ball(b - self.value)

    def __truediv__(self, other: Any) -> Any:
        b = other.value if type(other) is Ball else self._other(other)
        return NotImplemented if b is None else Ball(self.value / b)

    def __rtruediv__(self, other: Any) -> Any:
        b = self._other(other)
        return NotImplemented if b is None else Ball(b / self.value)

    def __neg__(self) -> Ball:
        return Ball(-self.value)

    def __pow__(self, exponent: int) -> Ball:
        return Ball(self.value**exponent)

    def __abs__(self) -> Ball:
        return Ball(abs(self.value))

    def exp(self) -> Ball:
        """Enclose eˣ."""
        return Ball(self.value.exp())

    def log(self) -> Ball:
        """Enclose ln x."""
        return Ball(self.value.log())

    def log1p(self) -> Ball:
        """Enclose ln(1 + x)."""
        return Ball(self.value.log1p())

    def sqrt(self) -> Ball:
        """Enclose the square root of a number known to be ≥ 0."""
        above = self.value.abs_upper().sqrt()
        return Ball(self.value.sqrt() if self.value > 0 else above.union(0 * above))

    def tanh(self) -> Ball:
        """Enclose tanh x."""
        return Ball(self.value.tanh())

    def order_key(self) -> float:
        """Return a float near the midpoint."""
        return float(self.value.mid())

    def _compared(self, other: Any, relation: Compare, opposite: Compare) -> Any:
        """Decide a comparison; raise Inapplicable where the balls overlap, or touch.

        At a tie, code that branches has a kink, and either branch would be right or wrong.
        """
        b = self._other(other)
        if b is None:
            return NotImplemented
        if relation(self.value, b):
            return True
        if opposite(self.value, b):
            return False
        raise Inapplicable("balls: numbers that overlap cannot be compared")

    def __lt__(self, other: Any) -> Any:
        return self._compared(other, lt, gt)

    def __le__(self, other: Any) -> Any:
        return self._compared(other, lt, gt)

    def __gt__(self, other: Any) -> Any:
        return self._compared(other, gt, lt)

    def __ge__(self, other: Any) -> Any:
        return self._compared(other, gt, lt)

    def __eq__(self, other: object) -> Any:
        return self._compared(other, eq, ne)

    def __ne__(self, other: object) -> Any:
        return self._compared(other, ne, eq)

    __hash__ = object.__hash__

    def is_positive(self) -> bool:
        """Tell whether the number is positive; raise Inapplicable where zero is inside."""
        if self.value > 0:
            return True
        if self.value <= 0:
            return False
        raise Inapplicable("balls: the sign of a ball around zero is not known")

    @property
    def radius(self) -> Any:
        """The radius, itself as an exact ``arb``."""
        return self.value.rad()

    def is_finite(self) -> bool:
        """Tell whether the ball is bounded."""
        return bool(self.value.is_finite())

    def __repr__(self) -> str:
        return f"Ball({self.value.str(12)})"


def balls(values: Any) -> Array:
    """Return an object array of exact balls with the shape of ``values``."""
    array = np.asarray(values)
    return objects((Ball(x) for x in array.reshape(-1)), array.shape)
