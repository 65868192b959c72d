"""Where the gates of a step are made, as the loop forward finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from bpttcheck.arithmetic.base import Array

Squash: TypeAlias = Callable[[Array, Array], object]
"""From a row of pre-activations, and where to put it squashed."""


class GatePlace(NamedTuple):
    """Where gates that are made together lie; rows of a block, read faster than an array.

    Attributes:
        stack: where they are in it.
        a: of the stack of pre-activations.
        values: of the stack of gates.
        squashes: what is squashed alike: rows of a, rows of the gates, by what.
        own: the rows of each gate.
        product: which product their weights are in, and where.
    """

    stack: slice
    a: list[Array]
    values: list[Array]
    squashes: list[tuple[list[Array], list[Array], Squash]]
    own: list[list[Array]]
    product: int
    part: slice | None
