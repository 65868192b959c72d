"""What a float type does to a result: one rounding, a sum's, a function's, and underflow.

    fl(x · y) = x · y (1 + δ) + ε,   |δ| ≤ u,   |ε| ≤ η

u is the unit roundoff. η is the smallest *normal* number, not the smallest one: JAX, TensorFlow and
processors told to be fast set what lies below it to zero, so that an operation, whose result may be
anything between zero and η, loses up to η. What an operation reads was the result of another, whose
η is counted there, or was given, and then loses its own where it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bpttcheck.arithmetic.base import Array

OWN = 2.0**-53
"""The unit roundoff of the midpoints, which are float64 themselves."""

ULPS = 4
"""Of the last place, by which an elementary function may be off."""


@dataclass(frozen=True)
class FloatType:
    """The float type of a program whose results are to be enclosed, and the midpoints' own.

    Attributes:
        unit: u, 2⁻⁵³ of float64 and 2⁻²⁴ of float32.
        tiny: η, 2⁻¹⁰²² and 2⁻¹²⁶.
        largest: what is beyond it overflows.
        inexact: by how much a function, ``"tanh"`` or ``"sigmoid"``, may be off beyond ``ULPS``,
            in absolute terms.
    """

    unit: float
    tiny: float
    largest: float
    inexact: Mapping[str, float] = field(default_factory=dict)

    @property
    def operation(self) -> float:
        """The share of its operands that an operation may lose: two roundings of each side.

        One is that of the operation. The other is for a formula that is written in another way,
        (a + b) c as ac + bc or g + z (h − g) as zh + (1 − z) g, which has one operation more.
        """
        return 2 * (self.unit + OWN)

    @property
    def function(self) -> float:
        """The share of its value that an elementary function may lose: an ulp is up to 2 u."""
        return 2 * ULPS * (self.unit + OWN)

    def sum(self, terms: int) -> float:
        """Return the share of Σ|terms| that a sum of products may lose, in any order."""
        return (terms + 1) * (self.unit + OWN)

    def lost_in_sum(self, terms: int, size: Array, net: Array) -> Array:
        """Return what a sum of products may lose in any order: less than its moduli say.

            u Σ|x| of the products,  and  u Σ_v |s_v| of the additions v,  |s_v| ≤ (Σ|x| + |Σx|) / 2

        since s_v is the sum of some of the terms: at most all that are positive, or all that are
        not. What the additions below v have lost is of order K u of it.

        Arguments:
            terms: K, of the whole sum, of which this may be a part.
            size: Σ|x|.
            net: |Σx|, or more.
        """
        unit = self.unit + OWN
        share = terms * unit
        if share >= 0.5:
            return self.sum(terms) * size
        most = (size + np.minimum(size, net)) / 2 + unit * size
        return np.minimum(self.sum(terms) * size, share / (1 - share) * most + 2 * unit * size)


BFLOAT16 = (2.0**-8, 2.0**-126, 2.0**128 * (1 - 2.0**-8))
"""Its unit roundoff, smallest normal number and largest number; it is no type of NumPy's own."""


def float_type(dtype: np.dtype) -> FloatType:
    """Return what the arithmetic of a float type does."""
    if dtype.name == "bfloat16":
        return FloatType(*BFLOAT16)
    info = np.finfo(dtype)
    return FloatType(float(info.eps) / 2, float(info.smallest_normal), float(info.max))
