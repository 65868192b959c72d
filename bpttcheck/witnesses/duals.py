"""Derivatives by duals on the forward: perturb one input, read the tangent of every output.

In float64 the tangent is the imaginary part of a complex step; in balls and finite fields it is
that of a dual number. All directions go through one forward pass, on an axis of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from bpttcheck.arithmetic.base import Array


class Tangents(Protocol):
    """What a number system must do to be differentiated."""

    def perturbed(self, values: Array, directions: Array) -> Array:
        """Attach tangents."""

    def tangent(self, values: Array) -> Array:
        """Read tangents."""


Outputs = Mapping[str, Array]


def derivatives(
    system: Tangents,
    values: Array,
    directions: Array,
    outputs: Callable[[Array], Outputs],
) -> dict[str, Array]:
    """Return the derivative of every output along every direction.

    Arguments:
        system: the number system of ``values``.
        values: the input to perturb.
        directions: the tangents, broadcast against ``values``; they bring the axis of directions.
        outputs: the forward pass, from a perturbed input to named outputs.
    """
    perturbed = system.perturbed(values, directions)
    return {name: system.tangent(out) for name, out in outputs(perturbed).items()}


def unit_vectors(count: int, axes_after: int) -> Array:
    """Return the unit vectors e_1, …, e_count as (count, count, 1, …): entry, then direction."""
    return np.eye(count).reshape(count, count, *(1,) * axes_after)
