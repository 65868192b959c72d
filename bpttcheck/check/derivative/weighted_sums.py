"""Sums of products in float64, with what rounding and underflow can do to them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from bpttcheck.arithmetic.base import Array

TINY = 2.0**-1074
"""The smallest float64: what underflow may do to one result, whatever its size."""


def weighted_sum(weights: Array, values: Array) -> tuple[float, float]:
    """Return Σ w_i z_i and a bound on its rounding error; infinite where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        terms = np.multiply(weights, values, dtype=np.float64).reshape(-1)
        return total(terms, int(np.count_nonzero(weights)))


def total(terms: Array, products: int) -> tuple[float, float]:
    """Return the sum of terms, of which so many are products that may underflow, and the bound.

    NumPy adds in pairs over runs of at most 128 products, eight at a time: a term takes part in
    fewer than 20 + log₂ N roundings, its product's and its difference's among them. A product
    that underflows is off by less than the smallest float.
    """
    added, moduli = float(np.add.reduce(terms)), float(np.add.reduce(np.abs(terms)))
    roundings = 20 + math.log2(max(terms.size, 1))
    return added, roundings * 2.0**-53 * moduli + TINY * products


def length(weights: Array, values: Array) -> float:
    """Return the norm of w ∘ z: by it roundings of w add up along a z of random signs."""
    return math.hypot(*np.multiply(weights, values, dtype=np.float64).reshape(-1))


def summed(numbers: Iterable[float]) -> float:
    """Return the sum, rounded once; infinite or NaN where it overflows on the way."""
    listed = list(numbers)
    try:
        return math.fsum(listed)
    except (OverflowError, ValueError):
        return sum(listed)
