"""Sums and differences whose rounding errors are kept (Knuth's TwoSum; Rump, Ogita, Oishi 2008).

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


def total(terms: Array) -> Array:
    """Return the sum along the last axis, to about one rounding for terms of one sign.

    Each term is split at one place for its row: the high parts are multiples of one power of two,
    few enough to add up without rounding, and the low parts are too small for theirs to matter.
    """
    if terms.dtype == object or terms.shape[-1] <= 1:
        return np.asarray(terms.sum(axis=-1))
    if terms.dtype.kind == "c":
        return np.asarray(total(terms.real) + 1j * total(terms.imag))
    _, exponent = np.frexp(np.maximum.reduce(np.abs(terms), axis=-1, keepdims=True))
    bits = (terms.shape[-1] + 1).bit_length()
    above = np.ldexp(terms.dtype.type(1), exponent + bits)  # > (p + 1) max |terms|
    high = (above + terms) - above
    result = np.add.reduce(high, axis=-1) + np.add.reduce(terms - high, axis=-1)
    if np.isfinite(np.add.reduce(result, axis=None)):
        return np.asarray(result)
    # Near the largest float there is nothing above the terms to split at.
    return np.asarray(np.where(np.isfinite(result), result, terms.sum(axis=-1)))
