"""Rows of tangents: dual numbers that carry the derivatives in all directions at once.

The value of a dual number does not depend on the direction, so one forward pass is enough for all
of them. A row is a matrix of FLINT with one row, over which a product with a number is one call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb_mat, nmod_mat

from bpttcheck.arithmetic.balls import Ball
from bpttcheck.arithmetic.base import Array, objects
from bpttcheck.arithmetic.dual import duals, is_constant, value_of
from bpttcheck.arithmetic.finite_field import PRIME, Element, residue


class Row:
    """The tangents of one dual number, a direction each: its numbers are of one system."""

    __slots__ = ("matrix",)
    number: Any
    """The class of the numbers."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix

    def __add__(self, other: Row) -> Row:
        return type(self)(self.matrix + other.matrix)

    def __neg__(self) -> Row:
        return type(self)(-self.matrix)

    def __mul__(self, factor: Any) -> Row:
        return type(self)(self.matrix * self._plain(factor))

    __rmul__ = __mul__

    def _plain(self, factor: Any) -> Any:
        """Return what a number of the system, or one of Python's, is to FLINT."""
        return factor.value if type(factor) is self.number else self.number._other(factor)

    def numbers(self) -> list[Any]:
        """Return the derivatives, in the order of the directions."""
        raise NotImplementedError

    def is_finite(self) -> bool:
        """Tell whether all of them are."""
        return all(number.is_finite() for number in self.numbers())


class BallRow(Row):
    """Tangents in balls."""

    __slots__ = ()
    number = Ball

    def __truediv__(self, divisor: Any) -> Row:
        return BallRow(self.matrix / self._plain(divisor))

    def numbers(self) -> list[Any]:
        """Return balls."""
        return [Ball(entry) for entry in self.matrix.entries()]

    @staticmethod
    def of(direction: Array) -> BallRow:
        """Return the exact tangents of some floats."""
        return BallRow(arb_mat(1, len(direction), direction.tolist()))


class FieldRow(Row):
    """Tangents in the finite field."""

    __slots__ = ()
    number = Element

    def __truediv__(self, divisor: Any) -> Row:
        inverse: Element = 1 / Element(self._plain(divisor))
        return FieldRow(self.matrix * inverse.value)  # an nmod_mat has no quotient

    def numbers(self) -> list[Any]:
        """Return residues."""
        return [Element(entry) for entry in self.matrix.entries()]

    @staticmethod
    def of(direction: Array) -> FieldRow:
        """Return the residues of some floats."""
        return FieldRow(nmod_mat(1, len(direction), [residue(x) for x in direction], PRIME))


def perturbed(values: Array, directions: Array, axis: int, row: Callable[[Array], Any]) -> Array:
    """Give each value the tangents that lie along an axis of ``directions`` (broadcast).

    Arguments:
        values: an object array.
        directions: floats; where all along the axis are zero, the value stays constant.
        axis: where the directions lie. The result has length 1 there.
        row: from the directions of one value to what its dual number carries.
    """
    each = np.moveaxis(directions, axis, -1)
    rows = (row(d) if d.any() else None for d in each.reshape(-1, each.shape[-1]))
    return duals(values, np.expand_dims(objects(rows, each.shape[:-1]), axis))


def tangents(values: Array, axis: int, count: int, numbers: Callable[[Any], list[Any]]) -> Array:
    """Return the tangents that values carry, on a last axis of ``count`` directions.

    Arguments:
        values: an object array with length 1 along ``axis``, which is left out of the result.
        axis: where :func:`perturbed` left length 1.
        count: how many directions there are: a value without tangents has that many zeros.
        numbers: from what a dual number carries to its derivatives.
    """
    kept = np.squeeze(values, axis)
    out = np.empty((kept.size, count), dtype=object)
    for derivative, z in zip(out, kept.reshape(-1), strict=True):
        derivative[:] = 0 * value_of(z) if is_constant(z) else numbers(z.tangent)
    return out.reshape(*kept.shape, count)
