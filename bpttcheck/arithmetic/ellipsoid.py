"""Ellipsoids: many errors of several numbers in one matrix, however many steps they came from.

    { x : xᵀ Q⁻¹ x ≤ 1 },   whose i-th coordinate is at most √Q_ii,   becomes  J Q Jᵀ  through J.

A zonotope with generators g_j lies in the one with Q = (Σ_k |g_k|) Σ_j g_j g_jᵀ / |g_j|, and the
sum of two in that with (1 + 1/p) Q₁ + (1 + p) Q₂ for any p > 0: both are smallest in trace as they
are here, with p = √(tr Q₁ / tr Q₂). What that costs is a factor of a few; where errors are spread
over many numbers, as they are in a wide network, hardly anything.

Source: Kurzhanski and Vályi 1997, Ellipsoidal Calculus for Estimation and Control.
"""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.floating import OWN

LOST = 2.0**-500
"""Errors that the squares in Q may lose where they underflow, of up to 2000 numbers."""


class Ellipsoid:
    """One for each of B sequences, around zero, in N dimensions.

    Arguments:
        shapes: Q, (B, N, N).
    """

    def __init__(self, shapes: Array) -> None:
        self.shapes = shapes

    @property
    def radius(self) -> Array:
        """How far each number may be off, (B, N)."""
        return np.asarray(np.sqrt(np.diagonal(self.shapes, axis1=-2, axis2=-1)))

    def mapped(self, matrices: Array) -> Ellipsoid:
        """Return what it becomes through a matrix (B, N, N), but for roundings.

        An entry of J Q Jᵀ is a sum of N² products, off by at most 4 N u a_i a_k with a = |J| r and
        r the radius; that is a matrix of at most 4 N² u diag(a²), or errors of ``slack`` a.
        """
        return Ellipsoid(matrices @ self.shapes @ np.swapaxes(matrices, -1, -2))

    @property
    def slack(self) -> float:
        """The share of a = |J| r that :meth:`mapped` may lose."""
        return float(2 * self.shapes.shape[-1] * np.sqrt(OWN))

    def plus(self, other: Ellipsoid) -> Ellipsoid:
        """Return one that holds the sums."""
        traces = [np.trace(e.shapes, axis1=-2, axis2=-1) for e in (self, other)]
        roots = [np.sqrt(t)[:, None, None] for t in traces]
        whole = roots[0] + roots[1]
        shares = [np.where(r > 0, whole / np.where(r > 0, r, 1.0), 0.0) for r in roots]
        return Ellipsoid(shares[0] * self.shapes + shares[1] * other.shapes)


def around(generators: Array) -> Ellipsoid:
    """Return one that holds the zonotopes of generators (B, N, J)."""
    _, N, J = generators.shape
    lengths = np.sqrt((generators**2).sum(axis=-2, keepdims=True))
    scaled = generators / np.maximum(lengths, np.finfo(float).tiny)
    shapes = lengths.sum(axis=-1, keepdims=True) * (scaled @ np.swapaxes(generators, -1, -2))
    # A product is off by 4 J u √(Q_ii Q_kk) at most, which is N times that of the diagonal.
    room = 1 + 4 * N * J * OWN
    places = np.arange(N)
    shapes[:, places, places] *= room
    return Ellipsoid(shapes)


class EllipsoidAndBox:
    """Errors of many numbers: those of the last step as a box, all older ones in an ellipsoid.

    Arguments:
        sequences: B.
        size: N.
    """

    def __init__(self, sequences: int, size: int) -> None:
        self.older = Ellipsoid(np.zeros((sequences, size, size)))
        self.newest = np.zeros((sequences, size))

    @property
    def radius(self) -> Array:
        """How far each number may be off, (B, N)."""
        return np.asarray(self.newest + self.older.radius)

    @property
    def slack(self) -> float:
        """The share of the radius through moduli, |J| r, that :meth:`mapped` may lose."""
        return self.older.slack

    def mapped(self, matrices: Array) -> None:
        """Send each through a matrix (B, N, N), but for roundings."""
        self.older = self.older.plus(around_box(self.newest)).mapped(matrices)
        self.newest = np.full_like(self.newest, LOST)

    def widened(self, box: Array) -> None:
        """Add independent errors (B, N)."""
        self.newest = self.newest + box


def around_box(box: Array) -> Ellipsoid:
    """Return one that holds boxes (B, N): as :func:`around` of one generator an entry."""
    shapes = np.zeros((*box.shape, box.shape[-1]))
    places = np.arange(box.shape[-1])
    room = 1 + 4 * box.shape[-1] * OWN
    shapes[:, places, places] = room * box.sum(axis=-1, keepdims=True) * box
    return Ellipsoid(shapes)
