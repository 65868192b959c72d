"""Residues modulo 2⁶¹ − 1 that carry derivatives, functions that are hashes, and matrices of both.

A false rational equation survives a random point of a large field with tiny probability (Schwartz
and Zippel), and there is no rounding. Plain Python integers: nothing here rests on NumPy or FLINT.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from typing import Any

PRIME = 2**61 - 1


class Refused(Exception):
    """The kernel has no opinion: a word that it does not know, nothing to compare, 1/0."""


class DoesNotCompose(Exception):
    """Shapes do not fit, or a quantity has no such step or entry: nothing to be true or false."""


class Residue:
    """A residue, and the coefficient of each ε in it; ε² = 0."""

    __slots__ = ("parts", "value")

    def __init__(self, value: int, parts: dict[Any, int] | None = None) -> None:
        self.value = value % PRIME
        self.parts = parts or {}

    def __add__(self, other: Residue) -> Residue:
        parts = dict(self.parts)
        for epsilon, part in other.parts.items():
            parts[epsilon] = (parts.get(epsilon, 0) + part) % PRIME
        return Residue(self.value + other.value, parts)

    def __mul__(self, other: Residue) -> Residue:
        slopes = self.scaled(other.value) + other.scaled(self.value)
        return Residue(self.value * other.value, slopes.parts)

    def scaled(self, factor: int) -> Residue:
        """Return a multiple by a residue."""
        parts = {epsilon: part * factor % PRIME for epsilon, part in self.parts.items()}
        return Residue(self.value * factor, parts)

    def through(self, value: int, slope: int) -> Residue:
        """Return f(z), for the value of f at z and its slope there."""
        return Residue(value, self.scaled(slope).parts)

    def inverse(self) -> Residue:
        """Return 1/z, whose slope is −1/z²."""
        if self.value == 0:
            raise Refused("division by zero")
        one_over = pow(self.value, -1, PRIME)
        return self.through(one_over, -one_over * one_over)


@dataclass(frozen=True)
class Hashes:
    """Functions of which nothing is known but what is said here; the seed draws their values."""

    seed: str

    def hashed(self, name: str, *arguments: int) -> int:
        """Return the value of the function ``name`` at some residues."""
        key = blake2b(repr(self.seed).encode(), digest_size=32).digest()
        text = ",".join([name, *map(str, arguments)]).encode()
        return int.from_bytes(blake2b(text, key=key, digest_size=16).digest(), "big") % PRIME

    def exp(self, z: Residue) -> Residue:
        """Return e^z, which is its own slope; e^0 = 1 and e^(−z) = 1/e^z."""
        if z.value == 0:
            value = 1
        elif z.value > PRIME // 2:
            value = pow(self.hashed("exp", PRIME - z.value), -1, PRIME)
        else:
            value = self.hashed("exp", z.value)
        return z.through(value, value)

    def log(self, z: Residue) -> Residue:
        """Return ln z, whose slope is 1/z; ln 1 = 0."""
        slope = Residue(z.value).inverse().value
        return z.through(0 if z.value == 1 else self.hashed("log", z.value), slope)

    def tanh(self, z: Residue) -> Residue:
        """Return (1 − q²)/(1 + q²) with q = e^(−z)."""
        q = self.exp(z.scaled(-1))
        return (Residue(1) + (q * q).scaled(-1)) * (Residue(1) + q * q).inverse()

    def sigmoid(self, z: Residue) -> Residue:
        """Return 1/(1 + e^(−z))."""
        return (Residue(1) + self.exp(z.scaled(-1))).inverse()

    def unknown(self, name: str, z: Residue) -> Residue:
        """Return φ(z) for any φ; φ′ is another."""
        return z.through(self.hashed(name, z.value), self.hashed(f"{name}'", z.value))

    def joint(self, name: str, every: Sequence[Residue]) -> Residue:
        """Return E(z_1, …, z_N) for any E; its partial derivatives are others."""
        values = [z.value for z in every]
        result = Residue(self.hashed(name, *values))
        for k, z in enumerate(every):
            result = result + z.through(0, self.hashed(f"{name}.{k}", *values))
        return result


# What an expression stands for: a whole number, a fraction, a residue, or a matrix, a list of rows.
# Nothing broadcasts but a factor that is a number: what a textbook calls ill-typed is refused.


def shape(a: Any) -> tuple[int, ...]:
    """Return (rows, columns) of a matrix, () of a number."""
    return (len(a), len(a[0])) if isinstance(a, list) else ()


def residue(a: Any) -> Any:
    """Return a whole number or a fraction as a residue; anything else as it is."""
    if isinstance(a, (int, Fraction)):
        return Residue(a.numerator * pow(a.denominator, -1, PRIME))
    return a


def each(f: Callable[..., Residue], *of: Any) -> Any:
    """Apply a function to numbers, or to the entries of matrices of one shape."""
    if len({shape(a) for a in of}) != 1:
        raise DoesNotCompose(f"shapes {[shape(a) for a in of]} do not fit")
    if not isinstance(of[0], list):
        return f(*map(residue, of))
    return [[f(*entries) for entries in zip(*rows, strict=True)] for rows in zip(*of, strict=True)]


def plus(a: Any, b: Any) -> Any:
    """Return a + b; whole numbers stay such, so that they can be indices."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    return each(Residue.__add__, a, b)


def times(a: Any, b: Any) -> Any:
    """Return a b, of which one at least is a number."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    matrix, factor = (b, residue(a)) if isinstance(b, list) else (a, residue(b))
    if isinstance(factor, list):
        raise DoesNotCompose("a matrix product is @")
    return each(lambda z: z * factor, matrix)


def product(a: Any, b: Any) -> Any:
    """Return the matrix product."""
    if not (isinstance(a, list) and isinstance(b, list) and len(a[0]) == len(b)):
        raise DoesNotCompose(f"no matrix product of shapes {shape(a)} and {shape(b)}")
    columns = transposed(b)
    return [[total([x * y for x, y in zip(r, c, strict=True)]) for c in columns] for r in a]


def transposed(a: Any) -> Any:
    """Return the transpose of a matrix."""
    if not isinstance(a, list):
        raise DoesNotCompose("a number has no transpose")
    return [list(column) for column in zip(*a, strict=True)]


def total(terms: Sequence[Any]) -> Any:
    """Return the sum; 0 if there are no terms, which may be added to any matrix."""
    result: Any = 0
    for term in terms:
        if not (isinstance(term, int) and term == 0):
            first = isinstance(result, int) and result == 0
            result = term if first else plus(result, term)
    return result


def diagonal(column: Any) -> Any:
    """Return the diagonal matrix of a column."""
    if shape(column)[1:] != (1,):
        raise DoesNotCompose("diag is of a column")
    zeros = [Residue(0)] * len(column)
    return [[*zeros[:i], *row, *zeros[i + 1 :]] for i, row in enumerate(column)]


def stripped(a: Any) -> Any:
    """Return the values without any ε."""
    return each(lambda z: Residue(z.value), a)


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are equal in every entry."""
    same: list[bool] = []

    def compare(x: Residue, y: Residue) -> Residue:
        same.append(x.value == y.value)
        return x

    each(compare, left, right)
    return all(same)
