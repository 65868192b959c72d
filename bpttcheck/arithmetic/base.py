"""What every number system shares: the array type, the protocol of an element, the refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

Arrays: TypeAlias = Mapping[str, Array]
"""Arrays by name: parameters, their gradients, a direction."""


class Inapplicable(ArithmeticError):
    """The number system cannot answer; another one has to. Never a verdict by itself."""


@runtime_checkable
class Number(Protocol):
    """An element of an object array: what NumPy's ufuncs call, and the two questions of order.

    NumPy hands ``np.exp`` of an object array to each element's ``exp`` method, so the reference
    functions, written once in NumPy, run over any class with these methods and the four
    operations.
    """

    @property
    def ordered(self) -> bool:
        """Whether the system has an order, so that there is a largest logit to shift by."""

    def exp(self) -> Any:
        """Return e^z."""

    def log(self) -> Any:
        """Return ln z."""

    def log1p(self) -> Any:
        """Return ln(1 + z)."""

    def tanh(self) -> Any:
        """Return tanh z."""

    def is_finite(self) -> bool:
        """Tell whether it is a number, and no infinity."""

    def order_key(self) -> float:
        """Return a float to order by where the answer only steers accuracy."""

    def is_positive(self) -> bool:
        """Tell the sign, or raise Inapplicable."""


def scalar_only(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Let an element's operator decline arrays, so that NumPy applies it entry by entry."""

    @wraps(operation)
    def guarded(self: Any, other: Any) -> Any:
        if type(other) is type(self):
            return operation(self, other)
        return NotImplemented if isinstance(other, np.ndarray) else operation(self, other)

    return guarded


def objects(items: Any, shape: tuple[int, ...]) -> Array:
    """Pack an iterable of elements into an object array of the given shape.

    ``np.array`` would look inside the elements (and demote those that convert to float).
    """
    out = np.empty(shape, dtype=object)
    out.reshape(-1)[:] = list(items)
    return out


def tanh_from_exp(z: Any) -> Any:
    """Return tanh z = ±(1 − q²) / (1 + q²) with q = e^(−|z|), for numbers that have ``exp``."""
    negative = z.order_key() < 0
    q = (z if negative else -z).exp()
    square = q * q
    result = (1 - square) / (1 + square)
    return -result if negative else result
