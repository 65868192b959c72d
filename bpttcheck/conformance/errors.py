"""What is off in the states, or in the messages to them, from step to step: a zonotope."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad, joined
from bpttcheck.arithmetic.zonotope import Zonotope

COST = 2e10
"""Products, at most, that the zonotopes of all steps may take: some seconds."""

JACOBIANS = 4e9
"""Products, at most, that their Jacobians may take, half a minute; beyond it errors are boxes."""

Parts = dict[str, MidRad]
"""Of each state, by its letter, (B, n)."""


class Errors:
    """What is off in the states, or in the messages to them: in their entries of first order.

    Arguments:
        sizes: of each state.
        T, B: steps and sequences.
        step: products that a step of a sequence takes, forward or back.
    """

    def __init__(self, sizes: Mapping[str, int], T: int, B: int, step: int) -> None:
        N = sum(sizes.values())
        self.boxes = float(T) * B * N * step > JACOBIANS
        ends = np.cumsum(list(sizes.values())).tolist()
        self._cuts = {k: slice(end - sizes[k], end) for k, end in zip(sizes, ends, strict=True)}
        self._zonotope = Zonotope(B, N, int(COST / (2 * T * B * N * N)))

    def taken_up(self, parts: Mapping[str, MidRad]) -> Parts:
        """Return the same, what was local in their errors having been put to the others."""
        if self.boxes:
            return {k: MidRad(a.mid, a.radius, 0.0, a.kind) for k, a in parts.items()}
        whole = joined([parts[k] for k in self._cuts])
        self._zonotope.widened(whole.rest)
        return self._apart(MidRad(whole.mid, self._zonotope.radius, 0.0, whole.kind))

    def through(self, matrices: Array | None, parts: Mapping[str, MidRad]) -> Parts:
        """Return what a step made of the states, their errors having gone through its Jacobian.

        Arguments:
            matrices: the Jacobians (B, N, N). They have roundings of their own, in proportion to
                moduli, of which the part of first order is the sum. None where errors are boxes.
            parts: what the step made, with errors of first order in place of the zonotope.
        """
        if matrices is None:
            return dict(parts)
        whole = joined([parts[k] for k in self._cuts])
        self._zonotope.mapped(matrices)
        local = whole.rest + self._zonotope.slack * whole.first
        return self._apart(MidRad(whole.mid, self._zonotope.radius, local, whole.kind))

    def _apart(self, whole: MidRad) -> Parts:
        return {k: whole[..., cut] for k, cut in self._cuts.items()}
