"""What is off in the states, or in the messages to them, from step to step.

A zonotope keeps the most. Where its generators would take too long the errors of the last step are
a box and all older ones an ellipsoid, and where that would too, all of them boxes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.ellipsoid import EllipsoidAndBox
from bpttcheck.arithmetic.midrad import MidRad, joined
from bpttcheck.arithmetic.zonotope import Zonotope

COST = 2e11
"""Products, at most, that the generators of all steps may take: some seconds."""

LARGEST = 6e11
"""Products, at most, that ellipsoids may take, a minute; beyond it errors are boxes."""

Parts = dict[str, MidRad]
"""Of each state, by its letter, (B, n)."""


class Errors:
    """What is off in the states, or in the messages to them: in their entries of first order.

    Arguments:
        sizes: of each state.
        T, B: steps and sequences.
    """

    def __init__(self, sizes: Mapping[str, int], T: int, B: int) -> None:
        N = sum(sizes.values())
        self.boxes = 2.0 * T * B * N**3 > LARGEST
        ends = np.cumsum(list(sizes.values())).tolist()
        self._cuts = {k: slice(end - sizes[k], end) for k, end in zip(sizes, ends, strict=True)}
        columns = int(COST / (2 * T * B * N * N))
        self._off: Zonotope | EllipsoidAndBox = (
            Zonotope(B, N, columns) if columns >= 4 * N else EllipsoidAndBox(B, N)
        )

    def taken_up(self, parts: Mapping[str, MidRad]) -> Parts:
        """Return the same, what was local in their errors having been put to the others."""
        if self.boxes:
            return {k: MidRad(a.mid, a.radius, 0.0, a.kind) for k, a in parts.items()}
        whole = joined([parts[k] for k in self._cuts])
        self._off.widened(whole.rest)
        return self._apart(MidRad(whole.mid, self._off.radius, 0.0, whole.kind))

    def through(self, matrices: Array | None, parts: Mapping[str, MidRad]) -> Parts:
        """Return what a step made of the states, their errors having gone through its Jacobian.

        Arguments:
            matrices: the Jacobians (B, N, N). They have roundings of their own, in proportion to
                moduli, of which the part of first order is the sum. None where errors are boxes.
            parts: what the step made, with errors of first order in place of those.
        """
        if matrices is None:
            return dict(parts)
        whole = joined([parts[k] for k in self._cuts])
        self._off.mapped(matrices)
        local = whole.rest + self._off.slack * whole.first
        return self._apart(MidRad(whole.mid, self._off.radius, local, whole.kind))

    def _apart(self, whole: MidRad) -> Parts:
        return {k: whole[..., cut] for k, cut in self._cuts.items()}
