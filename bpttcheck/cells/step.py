"""One step forward: the words that a cell's step is written in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from bpttcheck.arithmetic.base import Array


class Step(Protocol):
    """One step, seen by a cell's ``step``: what came before, and where to put what is made.

    Products that read the same array are made as one. A gate is squashed; gates named together
    are squashed together, which is faster. A step of arithmetic alone is run once for all steps, on
    things that keep what is done to them; one that does more is run at each, on arrays.
    """

    def before(self, state: str) -> Array:
        """Return a state of the step before, for gates to read: h_{t−1}, say."""

    def carried(self, state: str) -> Array:
        """Return a state of the step before, to be carried on past the gates."""

    def gate(self, letter: str, read: Array | None = None, *, plus: Array | None = None) -> Array:
        """Return a gate, squashed: a_k = U_k x_t + W_k read + plus + b_k, without what is None."""

    def gates(
        self, letters: Iterable[str], read: Array | None = None, *, plus: Array | None = None
    ) -> Any:
        """Return several gates that read the same."""

    def product(self, letter: str, read: Array) -> Array:
        """Return q_k = W_k read + b_Wk, to be changed before it is added to a_k by ``plus``."""

    def weight(self, name: str) -> Array:
        """Return a further weight of the cell that acts entry by entry: a peephole, say."""

    def linear(self, name: str, read: Array) -> Array:
        """Return a further weight of the cell, a matrix, times what it reads: a projection."""

    def state(self, letter: str, value: Array) -> Array:
        """Keep a state of this step, and return it."""

    def squashed(self, state: str) -> Array:
        """Return a state of this step as it is let out."""
