"""Zonotopes: errors of several numbers that hang together, carried through linear maps.

    Z = { Σ_j g_j s_j : |s_j| ≤ 1 }

A box of independent errors that goes through T matrices grows with the product of their moduli,
the zonotope with the modulus of their product: rotations and contractions leave it as it is, where
boxes explode (the wrapping effect).

Source: Kühn 1998, Rigorously computed orbits of dynamical systems without the wrapping effect.
"""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.ellipsoid import LOST, Ellipsoid, around
from bpttcheck.arithmetic.floating import OWN


class Zonotope:
    """One for each of B sequences in N dimensions, around zero: generators (B, N, J).

    Arguments:
        sequences: B.
        size: N.
        columns: at most so many generators are kept, or 4 N; then all but the newest, of which
            there are half as many, become an ellipsoid.
    """

    def __init__(self, sequences: int, size: int, columns: int) -> None:
        self.generators = np.zeros((sequences, size, 0))
        self.columns = max(columns, 4 * size)
        self.older: Ellipsoid | None = None

    @property
    def radius(self) -> Array:
        """How far each number may be off, (B, N)."""
        newer = np.abs(self.generators).sum(axis=-1)
        return np.asarray(newer if self.older is None else newer + self.older.radius)

    @property
    def slack(self) -> float:
        """The share of the radius through moduli, |J| r, that :meth:`mapped` may lose."""
        own = 64 * self.generators.shape[1] * OWN
        return own if self.older is None else own + self.older.slack

    def mapped(self, matrices: Array) -> None:
        """Send each through a matrix (B, N, N), but for roundings."""
        self.generators = matrices @ self.generators
        if self.older is not None:
            self.older = self.older.mapped(matrices)

    def widened(self, box: Array) -> None:
        """Add independent errors (B, N)."""
        count, size = self.generators.shape[-1], box.shape[-1]
        if count + size > self.columns:
            cut = max(0, count - self.columns // 2 + size)
            older, self.generators = np.split(self.generators, [cut], axis=-1)
            found = around(older)
            self.older = found if self.older is None else self.older.plus(found)
        if self.older is not None:
            box = box + LOST
        self.generators = np.concatenate([self.generators, _diagonal(box)], axis=-1)


def _diagonal(box: Array) -> Array:
    return np.asarray(box[..., None] * np.eye(box.shape[-1]))
