"""Where the gates of a step are made, as the loop forward finds it."""

from __future__ import annotations

from typing import NamedTuple

from bpttcheck.activations import Activation, Into
from bpttcheck.arithmetic.base import Array


class GatePlace(NamedTuple):
    """Where gates that are made together lie; rows of a block, read faster than an array.

    Attributes:
        gates: their letters.
        a: their pre-activations, side by side.
        squashes: what is squashed alike: rows of a and of the gates, gate above gate; by what, and
            how it is written.
        own: the rows of each gate.
        product: which product their weights are in, and where.
    """

    gates: tuple[str, ...]
    a: list[Array]
    squashes: list[tuple[list[Array], list[Array], Activation, Into]]
    own: list[list[Array]]
    product: int
    part: slice | None
