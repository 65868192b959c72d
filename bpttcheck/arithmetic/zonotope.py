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


class Zonotope:
    """One for each of B sequences, in N dimensions: generators (B, N, J).

    Arguments:
        sequences: B.
        size: N.
        columns: at most so many generators are kept, or 4 N; then all but the newest, of which
            there are half as many, become a box.
    """

    def __init__(self, sequences: int, size: int, columns: int) -> None:
        self.generators = np.zeros((sequences, size, 0))
        self.columns = max(columns, 4 * size)

    @property
    def radius(self) -> Array:
        """How far each number may be off, (B, N)."""
        return np.asarray(np.abs(self.generators).sum(axis=-1))

    def mapped(self, matrices: Array) -> None:
        """Send each through a matrix (B, N, N)."""
        self.generators = matrices @ self.generators

    def widened(self, box: Array) -> None:
        """Add independent errors (B, N)."""
        parts = [self.generators, _diagonal(box)]
        count, size = self.generators.shape[-1], box.shape[-1]
        if count + size > self.columns:
            older, newer = np.split(self.generators, [count - self.columns // 2 + 2 * size], -1)
            parts = [_diagonal(np.abs(older).sum(axis=-1)), newer, parts[-1]]
        self.generators = np.concatenate(parts, axis=-1)


def _diagonal(box: Array) -> Array:
    return np.asarray(box[..., None] * np.eye(box.shape[-1]))
