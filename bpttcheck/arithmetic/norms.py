"""Spectral norm and spectral radius of matrices (B, n, m), in floats and, enclosed, in balls.

In balls both come from a high power of the matrix, M^q with q = 2⁵², by repeated squaring:

    (tr Gᑫ / n)^(1/q) ≤ λ_max(G) ≤ (tr Gᑫ)^(1/q)      for G = AᵀA, so that ‖A‖₂ = λ_max^(1/2);
    max_j (|tr M^(qj)| / n)^(1/qj) ≤ ρ(M) ≤ ‖Mᑫ‖_F^(1/q).

The gap is a factor of about n^(1/q), far below what a comparison resolves. For the lower bound of ρ
one j ≤ 2n − 1 serves, however the eigenvalues cancel (Cassels 1956: of the first 2n − 1 power sums
of numbers of which the largest has modulus one, one has modulus at least one).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, objects

SQUARINGS = 52


def norms_of_floats(a: Array) -> Array:
    """Return the spectral norm of each matrix; NaN where an entry is not finite."""
    return _where_finite(a, lambda m: np.linalg.norm(m, 2, axis=(-2, -1)))


def radii_of_floats(a: Array) -> Array:
    """Return the largest modulus of an eigenvalue of each matrix; NaN likewise."""
    return _where_finite(a, lambda m: np.abs(np.linalg.eigvals(m)).max(axis=-1))


def _where_finite(a: Array, function: Any) -> Array:
    finite = np.isfinite(a).all(axis=(-2, -1))
    out = np.full(len(a), np.nan)
    if finite.any():
        out[finite] = function(a[finite])
    return out


def norms_of_balls(a: Array) -> Array:
    """Return an enclosure of the spectral norm of each matrix."""
    return objects((_norm(matrix) for matrix in a), a.shape[:1])


def radii_of_balls(a: Array) -> Array:
    """Return an enclosure of the spectral radius of each square matrix."""
    return objects((_radius(matrix) for matrix in a), a.shape[:1])


def _norm(matrix: Array) -> Any:
    from bpttcheck.arithmetic.balls import Ball

    a = _matrix(matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T)
    gram = a.transpose() * a
    n = gram.ncols()
    if n == 1:
        return Ball(_sqrt(gram[0, 0]))
    trace = _power(gram).trace()
    bounds = trace.abs_lower() / n, trace.abs_upper()
    below, above = (_root(bound, 2**SQUARINGS) for bound in bounds)
    return Ball(_sqrt(below).union(_sqrt(above)))


def _radius(matrix: Array) -> Any:
    from flint import arb

    from bpttcheck.arithmetic.balls import Ball

    power = _power(_matrix(matrix))
    n, q = power.ncols(), 2**SQUARINGS
    squares = sum((entry * entry for entry in power.entries()), arb(0))
    above = _root(_sqrt(squares).abs_upper(), q)
    below, again = arb(0), power
    for j in range(1, 2 * n):
        found = _root(again.trace().abs_lower() / n, q * j)
        below = found if found > below else below
        again = again * power
    return Ball(below.union(above))


def _matrix(array: Array) -> Any:
    from flint import arb_mat

    rows, columns = array.shape
    return arb_mat(rows, columns, [ball.value for ball in array.reshape(-1)])


def _power(matrix: Any) -> Any:
    for _ in range(SQUARINGS):
        matrix = matrix * matrix
    return matrix


def _root(x: Any, degree: int) -> Any:
    """Return an enclosure of x to the power 1/degree, for a bound x ≥ 0."""
    return (x.log() / degree).exp() if x > 0 else x


def _sqrt(x: Any) -> Any:
    """Return an enclosure of the root of a number known to be ≥ 0, whatever its ball says."""
    above = x.abs_upper().sqrt()
    return x.sqrt() if x > 0 else above.union(0 * above)
