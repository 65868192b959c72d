"""The complex step: f′(x) = Im f(x + iη)/η, without cancellation (Squire and Trapp 1998).

With η = 2⁻³⁰⁰ a product of two tangents vanishes below the rounding of the values, so the
imaginary part carries a first derivative as a dual number would, at the speed of arrays.
"""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array

STEP = 2.0**-300
"""A power of two, so that dividing by it is exact; its square is below any rounding."""


def perturbed(values: Array, directions: Array) -> Array:
    """Return ``values + i·STEP·directions`` (broadcast)."""
    return np.asarray(values + 1j * (STEP * directions))


def derivative_of(array: Array) -> Array:
    """Return the derivative that the imaginary part carries."""
    return np.asarray(np.imag(array) / STEP)
