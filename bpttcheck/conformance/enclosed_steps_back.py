"""Steps back, enclosed: ∂L/∂h_t from step to step, and what may be off in it.

A message is linear in the one after it, d_{t−1} = J_tᵀ d_t: the program's, ḋ, obeys the same
equation with a Jacobian of its own and rounding on top. Of E_t = ḋ_t − d_t that leaves

    E_{t−1} = J_tᵀ E_t + β_t,    |β_t| ≤ |J̇_t − J_t|ᵀ (|d_t| + |E_t|) + rounding

with J_t the Jacobian of the midpoints. β_t is local: it is enclosed by a step back over midpoints
and radii, whose part of first order is |J_t|ᵀ |E_t|, and the rest β_t. What is carried on is
E = Σ_t J…J β_t, a zonotope, which grows as the messages themselves do and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad, exact, stacked
from bpttcheck.conformance.back import Back
from bpttcheck.conformance.errors import Errors
from bpttcheck.conformance.step_jacobians import step_jacobians


class Messages:
    """∂L/∂ of all that steps made, (T, B, n) by name; ``first`` is ∂L/∂ of the initial states."""

    def __init__(
        self, back: Back, sizes: Mapping[str, int], dh: MidRad, last: Mapping[str, Array]
    ) -> None:
        T, B, _ = dh.shape
        errors = Errors(sizes, T, B)
        matrices: Iterable[Any] = (
            repeat(None, T) if errors.boxes else step_jacobians(back, sizes, T, B)
        )
        zero = {k: exact(np.zeros((B, size)), dh.kind) for k, size in sizes.items()}
        message = zero | {k: exact(a, dh.kind) for k, a in last.items()}
        each: list[dict[str, MidRad]] = []
        for t, J in zip(range(T - 1, -1, -1), matrices, strict=True):
            whole = (message["h"] + dh[t]).widened(dh.kind.operation)
            met = errors.taken_up({**message, "h": whole})
            found = back.at(t)(met)
            message = errors.through(J, {k: found.get(f"{k}-", zero[k]) for k in sizes})
            each.append({k: a for k, a in found.items() if not k.endswith("-")})
        self.first = errors.taken_up(message)
        self.steps = {k: stacked([found[k] for found in reversed(each)]) for k in each[0]}
