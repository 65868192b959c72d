"""What a cell's factors are made of, and what they are: derivatives of entries by entries.

A step makes its states, and what its gates read, entry by entry from gates, states and further
weights. So each of these derivatives is a factor, an array as large as the state; the matrix
products between them are the same for every cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array

Factors: TypeAlias = Mapping[str, Mapping[str, Any]]
"""∂over/∂under by ``over``, then ``under``.

Over: a state; ``read_k``, what W_k multiplies where that is not h_{t−1}; ``a_k``, where a step adds
to it. Under: a gate, a state made before it, ``h-`` for h_{t−1}, a product ``q_k``, a weight.
"""


class Values(Mapping[str, Array]):
    """What a step made, by name: ``s["f"]``, ``s["c"]``, ``s["c-"]`` for c_{t−1}; of all steps."""

    def __init__(self, values: Mapping[str, Array], squash: Activation) -> None:
        self._values, self._squash = values, squash

    def __getitem__(self, name: str) -> Array:
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def squashed(self, state: str) -> Array:
        """Return a state as it is let out."""
        known = f"{self._squash.name}_{state}"
        return self[known] if known in self else self._squash.value(self[state])

    def slope(self, state: str) -> Array:
        """Return the derivative of what squashes a state where it is let out."""
        return self._squash.derivative(self[state])
