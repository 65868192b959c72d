"""The values that a statement's symbols stand for: shape-checked numbers, one a sequence.

A term holds one scalar (B,) or one matrix (B, rows, columns) for each of B sequences, and the sum
of the moduli of what was added up to make it. Nothing broadcasts but a scalar factor: what a
textbook would call ill-typed is ill-typed here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array


class IllTyped(ValueError):
    """The shapes of a statement do not compose, or a symbol is not defined."""


class NotComputed(RuntimeError):
    """A quantity could not be computed: an error of this package, not of a statement."""


Modulus = Callable[[Array], Array]

Size = Callable[[], Array]


class Term:
    """A value with its modulus: ``value`` and ``size`` are (B,) or (B, rows, columns).

    The size is computed when it is asked for: a screen hardly ever does, and a field never.
    """

    __slots__ = ("_images", "_size", "modulus", "value")

    def __init__(self, value: Array, modulus: Modulus, size: Size | None = None) -> None:
        self.value = value
        self.modulus = modulus
        self._size: Size | Array | None = size
        self._images: dict[object, Term] | None = None

    @property
    def size(self) -> Array:
        """The sum of the moduli of what was added up; the modulus, where nothing was."""
        if not isinstance(self._size, np.ndarray):
            self._size = self._size() if self._size else self.modulus(self.value)
        return self._size

    @property
    def core(self) -> tuple[int, ...]:
        """The shape without the axis of sequences."""
        return self.value.shape[1:]

    def _like(self, value: Array, size: Size) -> Term:
        return Term(value, self.modulus, size)

    def _coerce(self, other: Any) -> Term:
        if isinstance(other, Term):
            self.same_sequences(other)
            return other
        # A literal number: one a sequence, in the number system of this term.
        zero = 0 * self.value.reshape(len(self.value), -1)[:, 0]
        return Term(zero + (other if zero.dtype == object else float(other)), self.modulus)

    def same_sequences(self, other: Term) -> None:
        """Refuse to compare one number a sequence with a number summed over the batch.

        Raises:
            IllTyped: the terms belong to different numbers of sequences.
        """
        if len(self.value) != len(other.value):
            raise IllTyped("one is a number a sequence, the other is summed over the batch")

    def _plus(self, other: Any, sign: int) -> Term:
        b = other if isinstance(other, Term) else self._coerce(other)
        if self.value.shape != b.value.shape:
            self.same_sequences(b)
            raise IllTyped(f"cannot add {_shown(self)} and {_shown(b)}")
        # Sizes add up even where values cancel: what is left is held against what was there.
        value = self.value + b.value if sign > 0 else self.value - b.value
        return self._like(value, lambda: self.size + b.size)

    def __add__(self, other: Any) -> Term:
        return self._plus(other, 1)

    def __radd__(self, other: Any) -> Term:
        return self._coerce(other)._plus(self, 1)

    def __sub__(self, other: Any) -> Term:
        return self._plus(other, -1)

    def __rsub__(self, other: Any) -> Term:
        return self._coerce(other)._plus(self, -1)

    def __neg__(self) -> Term:
        return self._like(-self.value, lambda: self.size)

    def __mul__(self, other: Any) -> Term:
        a, b = self, self._coerce(other)
        if a.core and b.core:
            raise IllTyped(f"cannot multiply {_shown(a)} by {_shown(b)}; a matrix product is @")
        return self._like(_scaled(a.value, b.value), lambda: _scaled(a.size, b.size))

    def __rmul__(self, other: Any) -> Term:
        return self._coerce(other) * self

    def __truediv__(self, other: Any) -> Term:
        b = self._coerce(other)
        if b.core:
            raise IllTyped(f"cannot divide by {_shown(b)}")
        one_over = 1 / b.value
        return self._like(
            _scaled(self.value, one_over), lambda: _scaled(self.size, self.modulus(one_over))
        )

    def __rtruediv__(self, other: Any) -> Term:
        return self._coerce(other) / self

    def __pow__(self, exponent: int) -> Term:
        if self.core:
            raise IllTyped(f"cannot raise {_shown(self)} to a power")
        return self._like(self.value**exponent, lambda: self.size**exponent)

    def __matmul__(self, other: Term) -> Term:
        self.same_sequences(other)
        a, b = self.core, other.core
        if len(a) != 2 or len(b) != 2 or a[1] != b[0]:
            raise IllTyped(f"cannot form the matrix product of {_shown(self)} and {_shown(other)}")
        return self._like(self.value @ other.value, lambda: self.size @ other.size)

    @property
    def T(self) -> Term:
        """The transpose."""
        if len(self.core) != 2:
            raise IllTyped(f"cannot transpose {_shown(self)}")
        return self._like(self.value.mT, lambda: self.size.mT)

    def apply(self, function: Callable[[Array], Array]) -> Term:
        """Return the function of every entry."""
        return self.once(function, lambda: Term(np.asarray(function(self.value)), self.modulus))

    def once(self, what: object, make: Callable[[], Term]) -> Term:
        """Return what is made of this term, the same for all statements that have it made."""
        if self._images is None:
            self._images = {}
        if what not in self._images:
            self._images[what] = make()
        return self._images[what]


class Variable(Term):
    """A named quantity, which a derivative can be taken of or with respect to.

    ``index`` is its time step, if it has one; ``entry`` the row and column, counted from 1, if it
    is an entry of a column or a matrix.
    """

    __slots__ = ("entry", "index", "name")

    def __init__(
        self,
        name: str,
        index: int | None,
        value: Array,
        modulus: Modulus,
        entry: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(value, modulus)
        self.name = name
        self.index = index
        self.entry = entry

    def __getitem__(self, at: int | tuple[int, int]) -> Variable:
        """Return entry i of a column, or entry (i, j) of a matrix, counted from 1."""
        single = isinstance(at, int)
        i, j = (at, 1) if isinstance(at, int) else at
        if len(self.core) != 2 or (single and self.core[1] != 1):
            raise IllTyped(f"{self.name} has no components")
        for place, length in ((i, self.core[0]), (j, self.core[1])):
            if not 1 <= place <= length:
                raise _undefined(self.name, place, 1, length)
        entry = self.value[:, i - 1, j - 1]
        return Variable(self.name, self.index, entry, self.modulus, (i, j))


class Deferred(Variable):
    """A named quantity that is computed when a statement first asks for it."""

    __slots__ = ("make",)

    def __init__(self, name: str, make: Callable[[], Array], modulus: Modulus) -> None:
        self.name, self.index, self.entry = name, None, None
        self.modulus, self._size, self.make = modulus, None, make
        self._images = None

    def __getattr__(self, missing: str) -> Any:
        # Only slots that are still empty lead here.
        if missing == "value":
            self.value = _made(self.name, self.make)
            return self.value
        raise AttributeError(missing)


class Sequence:
    """A quantity for each time step: ``values`` (steps, B, …), the first of them at ``first``."""

    def __init__(self, name: str, values: Array, modulus: Modulus, first: int = 1) -> None:
        self.name = name
        self.values = values
        self.modulus = modulus
        self.first = first
        self._known: dict[int, Variable] = {}

    def __getitem__(self, t: int) -> Variable:
        if t not in self._known:
            last = self.first + len(self.values) - 1
            if not self.first <= t <= last:
                raise _undefined(self.name, t, self.first, last)
            values = self.values[t - self.first]
            self._known[t] = Variable(self.name, t, values, self.modulus)
        return self._known[t]


class DeferredSequence(Sequence):
    """A quantity for each time step that is computed when a statement first asks for it."""

    def __init__(
        self, name: str, make: Callable[[], Array], modulus: Modulus, first: int = 1
    ) -> None:
        self.name, self.make, self.modulus, self.first = name, make, modulus, first
        self._known = {}

    @cached_property
    def values(self) -> Array:  # type: ignore[override]
        """The values, (steps, B, …)."""
        return _made(self.name, self.make)


def _made(name: str, make: Callable[[], Array]) -> Array:
    """Return what a quantity is; what goes wrong there is no fault of the statement that asks."""
    try:
        return make()
    except (AttributeError, TypeError, IndexError) as wrong:
        raise NotComputed(f"{name}: {type(wrong).__name__}: {wrong}") from wrong


def _scaled(a: Array, b: Array) -> Array:
    """Multiply two (B, …) arrays of which at most one has a core."""
    if a.ndim < b.ndim:
        a = a.reshape(a.shape + (1,) * (b.ndim - a.ndim))
    elif b.ndim < a.ndim:
        b = b.reshape(b.shape + (1,) * (a.ndim - b.ndim))
    return np.asarray(a * b)


def _undefined(name: str, index: int, first: int, last: int) -> IllTyped:
    bound = f"starts at {first}" if index < first else f"ends at {last}"
    return IllTyped(f"{name}_{index} is not defined: {name} {bound}")


def _shown(term: Term) -> str:
    return f"a matrix {term.core[0]}×{term.core[1]}" if term.core else "a scalar"
