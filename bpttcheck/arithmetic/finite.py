"""Whether floats are finite: what every argument and every result is asked, so quickly."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from bpttcheck.arithmetic.base import Array

SMALL = 1000
"""Entries of an array that is looked at together with others."""


def all_finite(array: Array) -> bool:
    """Tell whether every entry is finite; of many, the sum first, which needs no array."""
    if array.size > 10_000:
        with np.errstate(all="ignore"):
            if np.isfinite(array.sum()):
                return True
    return bool(np.isfinite(array).all())


def together_finite(arrays: Sequence[Array]) -> bool:
    """Tell whether every entry of float arrays of one dtype is finite; of small ones, at once."""
    dtype, small = None, []
    for a in arrays:
        if dtype is None:
            dtype = a.dtype
        elif a.dtype != dtype:
            return False
        if a.size <= SMALL:
            small.append(a.ravel())
        elif not all_finite(a):
            return False
    if dtype is None or dtype.kind not in "fc":
        return False
    if not small:
        return True
    flat = small[0] if len(small) == 1 else np.concatenate(small)
    # Squares that add up to a number are squares of numbers; those that do not may have overflowed.
    return isfinite(abs(np.vdot(flat, flat))) or bool(np.isfinite(flat).all())
