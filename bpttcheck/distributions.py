"""Distributions of random numbers: what arrays of a case of the registry are filled with."""

from __future__ import annotations

import numpy as np

from bpttcheck.arithmetic.base import Array

DISTRIBUTIONS = ("integers", "moderate", "zeros", "ties", "saturated", "tiny", "huge")
"""Integers first, since Hypothesis shrinks towards the first. ``tiny`` reaches subnormals."""


def numbers_of(distribution: str, random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return random numbers of a distribution."""
    normal = random.standard_normal(shape)
    match distribution:
        case "integers":
            return random.integers(-3, 4, shape).astype(np.float64)
        case "zeros":
            return np.where(random.random(shape) < 0.5, 0.0, normal)
        case "ties":
            return random.choice([-1.0, 1.0], shape)
        case "saturated":
            return 40 * normal
        case "tiny":
            return np.asarray(np.sign(normal) * 10.0 ** random.uniform(-320, -3, shape))
        case "huge":
            return np.asarray(np.sign(normal) * 10.0 ** random.uniform(1, 4, shape))
    return normal
