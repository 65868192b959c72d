"""The prime field GF(2⁶¹ − 1), with exp and log as uninterpreted functions.

A rational identity in the inputs and in symbols such as e^z that is false stays false at a random
point of a large field, but for a tiny probability (Schwartz and Zippel). There is no rounding,
hence no tolerance. ``exp`` and ``log`` are keyed 128-bit hashes of their argument with one rule
kept, exp(−z) = 1/exp(z); tanh is built from one exp, so tanh′ = 1 − tanh² is *decided*, not
assumed. *Equal* is a pass. *Unequal* is only a reason to ask the balls: correct code may use
exp(a + b) = exp(a) exp(b), which these symbols do not know.

Residues are FLINT's (``nmod``), in a class of our own: NumPy asks an element of an object array for
``exp``, ``log`` and ``tanh``, and users' code for its order, which an ``nmod`` has not; nor does it
meet a float or a fraction, or come through ``copy.deepcopy``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from hashlib import blake2b
from typing import Any

import numpy as np
from flint import nmod

from bpttcheck.arithmetic.base import Array, Inapplicable, objects, tanh_from_exp

PRIME = 2**61 - 1

_key: ContextVar[bytes] = ContextVar("key", default=b"bpttcheck")


@contextmanager
def key(seed: int | str) -> Iterator[None]:
    """Draw another field of symbols inside the block: all hashes depend on ``seed``."""
    token = _key.set(blake2b(repr(seed).encode(), digest_size=32).digest())
    try:
        yield
    finally:
        _key.reset(token)


def symbol(name: str, *arguments: Any) -> int:
    """Return the value of the uninterpreted function ``name`` at ``arguments``."""
    text = ",".join([name, *(str(int(argument)) for argument in arguments)]).encode()
    return int.from_bytes(blake2b(text, key=_key.get(), digest_size=16).digest()) % PRIME


class Element:
    """A residue modulo 2⁶¹ − 1; ``value`` is an ``nmod``."""

    __slots__ = ("value",)
    ordered = False

    def __init__(self, value: Any) -> None:
        # What every operation returns comes first. ``nmod`` refuses NumPy's integers.
        self.value: Any = value if type(value) is nmod else nmod(int(value), PRIME)

    @staticmethod
    def _other(other: Any) -> Any:
        if isinstance(other, Element):
            return other.value
        if isinstance(other, (int, np.integer)):
            return nmod(int(other), PRIME)
        if isinstance(other, (float, np.floating, Fraction)):
            return nmod(residue(other), PRIME)
        return None

    def __add__(self, other: Any) -> Any:
        b = other.value if type(other) is Element else self._other(other)
        return NotImplemented if b is None else Element(self.value + b)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        b = other.value if type(other) is Element else self._other(other)
        return NotImplemented if b is None else Element(self.value * b)

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        b = other.value if type(other) is Element else self._other(other)
        return NotImplemented if b is None else Element(self.value - b)

    def __rsub__(self, other: Any) -> Any:
        b = self._other(other)
        return NotImplemented if b is None else Element(b - self.value)

    def __truediv__(self, other: Any) -> Any:
        b = other.value if type(other) is Element else self._other(other)
        return NotImplemented if b is None else Element(_quotient(self.value, b))

    def __rtruediv__(self, other: Any) -> Any:
        b = self._other(other)
        return NotImplemented if b is None else Element(_quotient(b, self.value))

    def __neg__(self) -> Element:
        return Element(-self.value)

    def __pow__(self, exponent: int) -> Element:
        if exponent < 0:
            return Element(_quotient(1, self.value**-exponent))
        return Element(self.value**exponent)

    def exp(self) -> Element:
        """Return the symbol e^z; e^0 = 1 and e^(−z) = 1/e^z."""
        z = int(self.value)
        if z == 0:
            return Element(1)
        if z > PRIME // 2:
            return Element(_quotient(1, nmod(symbol("exp", PRIME - z), PRIME)))
        return Element(symbol("exp", z))

    def log(self) -> Element:
        """Return the symbol ln z; ln 1 = 0."""
        if self.value == 0:
            raise Inapplicable("finite field: the logarithm of zero")
        return Element(0 if self.value == 1 else symbol("log", self.value))

    def log1p(self) -> Element:
        """Return the symbol ln(1 + z)."""
        return Element(self.value + 1).log()

    def sqrt(self) -> Element:
        """Refuse: half of the residues have no root, and the others two."""
        raise Inapplicable("finite field: a square root")

    def tanh(self) -> Element:
        """Return tanh z, built from one exp."""
        result: Element = tanh_from_exp(self)
        return result

    def unknown(self, name: str) -> Element:
        """Return the value of an arbitrary function of one variable."""
        return Element(symbol(name, self.value))

    @staticmethod
    def jointly(name: str, arguments: list[Any]) -> Element:
        """Return the value of an arbitrary function of several variables."""
        return Element(symbol(name, *(z.value for z in arguments)))

    def is_finite(self) -> bool:
        """Every element is."""
        return True

    def order_key(self) -> float:
        """Return zero: a field has no order, so every choice is as good."""
        return 0.0

    def is_positive(self) -> bool:
        """Refuse: a field has no order."""
        raise Inapplicable("finite field: numbers have no sign here, so this branch says nothing")

    def __lt__(self, other: Any) -> Any:
        return _any_order(self, other)

    __le__ = __gt__ = __ge__ = __lt__

    def __eq__(self, other: object) -> bool:
        b = self._other(other)
        return b is not None and bool(b == self.value)

    def __hash__(self) -> int:
        return hash(int(self.value))  # that of the whole number it equals

    def __reduce__(self) -> tuple[type[Element], tuple[int]]:
        return Element, (int(self.value),)  # an ``nmod`` can be neither copied nor pickled

    def __repr__(self) -> str:
        return f"Element({self.value})"


def _any_order(_this: Element, other: Any) -> Any:
    """Let the largest of some elements be any of them; compare none with a number.

    A row's maximum is a shift, which cancels; the sign of a number chooses a branch.

    Raises:
        Inapplicable: the other is no element.
    """
    if isinstance(other, Element):
        return True
    raise Inapplicable("finite field: numbers have no order, so this branch says nothing")


def _quotient(above: Any, below: Any) -> Any:
    try:
        return above / below
    except ZeroDivisionError:
        raise Inapplicable("finite field: division by zero") from None


def residue(x: int | float | Fraction | np.floating[Any]) -> int:
    """Return the residue of a rational number; floats count as the rational that they are."""
    ratio = Fraction(x) if isinstance(x, (int, Fraction)) else Fraction(*x.as_integer_ratio())
    return int(_quotient(nmod(ratio.numerator, PRIME), nmod(ratio.denominator, PRIME)))


def residues(values: Any) -> Array:
    """Return an object array of the residues of the numbers in ``values``."""
    array = np.asarray(values)
    return objects((Element(residue(x)) for x in array.reshape(-1).tolist()), array.shape)


def random_residues(name: str, shape: tuple[int, ...]) -> Array:
    """Return an array of residues drawn by the current key, a different one for each name."""
    size = int(np.prod(shape, dtype=int))
    return objects((Element(symbol("draw " + name, i)) for i in range(size)), shape)
