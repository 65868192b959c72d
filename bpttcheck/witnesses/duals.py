"""Derivatives by duals on the forward: perturb one input, read the tangents of every output.

In float64 a tangent is the imaginary part of a complex step, and every direction goes through the
forward pass on an axis of its own; over balls and finite fields a number carries the tangents of
all directions, and the axis has length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from bpttcheck.arithmetic.base import Array


class Tangents(Protocol):
    """What a number system must do to be differentiated."""

    def perturbed(self, values: Array, directions: Array, axis: int) -> Array:
        """Attach tangents."""

    def tangents(self, values: Array, axis: int, count: int) -> Array:
        """Read tangents."""


Outputs = Mapping[str, Array]


class Derivatives(dict[str, Array]):
    """The derivatives of outputs by name, each read off its output when it is asked for."""

    def __init__(self, read: Callable[[str], Array]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, name: str) -> Array:
        self[name] = self._read(name)
        return self[name]


def derivatives(
    system: Tangents,
    values: Array,
    directions: Array,
    outputs: Callable[[Array], Outputs],
    axis: int = 0,
    axis_of: Callable[[str], int] = lambda _: 0,
) -> Derivatives:
    """Return the derivative of every output along every direction, the directions on a last axis.

    Arguments:
        system: the number system of ``values``.
        values: the input to perturb.
        directions: the tangents, broadcast against ``values``; they bring the axis of directions.
        outputs: the forward pass, from a perturbed input to named outputs.
        axis: where ``directions`` has the axis of directions.
        axis_of: where the output of a name has it.
    """
    # One forward pass for all directions; what no statement asks for is never read off.
    made, count = outputs(system.perturbed(values, directions, axis)), directions.shape[axis]
    return Derivatives(lambda name: system.tangents(made[name], axis_of(name), count))


def unit_vectors(count: int, axes_after: int) -> Array:
    """Return the unit vectors e_1, …, e_count as (count, count, 1, …): entry, then direction."""
    return np.eye(count).reshape(count, count, *(1,) * axes_after)
