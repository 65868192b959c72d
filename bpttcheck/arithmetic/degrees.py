"""Degrees of the rational functions that a computation builds: what bounds a false acceptance.

Running the same source lines over ``Degree`` instead of field elements counts, for each result,
the degrees of its numerator and denominator in the drawn residues and symbols; ``Census`` counts
the calls of uninterpreted functions and the largest degree of an argument. A false identity of
degree D then passes at one random point with probability at most (D + D_den + d_arg N²/2) / 2⁶¹.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Inapplicable, objects, scalar_only, tanh_from_exp
from bpttcheck.arithmetic.finite_field import PRIME


@dataclass
class Census:
    """Calls of uninterpreted functions within a block, and the degree of their arguments."""

    calls: int = 0
    argument_degree: int = 0
    denominators: int = 0

    def false_acceptance(self, degree: int) -> float:
        """Return the base-2 logarithm of the bound for an identity of this degree."""
        collisions = self.argument_degree * self.calls**2 // 2
        return log2(max(1, degree + self.denominators + collisions)) - log2(PRIME)


_census: ContextVar[Census | None] = ContextVar("census", default=None)


@contextmanager
def census() -> Iterator[Census]:
    """Count inside the block."""
    counts = Census()
    token = _census.set(counts)
    try:
        yield counts
    finally:
        _census.reset(token)


class Degree:
    """Upper bounds of the degrees of a numerator and a denominator."""

    __slots__ = ("bottom", "top")
    ordered = False

    def __init__(self, top: int, bottom: int = 0) -> None:
        self.top = top
        self.bottom = bottom

    @staticmethod
    def _parts(other: Any) -> tuple[int, int]:
        return (other.top, other.bottom) if isinstance(other, Degree) else (0, 0)

    def __add__(self, other: Any) -> Any:
        if type(other) is not Degree:
            return NotImplemented if isinstance(other, np.ndarray) else self + Degree(0)
        left, right = self.top + other.bottom, other.top + self.bottom
        return Degree(left if left > right else right, self.bottom + other.bottom)

    __radd__ = __sub__ = __rsub__ = __add__

    def __mul__(self, other: Any) -> Any:
        if type(other) is not Degree:
            return NotImplemented if isinstance(other, np.ndarray) else self
        return Degree(self.top + other.top, self.bottom + other.bottom)

    __rmul__ = __mul__

    @scalar_only
    def __truediv__(self, other: Any) -> Degree:
        top, bottom = self._parts(other)
        return Degree(self.top + bottom, self.bottom + top)._divided()

    @scalar_only
    def __rtruediv__(self, other: Any) -> Degree:
        top, bottom = self._parts(other)
        return Degree(top + self.bottom, bottom + self.top)._divided()

    def _divided(self) -> Degree:
        counts = _census.get()
        if counts is not None:
            counts.denominators += self.bottom
        return self

    def __neg__(self) -> Degree:
        return self  # a sign has no degree

    def __pow__(self, exponent: int) -> Degree:
        if exponent < 0:
            raise Inapplicable("degrees: a negative power; write it as a quotient")
        return Degree(self.top * exponent, self.bottom * exponent)

    def _symbol(self, top: int, bottom: int) -> Degree:
        counts = _census.get()
        if counts is not None:
            counts.calls += 1
            # Arguments a/b and c/d coincide where ad − bc is zero; those of exp also where their
            # sum is, since e^(−z) is 1/e^z: twice the degree.
            counts.argument_degree = max(counts.argument_degree, 2 * (self.top + self.bottom))
        return Degree(top, bottom)

    def exp(self) -> Degree:
        """Return the degrees of a fresh symbol, or of its inverse."""
        return self._symbol(1, 1)

    def log(self) -> Degree:
        """Return the degree of a fresh symbol."""
        return self._symbol(1, 0)

    log1p = log

    def tanh(self) -> Degree:
        """Return the degrees of tanh, built from one exp."""
        result: Degree = tanh_from_exp(self)
        return result

    def unknown(self, _name: str) -> Degree:
        """Return the degree of a fresh symbol."""
        return self._symbol(1, 0)

    @staticmethod
    def jointly(_name: str, arguments: list[Any]) -> Degree:
        """Return the degree of a fresh symbol."""
        return Degree(max(z.top for z in arguments), max(z.bottom for z in arguments))._symbol(1, 0)

    def is_finite(self) -> bool:
        """Every element is."""
        return True

    def order_key(self) -> float:
        """Return zero, as the field does."""
        return 0.0

    def is_positive(self) -> bool:
        """Refuse, as the field does."""
        raise Inapplicable("degrees: numbers have no sign here")

    def __repr__(self) -> str:
        return f"Degree({self.top}, {self.bottom})"


def degrees(shape: tuple[int, ...], degree: int) -> Array:
    """Return an array of numbers of one degree: 1 for what is drawn, 0 for constants."""
    size = 1
    for length in shape:
        size *= length
    return objects((Degree(degree) for _ in range(size)), shape)
