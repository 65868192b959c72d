"""What the backward passes of gated cells share: slopes, masked factors, stacks of gates."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from bpttcheck.activations import Elementwise, sigmoid, tanh
from bpttcheck.arithmetic.base import Array

Slopes: TypeAlias = tuple[Elementwise, Elementwise]

SLOPES: Slopes = (sigmoid.derivative, tanh.derivative)
"""σ′ and tanh′, of a pre-activation."""


def by_gate(letter: str, stack: Array, gates: str) -> dict[str, Array]:
    """Return the gradients of a letter's weights, gate by gate, from their stack."""
    parts = np.split(stack, len(gates))
    return {f"{letter}_{gate}": part for gate, part in zip(gates, parts, strict=True)}
