"""Random directions: every entry moves by at least half a step, so that none can hide."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array

Direction = dict[str, Array]


def unit(array: Array) -> float:
    """Return the power of two at or below the largest modulus; 1 where all are zero."""
    largest = float(np.abs(array).max(initial=0.0))
    return 2.0 ** math.floor(math.log2(largest)) if largest else 1.0


def direction(
    rng: np.random.Generator, params: Mapping[str, Array], names: tuple[str, ...]
) -> Direction:
    """Return v with v_i = ±U[1/2, 1] in the named blocks, and nothing in the others.

    An error in one entry moves the slope along v by at least half of it; errors in several cancel
    to within E of each other with probability below 2E/|Δg_i| a direction.
    """
    return {name: signed(rng, params[name].shape) for name in names}


def together(
    rng: np.random.Generator, params: Mapping[str, Array], names: tuple[str, ...]
) -> Direction:
    """Return a direction through several blocks that moves each in proportion to its own size."""
    return {name: unit(params[name]) * signed(rng, params[name].shape) for name in names}


def signed(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return numbers drawn from ±U[1/2, 1]."""
    sizes = rng.random(shape)
    sizes += 1.0
    return np.copysign(sizes, rng.random(shape) - 0.5) / 2


def part(rng: np.random.Generator, name: str, shape: tuple[int, ...], where: Array) -> Direction:
    """Return a direction within one block that moves the flat indices ``where`` alone."""
    v = np.zeros(int(np.prod(shape)))
    v[where] = signed(rng, where.shape)
    return {name: v.reshape(shape)}
