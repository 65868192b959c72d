"""Dual numbers a + ȧε with ε² = 0, over any exact or enclosed number system.

The tangent of exp is the only derivative of a transcendental function that is stated here, with
that of log. tanh and σ get theirs through the quotient rule, so no rule decides itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, objects, scalar_only, tanh_from_exp


class Dual:
    """A number with its derivative in one direction."""

    __slots__ = ("tangent", "value")

    def __init__(self, value: Any, tangent: Any) -> None:
        self.value = value
        self.tangent = tangent

    @staticmethod
    def _parts(other: Any) -> tuple[Any, Any]:
        if isinstance(other, Dual):
            return other.value, other.tangent
        return other, 0

    @scalar_only
    def __add__(self, other: Any) -> Dual:
        b, db = self._parts(other)
        return Dual(self.value + b, self.tangent + db)

    __radd__ = __add__

    @scalar_only
    def __mul__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value * other, self.tangent * other)
        a, da, b, db = self.value, self.tangent, other.value, other.tangent
        return Dual(a * b, da * b + a * db)

    __rmul__ = __mul__

    @scalar_only
    def __sub__(self, other: Any) -> Dual:
        b, db = self._parts(other)
        return Dual(self.value - b, self.tangent - db)

    @scalar_only
    def __rsub__(self, other: Any) -> Dual:
        b, db = self._parts(other)
        return Dual(b - self.value, db - self.tangent)

    @scalar_only
    def __truediv__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value / other, self.tangent / other)
        quotient = self.value / other.value
        return Dual(quotient, (self.tangent - quotient * other.tangent) / other.value)

    @scalar_only
    def __rtruediv__(self, other: Any) -> Dual:
        quotient = other / self.value
        return Dual(quotient, -quotient * self.tangent / self.value)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.tangent)

    def __pow__(self, exponent: int) -> Dual:
        if exponent == 0:
            return Dual(self.value**0, self.tangent * 0)
        slope = exponent * self.value ** (exponent - 1)
        return Dual(self.value**exponent, slope * self.tangent)

    def exp(self) -> Dual:
        """Return e^z, whose derivative is itself."""
        value = self.value.exp()
        return Dual(value, value * self.tangent)

    def log(self) -> Dual:
        """Return ln z, whose derivative is 1/z."""
        return Dual(self.value.log(), self.tangent / self.value)

    def log1p(self) -> Dual:
        """Return ln(1 + z), whose derivative is 1/(1 + z)."""
        return Dual(self.value.log1p(), self.tangent / (1 + self.value))

    def sqrt(self) -> Dual:
        """Return √z, whose derivative is 1/(2√z)."""
        root = self.value.sqrt()
        return Dual(root, self.tangent / (2 * root))

    def tanh(self) -> Dual:
        """Return tanh z, built from one exp."""
        result: Dual = tanh_from_exp(self)
        return result

    def unknown(self, name: str) -> Dual:
        """Return f(z) for an arbitrary function f, whose derivative is another, f′."""
        value = self.value.unknown(name)
        return Dual(value, self.value.unknown(name + "'") * self.tangent)

    @staticmethod
    def jointly(name: str, arguments: list[Any]) -> Dual:
        """Return f(z_1, …, z_N) for an arbitrary f, whose partial derivatives are arbitrary too."""
        values = [z.value for z in arguments]
        joint = type(values[0]).jointly
        partials = (joint(f"{name}.{k}", values) for k in range(len(values)))
        tangent = sum(p * z.tangent for p, z in zip(partials, arguments, strict=True))
        return Dual(joint(name, values), tangent)

    @property
    def ordered(self) -> bool:
        """Whether the values have an order."""
        answer: bool = self.value.ordered
        return answer

    def is_finite(self) -> bool:
        """Tell whether both parts are."""
        return all(isinstance(p, int) or p.is_finite() for p in (self.value, self.tangent))

    def order_key(self) -> float:
        """Order by the value."""
        key: float = self.value.order_key()
        return key

    def __lt__(self, other: Any) -> Any:
        return self.value < self._parts(other)[0]

    def __le__(self, other: Any) -> Any:
        return self.value <= self._parts(other)[0]

    def __gt__(self, other: Any) -> Any:
        return self.value > self._parts(other)[0]

    def __ge__(self, other: Any) -> Any:
        return self.value >= self._parts(other)[0]

    def is_positive(self) -> bool:
        """Order by the value."""
        answer: bool = self.value.is_positive()
        return answer

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"


def duals(values: Array, tangents: Array) -> Array:
    """Pair an object array with its tangents (broadcast against each other)."""
    a, b = np.broadcast_arrays(values, tangents)
    pairs = zip(a.reshape(-1), b.reshape(-1), strict=True)
    return objects((Dual(v, t) for v, t in pairs), a.shape)


def tangent_of(array: Array) -> Array:
    """Return the tangents; what is not dual is constant, with tangent zero."""
    flat = (z.tangent if isinstance(z, Dual) else 0 * z for z in array.reshape(-1))
    return objects(flat, array.shape)
