"""Degrees of the rational functions that a computation builds: what bounds a false acceptance.

Running the same source lines over ``Degree`` instead of field elements counts, for each result,
the degrees of its numerator and denominator in the drawn residues and symbols, and keeps which
calls of uninterpreted functions and which divisions it depends on: they stand in a ``Ledger``.
A false identity of degree D then passes at one random point with probability at most
(D + D_den + d_arg N²/2) / 2⁶¹, with the denominators' degrees, the N calls that its sides depend
on, and the largest degree of an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import reduce
from math import log2
from operator import or_
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Inapplicable, objects, scalar_only, tanh_from_exp
from bpttcheck.arithmetic.finite_field import PRIME


@dataclass
class Ledger:
    """Calls of uninterpreted functions, and divisions, in their order.

    Each has a number, and a bit of the ``within`` of what depends on it: so an evaluation is made
    once, and every statement's share of it is known.
    """

    arguments: dict[int, int] = field(default_factory=dict)
    """The degree of a call's argument."""
    denominators: dict[int, int] = field(default_factory=dict)
    """The degree of what was divided by."""

    def enter(self, kind: dict[int, int], degree: int) -> int:
        """Return the bit of a new entry."""
        number = len(self.arguments) + len(self.denominators)
        kind[number] = degree
        return 1 << number

    def false_acceptance(self, degree: int, within: int) -> float:
        """Return the base-2 logarithm of the bound for an identity of this degree."""
        numbers = {i for i, bit in enumerate(reversed(f"{within:b}")) if bit == "1"}
        arguments = [one for i, one in self.arguments.items() if i in numbers]
        denominators = sum(one for i, one in self.denominators.items() if i in numbers)
        collisions = max(arguments, default=0) * len(arguments) ** 2 // 2
        return log2(max(1, degree + denominators + collisions)) - log2(PRIME)


_ledger: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def kept_in(ledger: Ledger) -> Iterator[None]:
    """Enter calls and divisions of the block in a ledger."""
    token = _ledger.set(ledger)
    try:
        yield
    finally:
        _ledger.reset(token)


class Degree:
    """Upper bounds of the degrees of a numerator and a denominator, and what they depend on."""

    __slots__ = ("bottom", "top", "within")
    ordered = False

    def __init__(self, top: int, bottom: int = 0, within: int = 0) -> None:
        self.top = top
        self.bottom = bottom
        self.within = within

    @staticmethod
    def _parts(other: Any) -> tuple[int, int, int]:
        return (other.top, other.bottom, other.within) if isinstance(other, Degree) else (0, 0, 0)

    def __add__(self, other: Any) -> Any:
        if type(other) is not Degree:
            return NotImplemented if isinstance(other, np.ndarray) else self + Degree(0)
        left, right = self.top + other.bottom, other.top + self.bottom
        bottom = self.bottom + other.bottom
        return Degree(left if left > right else right, bottom, self.within | other.within)

    __radd__ = __sub__ = __rsub__ = __add__

    def __mul__(self, other: Any) -> Any:
        if type(other) is not Degree:
            return NotImplemented if isinstance(other, np.ndarray) else self
        within = self.within | other.within
        return Degree(self.top + other.top, self.bottom + other.bottom, within)

    __rmul__ = __mul__

    @scalar_only
    def __truediv__(self, other: Any) -> Degree:
        top, bottom, within = self._parts(other)
        return Degree(self.top + bottom, self.bottom + top, self.within | within)._divided()

    @scalar_only
    def __rtruediv__(self, other: Any) -> Degree:
        top, bottom, within = self._parts(other)
        return Degree(top + self.bottom, bottom + self.top, self.within | within)._divided()

    def _divided(self) -> Degree:
        ledger = _ledger.get()
        if ledger is not None:
            self.within |= ledger.enter(ledger.denominators, self.bottom)
        return self

    def __neg__(self) -> Degree:
        return self  # a sign has no degree

    def __pow__(self, exponent: int) -> Degree:
        if exponent < 0:
            raise Inapplicable("degrees: a negative power; write it as a quotient")
        return Degree(self.top * exponent, self.bottom * exponent, self.within)

    def _symbol(self, top: int, bottom: int) -> Degree:
        ledger, within = _ledger.get(), self.within
        if ledger is not None:
            # Arguments a/b and c/d coincide where ad − bc is zero; those of exp also where their
            # sum is, since e^(−z) is 1/e^z: twice the degree.
            within |= ledger.enter(ledger.arguments, 2 * (self.top + self.bottom))
        return Degree(top, bottom, within)

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
        within = reduce(or_, (z.within for z in arguments))
        top, bottom = max(z.top for z in arguments), max(z.bottom for z in arguments)
        return Degree(top, bottom, within)._symbol(1, 0)

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
