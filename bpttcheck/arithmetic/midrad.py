"""Midpoints and radii: arrays that enclose what rounding can make of a formula.

An entry is a midpoint m, which is float64, and two radii, f and r. The program's own number lies at
m + e + d: e is what the errors of its operands make of it to first order, |e| ≤ f, and |d| ≤ r is
all the rest, of higher orders and of rounding. f adds up moduli; who knows how the errors of
several entries hang together puts something better in its place, as a zonotope does.

    x + y    f = f_x + f_y                  r = r_x + r_y + w (X + Y) + η
    x · y    f = |m_x| f_y + |m_y| f_x      r = |m_x| r_y + |m_y| r_x + R_x R_y + w X Y + η

with R = f + r and X = |m_x| + R_x; w and η are those of
:class:`~bpttcheck.arithmetic.floating.FloatType`. The radii, sums of positive numbers, are float64
themselves and off in their last digits, for which there is more room in w than they need. A zero
that is exact loses nothing: η is added where both operands may be something else.

Source: Rump 1999, Fast and parallel interval arithmetic (midpoint and radius).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Inapplicable
from bpttcheck.arithmetic.floating import FloatType


class MidRad:
    """An array of enclosed numbers, for a program in a float type."""

    __slots__ = ("first", "kind", "mid", "rest")

    def __init__(self, mid: Array, first: Array | float, rest: Array | float, kind: FloatType):
        self.kind = kind
        self.mid = mid
        self.first = _as_wide(first, mid)
        self.rest = _as_wide(rest, mid)

    @property
    def radius(self) -> Array:
        """How far the program's number may be from the midpoint."""
        return np.asarray(self.first + self.rest)

    @property
    def modulus(self) -> Array:
        """The largest modulus that the program's number may have."""
        return np.asarray(np.abs(self.mid) + self.first + self.rest)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array."""
        return self.mid.shape

    def settled(self) -> MidRad:
        """Return the same with all of the radius in ``rest``: a factor, whose error is its own."""
        return MidRad(self.mid, 0.0, self.radius, self.kind)

    def widened(self, share: float) -> MidRad:
        """Return the same, off by a further share of its modulus."""
        return MidRad(self.mid, self.first, self.rest + share * self.modulus, self.kind)

    def __getitem__(self, index: Any) -> MidRad:
        return MidRad(self.mid[index], self.first[index], self.rest[index], self.kind)

    def _other(self, other: Any) -> MidRad:
        return other if isinstance(other, MidRad) else exact(other, self.kind)

    def __neg__(self) -> MidRad:
        return MidRad(-self.mid, self.first, self.rest, self.kind)

    def __add__(self, other: Any) -> MidRad:
        y = self._other(other)
        x_size, y_size, kind = self.modulus, y.modulus, self.kind
        rest = self.rest + y.rest + kind.operation * (x_size + y_size)
        rest += kind.tiny * ((x_size > 0) & (y_size > 0))
        return MidRad(self.mid + y.mid, self.first + y.first, rest, kind)

    __radd__ = __add__

    def __sub__(self, other: Any) -> MidRad:
        return self.__add__(-self._other(other))

    def __rsub__(self, other: Any) -> MidRad:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> MidRad:
        y, kind = self._other(other), self.kind
        x_size, y_size = np.abs(self.mid), np.abs(y.mid)
        x_whole, y_whole = self.modulus, y.modulus
        rest = x_size * y.rest + y_size * self.rest + self.radius * y.radius
        rest += kind.operation * (x_whole * y_whole)
        rest += kind.tiny * ((x_whole > 0) & (y_whole > 0))
        return MidRad(self.mid * y.mid, x_size * y.first + y_size * self.first, rest, kind)

    __rmul__ = __mul__

    def weighed(self, matrix: MidRad, terms: int) -> MidRad:
        """Return the product with a matrix, as a part of sums of so many terms in any order."""
        kind, own, sizes = self.kind, self.modulus, matrix.modulus
        rest = self.rest @ sizes + (np.abs(self.mid) + self.first) @ matrix.radius
        rest += 2 * kind.tiny * ((own > 0).astype(np.float64) @ (sizes > 0))
        mid, first = self.mid @ matrix.mid, self.first @ np.abs(matrix.mid)
        rest += kind.lost_in_sum(terms, own @ sizes, np.abs(mid) + first + rest)
        return MidRad(mid, first, rest, kind)

    @property
    def T(self) -> MidRad:
        """The transpose."""
        return MidRad(self.mid.T, self.first.T, self.rest.T, self.kind)

    def reshape(self, *shape: int) -> MidRad:
        """Return the entries in another shape."""
        mid, first, rest = (a.reshape(*shape) for a in (self.mid, self.first, self.rest))
        return MidRad(mid, first, rest, self.kind)

    def __array_ufunc__(self, ufunc: Any, method: str, *given: Any, **options: Any) -> Any:
        """Take over from NumPy what arrays and numbers of NumPy's begin: 2 * x, A + x."""
        if method != "__call__" or ufunc not in _KNOWN or options:
            raise Inapplicable(f"midpoints and radii: numpy.{ufunc.__name__} is not enclosed")
        left, *others = given
        return _KNOWN[ufunc](self._other(left), *others)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        """Refuse NumPy's other functions, of which none is enclosed."""
        raise Inapplicable(f"midpoints and radii: numpy.{function.__name__} is not enclosed")


_KNOWN: dict[Any, Callable[..., MidRad]] = {
    np.add: MidRad.__add__,
    np.multiply: MidRad.__mul__,
    np.subtract: MidRad.__sub__,
    np.negative: MidRad.__neg__,
}


def _as_wide(radius: Array | float, mid: Array) -> Array:
    if type(radius) is np.ndarray and radius.shape == mid.shape:
        return radius
    return np.broadcast_to(radius, mid.shape)


def exact(values: Any, kind: FloatType) -> MidRad:
    """Return numbers as they are given; what is below η may be read as zero."""
    mid = np.asarray(values, dtype=np.float64)
    return MidRad(mid, 0.0, np.minimum(np.abs(mid), kind.tiny) * (np.abs(mid) < kind.tiny), kind)


def stored(values: Any, kind: FloatType) -> MidRad:
    """Return numbers that were rounded to be given out, and are read as they were before."""
    mid = np.asarray(values, dtype=np.float64)
    return MidRad(mid, 0.0, kind.operation * np.abs(mid) + kind.tiny, kind)


def chosen(where: Array, one: MidRad, other: MidRad) -> MidRad:
    """Return the rows (…, B, n) of one where it is said, (…, B), and of another elsewhere."""
    each = where[..., None]
    mid, first, rest = (
        np.where(each, getattr(one, name), getattr(other, name))
        for name in ("mid", "first", "rest")
    )
    return MidRad(mid, first, rest, one.kind)


def joined(parts: list[MidRad]) -> MidRad:
    """Return arrays side by side, along the last axis."""
    mid, first, rest = (
        np.concatenate([getattr(p, name) for p in parts], axis=-1)
        for name in ("mid", "first", "rest")
    )
    return MidRad(mid, first, rest, parts[0].kind)


def stacked(parts: list[MidRad]) -> MidRad:
    """Return arrays along a new first axis."""
    mid, first, rest = (
        np.stack([getattr(p, name) for p in parts]) for name in ("mid", "first", "rest")
    )
    return MidRad(mid, first, rest, parts[0].kind)
