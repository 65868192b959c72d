"""Dual numbers a + ȧε with ε² = 0, over any exact or enclosed number system.

The tangent of exp is the only derivative of a transcendental function that is stated here, with
that of log. tanh and σ get theirs through the quotient rule, so no rule decides itself.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, objects, tanh_from_exp


class Dual:
    """A number with its derivative in one direction; None for a derivative that is zero as such.

    Most are: a weight's entry depends on one direction of many, a state on no later input. What is
    known to be zero is neither multiplied nor added.
    """

    __slots__ = ("tangent", "value")

    def __init__(self, value: Any, tangent: Any) -> None:
        self.value = value
        self.tangent = tangent

    def __add__(self, other: Any) -> Any:
        if type(other) is Dual:
            return Dual(self.value + other.value, _sum(self.tangent, other.tangent))
        if isinstance(other, np.ndarray):  # NumPy applies the operator entry by entry
            return NotImplemented
        return Dual(self.value + other, self.tangent)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        if type(other) is Dual:
            a, da, b, db = self.value, self.tangent, other.value, other.tangent
            return Dual(a * b, _sum(_times(da, b), _times(db, a)))
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Dual(self.value * other, _times(self.tangent, other))

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        if type(other) is Dual:
            return Dual(self.value - other.value, _sum(self.tangent, _negative(other.tangent)))
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Dual(self.value - other, self.tangent)

    def __rsub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Dual(other - self.value, _negative(self.tangent))

    def __truediv__(self, other: Any) -> Any:
        if type(other) is Dual:
            b, db = other.value, other.tangent
            quotient = self.value / b
            above = _sum(self.tangent, _negative(_times(db, quotient)))
            return Dual(quotient, _over(above, b))
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Dual(self.value / other, _over(self.tangent, other))

    def __rtruediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        quotient, slope = other / self.value, _negative(self.tangent)
        return Dual(quotient, None if slope is None else quotient * slope / self.value)

    def __neg__(self) -> Dual:
        return Dual(-self.value, _negative(self.tangent))

    def __pow__(self, exponent: int) -> Dual:
        if exponent == 0:
            return Dual(self.value**0, _times(self.tangent, 0))
        slope = exponent * self.value ** (exponent - 1)
        return Dual(self.value**exponent, _times(self.tangent, slope))

    def exp(self) -> Dual:
        """Return e^z, whose derivative is itself."""
        value = self.value.exp()
        return Dual(value, _times(self.tangent, value))

    def log(self) -> Dual:
        """Return ln z, whose derivative is 1/z."""
        return Dual(self.value.log(), _over(self.tangent, self.value))

    def log1p(self) -> Dual:
        """Return ln(1 + z), whose derivative is 1/(1 + z)."""
        return Dual(self.value.log1p(), _over(self.tangent, 1 + self.value))

    def sqrt(self) -> Dual:
        """Return √z, whose derivative is 1/(2√z)."""
        root = self.value.sqrt()
        return Dual(root, _over(self.tangent, 2 * root))

    def tanh(self) -> Dual:
        """Return tanh z, built from one exp."""
        result: Dual = tanh_from_exp(self)
        return result

    def unknown(self, name: str) -> Dual:
        """Return f(z) for an arbitrary function f, whose derivative is another, f′."""
        value = self.value.unknown(name)
        slope = None if self.tangent is None else self.value.unknown(name + "'")
        return Dual(value, _times(self.tangent, slope))

    @staticmethod
    def jointly(name: str, arguments: list[Any]) -> Dual:
        """Return f(z_1, …, z_N) for an arbitrary f, whose partial derivatives are arbitrary too."""
        values = [value_of(z) for z in arguments]
        joint = type(values[0]).jointly
        parts = (
            _times(z.tangent, joint(f"{name}.{k}", values))
            for k, z in enumerate(arguments)
            if not is_constant(z)
        )
        return Dual(joint(name, values), reduce(_sum, parts, None))

    @property
    def ordered(self) -> bool:
        """Whether the values have an order."""
        answer: bool = self.value.ordered
        return answer

    def is_finite(self) -> bool:
        """Tell whether both parts are."""
        return all(p is None or p.is_finite() for p in (self.value, self.tangent))

    def order_key(self) -> float:
        """Order by the value."""
        key: float = self.value.order_key()
        return key

    def __lt__(self, other: Any) -> Any:
        return self.value < value_of(other)

    def __le__(self, other: Any) -> Any:
        return self.value <= value_of(other)

    def __gt__(self, other: Any) -> Any:
        return self.value > value_of(other)

    def __ge__(self, other: Any) -> Any:
        return self.value >= value_of(other)

    def is_positive(self) -> bool:
        """Order by the value."""
        answer: bool = self.value.is_positive()
        return answer

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"


def jointly(name: str, arguments: list[Any]) -> Any:
    """Return f(z_1, …, z_N) for an arbitrary f of numbers of which some may be dual."""
    kind = Dual if any(type(z) is Dual for z in arguments) else type(arguments[0])
    return kind.jointly(name, arguments)


def value_of(other: Any) -> Any:
    """Return a dual number's value; any other number is its own."""
    return other.value if isinstance(other, Dual) else other


def _sum(a: Any, b: Any) -> Any:
    if a is None:
        return b
    return a if b is None else a + b


def _times(tangent: Any, factor: Any) -> Any:
    return None if tangent is None else tangent * factor


def _over(tangent: Any, divisor: Any) -> Any:
    return None if tangent is None else tangent / divisor


def _negative(tangent: Any) -> Any:
    return None if tangent is None else -tangent


def duals(values: Array, tangents: Array) -> Array:
    """Pair an object array with its tangents (broadcast against each other); None is zero."""
    a, b = np.broadcast_arrays(values, tangents)
    pairs = zip(a.reshape(-1), b.reshape(-1), strict=True)
    return objects((Dual(v, t) for v, t in pairs), a.shape)


def tangent_of(array: Array) -> Array:
    """Return the tangents; what is not dual is constant, with tangent zero."""
    flat = (0 * value_of(z) if is_constant(z) else z.tangent for z in array.reshape(-1))
    return objects(flat, array.shape)


def is_constant(z: Any) -> bool:
    """Tell whether a number carries no derivative."""
    return not isinstance(z, Dual) or z.tangent is None
