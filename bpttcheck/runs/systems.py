"""How a case's numbers enter a number system, and how a derivative is taken there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from bpttcheck.arithmetic import complex_step, norms
from bpttcheck.arithmetic.base import Array, Inapplicable


class System(Protocol):
    """A number system as runs see it."""

    @property
    def name(self) -> str:
        """A name that tells it from every other."""

    def active(self) -> Any:
        """Return a context manager within which the system's numbers may be used."""

    def drawn(self, name: str, values: Array) -> Array:
        """Return the numbers that a case drew under ``name``."""

    def constant(self, values: Array) -> Array:
        """Return numbers that are what they are in every system, such as a one-hot target."""

    def perturbed(self, values: Array, directions: Array, axis: int) -> Array:
        """Return ``values`` carrying the tangents along an axis of ``directions`` (broadcast).

        The axis has the length of ``directions`` or 1.
        """

    def tangents(self, values: Array, axis: int, count: int) -> Array:
        """Return the derivatives that ``values`` carry, with the axis of directions last."""

    def modulus(self, values: Array) -> Array:
        """Return |values|, the scale that a difference is held against."""

    def norm(self, matrices: Array) -> Array:
        """Return the spectral norm of each of (B, rows, columns)."""

    def radius(self, matrices: Array) -> Array:
        """Return the largest modulus of an eigenvalue of each of (B, n, n)."""

    def arbitrary(self) -> bool:
        """Tell whether functions about which nothing is known can be evaluated."""

    @property
    def apart(self) -> bool:
        """Whether what is said of one direction does not depend on which others there are."""


class Floats:
    """float64, with the complex step for derivatives."""

    name = "floats"
    apart = True

    @contextmanager
    def active(self) -> Iterator[None]:
        """Silence overflow: what is not finite is decided in balls."""
        with np.errstate(all="ignore"):
            yield

    def drawn(self, _name: str, values: Array) -> Array:
        """Return the values."""
        return np.asarray(values, dtype=np.float64)

    def constant(self, values: Array) -> Array:
        """Return the values."""
        return np.asarray(values, dtype=np.float64)

    def perturbed(self, values: Array, directions: Array, _axis: int) -> Array:
        """Step into the imaginary direction, once for every direction."""
        return complex_step.perturbed(values, directions)

    def tangents(self, values: Array, axis: int, _count: int) -> Array:
        """Return the imaginary part, divided by the step."""
        return np.moveaxis(complex_step.derivative_of(values), axis, -1)

    def modulus(self, values: Array) -> Array:
        """Return |values|."""
        return np.abs(values)

    def norm(self, matrices: Array) -> Array:
        """Return spectral norms."""
        return norms.norms_of_floats(matrices)

    def radius(self, matrices: Array) -> Array:
        """Return spectral radii."""
        return norms.radii_of_floats(matrices)

    def arbitrary(self) -> bool:
        """Only named functions."""
        return False


class Balls:
    """Arb balls at a working precision."""

    apart = True

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.name = f"balls {bits}"

    def active(self) -> Any:
        """Set the precision."""
        from bpttcheck.arithmetic.balls import precision

        return precision(self.bits)

    def drawn(self, _name: str, values: Array) -> Array:
        """Return exact balls."""
        from bpttcheck.arithmetic.balls import balls

        return balls(values)

    def constant(self, values: Array) -> Array:
        """Return exact balls."""
        return self.drawn("", values)

    def perturbed(self, values: Array, directions: Array, axis: int) -> Array:
        """Pair with rows of tangents."""
        from bpttcheck.arithmetic import rows

        return rows.perturbed(values, directions, axis, rows.BallRow.of)

    def tangents(self, values: Array, axis: int, count: int) -> Array:
        """Return the numbers of the rows."""
        from bpttcheck.arithmetic import rows

        return rows.tangents(values, axis, count, rows.BallRow.numbers)

    def modulus(self, values: Array) -> Array:
        """Return balls around |values|."""
        return np.abs(values)

    def norm(self, matrices: Array) -> Array:
        """Enclose spectral norms."""
        return norms.norms_of_balls(matrices)

    def radius(self, matrices: Array) -> Array:
        """Enclose spectral radii."""
        return norms.radii_of_balls(matrices)

    def arbitrary(self) -> bool:
        """Only named functions."""
        return False


@dataclass(frozen=True)
class Field:
    """GF(2⁶¹ − 1): drawn numbers are random residues, whatever the case's floats are."""

    seed: str
    apart: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """The field with this seed."""
        return f"field {self.seed}"

    def active(self) -> Any:
        """Key the symbols."""
        from bpttcheck.arithmetic.finite_field import key

        return key(self.seed)

    def drawn(self, name: str, values: Array) -> Array:
        """Return random residues of the shape of ``values``."""
        from bpttcheck.arithmetic.finite_field import random_residues

        return random_residues(name, values.shape)

    def constant(self, values: Array) -> Array:
        """Return the residues of the values."""
        from bpttcheck.arithmetic.finite_field import residues

        return residues(values)

    def perturbed(self, values: Array, directions: Array, axis: int) -> Array:
        """Pair with rows of tangents."""
        from bpttcheck.arithmetic import rows

        return rows.perturbed(values, directions, axis, rows.FieldRow.of)

    def tangents(self, values: Array, axis: int, count: int) -> Array:
        """Return the numbers of the rows."""
        from bpttcheck.arithmetic import rows

        return rows.tangents(values, axis, count, rows.FieldRow.numbers)

    def modulus(self, values: Array) -> Array:
        """Return the values: without an order there is no scale, and none is needed."""
        return values

    def norm(self, _matrices: Array) -> Array:
        """Refuse: a square root of an order's largest number."""
        raise Inapplicable("finite field: a matrix has no spectral norm here")

    radius = norm

    def arbitrary(self) -> bool:
        """Functions about which nothing is known are symbols."""
        return True


class Degrees(Field):
    """Degrees of what the field computes, to bound a false acceptance."""

    name = "degrees"
    apart = False  # one bound for all

    @contextmanager
    def active(self) -> Iterator[None]:
        """Nothing to set: the caller counts."""
        yield

    def drawn(self, _name: str, values: Array) -> Array:
        """Return numbers of degree one."""
        from bpttcheck.arithmetic.degrees import degrees

        return degrees(values.shape, 1)

    def constant(self, values: Array) -> Array:
        """Return numbers of degree zero."""
        from bpttcheck.arithmetic.degrees import degrees

        return degrees(np.asarray(values).shape, 0)

    def perturbed(self, values: Array, directions: Array, axis: int) -> Array:
        """Pair with one tangent that bounds those of all directions."""
        from bpttcheck.arithmetic import rows
        from bpttcheck.arithmetic.degrees import Degree

        return rows.perturbed(values, directions, axis, lambda _: Degree(0))

    def tangents(self, values: Array, axis: int, count: int) -> Array:
        """Return that bound for every direction."""
        from bpttcheck.arithmetic import rows

        return rows.tangents(values, axis, count, lambda bound: [bound] * count)


class Systems:
    """Where trials get their number systems from."""

    def floats(self) -> Floats:
        """Return float64."""
        return Floats()

    def balls(self, bits: int) -> Balls:
        """Return balls of a precision."""
        return Balls(bits)

    def field(self, seed: str) -> Field:
        """Return a finite field with symbols of its own."""
        return Field(seed)

    def degrees(self) -> Degrees:
        """Return degrees of what the field computes."""
        return Degrees("")
