"""Sums and differences whose rounding errors are kept (Knuth's TwoSum; Ogita, Rump, Oishi 2005).

A softmax of (0.1, −300.7) needs exp(−300.8) to 4 ulp; the rounding of the difference alone would
cost 128. Keeping the rounding error as a second number repairs that. Number systems that do not
round, or that enclose what rounding does, have no such error to keep.
"""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array


def two_sum(a: Array, b: Array) -> tuple[Array, Array | int]:
    """Return (s, e) with s = fl(a + b) and s + e = a + b exactly, unless s overflows."""
    s = a + b
    if s.dtype == object:
        return s, 0
    b_part = s - a
    return s, (a - (s - b_part)) + (b - b_part)


def one_plus(q: Array) -> tuple[Array, Array | int]:
    """Return (s, e) with s = fl(1 + q) and s + e = 1 + q exactly, for |q| ≤ 1 (Dekker's sum)."""
    s = 1 + q
    return s, 0 if s.dtype == object else (1 - s) + q


def total(terms: Array) -> Array:
    """Return the sum along the last axis, to about one rounding for terms of one sign."""
    if terms.shape[-1] == 0:
        return np.zeros(terms.shape[:-1], dtype=terms.dtype)
    if terms.dtype == object:
        return np.asarray(terms.sum(axis=-1))
    error = None
    while (n := terms.shape[-1]) > 1:
        half = n // 2
        pairs, lost = two_sum(terms[..., :half], terms[..., half : 2 * half])
        lost = np.sum(lost, axis=-1)
        error = lost if error is None else error + lost
        terms = pairs if n % 2 == 0 else np.concatenate([pairs, terms[..., -1:]], axis=-1)
    last = terms[..., 0]
    if error is None:
        return np.asarray(last)
    return np.where(np.isfinite(last), last + error, last)  # an infinite sum has no error term
