"""Steps back, enclosed: ∂L/∂h_t from step to step, and what may be off in it.

A message is linear in the one after it, d_{t−1} = J_tᵀ d_t: the program's, ḋ, obeys the same
equation with a Jacobian of its own and rounding on top. Of E_t = ḋ_t − d_t that leaves

    E_{t−1} = J_tᵀ E_t + β_t,    |β_t| ≤ |J̇_t − J_t|ᵀ (|d_t| + |E_t|) + rounding

with J_t the Jacobian of the midpoints. β_t is local: it is enclosed by a step back over midpoints
and radii, whose part of first order is |J_t|ᵀ |E_t|, and the rest β_t. What is carried on is
E = Σ_t J…J β_t, a zonotope, which grows as the messages themselves do and no more.

A step that is not taken hands its message on, and no gate of it has a derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad, chosen, exact, stacked
from bpttcheck.conformance.back import Back
from bpttcheck.conformance.errors import Errors
from bpttcheck.conformance.padding import Padding
from bpttcheck.conformance.step_jacobians import step_jacobians, unmoved


class Messages:
    """∂L/∂ of all that steps made, (T, B, n) by name; ``first`` is ∂L/∂ of the initial states."""

    def __init__(
        self,
        back: Back,
        sizes: Mapping[str, int],
        dh: MidRad,
        last: Mapping[str, Array],
        padding: Padding,
    ) -> None:
        T, B, _ = dh.shape
        errors = Errors(sizes, T, B)
        matrices: Iterable[Any] = (
            repeat(None, T) if errors.boxes else step_jacobians(back, sizes, T, B)
        )
        zero = {k: exact(np.zeros((B, size)), dh.kind) for k, size in sizes.items()}
        end = {k: exact(a, dh.kind) for k, a in last.items()}
        message = zero | (end if padding.ends is None else {})
        each: list[dict[str, MidRad]] = []
        for t, J in zip(range(T - 1, -1, -1), matrices, strict=True):
            if padding.ends is not None:
                for k in end:
                    message[k] = chosen(padding.ends == t, message[k] + end[k], message[k])
            whole = (message["h"] + dh[t]).widened(dh.kind.operation)
            met = errors.taken_up({**message, "h": whole})
            found = back.at(t)(met)
            before = {k: found.get(f"{k}-", zero[k]) for k in sizes}
            if padding.taken is not None:
                here = padding.taken[t]
                before = {k: chosen(here, a, met[k]) for k, a in before.items()}
                found = {k: chosen(here, a, _zero(a)) for k, a in found.items()}
                J = None if J is None else unmoved(J, here)
            message = errors.through(J, before)
            each.append({k: a for k, a in found.items() if not k.endswith("-")})
        self.first = errors.taken_up(message)
        self.steps = {k: stacked([found[k] for found in reversed(each)]) for k in each[0]}


def _zero(a: MidRad) -> MidRad:
    return exact(np.zeros(a.shape), a.kind)
