"""What a program computed at a point, and its comparison with a reference cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.floating import FloatType
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.conformance.axes import arranged, restored
from bpttcheck.conformance.blocks import assembled
from bpttcheck.conformance.comparison import Comparison
from bpttcheck.conformance.judged import compared
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.point import ReferencePoint
from bpttcheck.conformance.reference import enclosed, forward, program
from bpttcheck.conformance.steps import Program


@dataclass(frozen=True)
class Observed:
    """Outputs and gradients of a program.

    Attributes:
        form: which array holds what.
        point: where they were computed.
        got: ``outputs``, and the gradient of each array by its name.
        dh: ∂L/∂h_t, (T, B, n).
        kind: the float type of the program.
    """

    form: Layout
    point: ReferencePoint
    got: Mapping[str, Array]
    dh: Array
    kind: FloatType

    def but(self, form: Layout, point: ReferencePoint) -> Observed:
        """Return the same under another layout."""
        return replace(self, form=form, point=point)

    def inaccurate(self, inexact: Mapping[str, float]) -> Observed:
        """Return the same of a program whose functions are off by so much."""
        return replace(self, kind=replace(self.kind, inexact=inexact))

    @property
    def program(self) -> Program:
        """The reference cell as a program may compute it."""
        form = self.form
        return program(form.reference, form.phi, self.point.weights, self.kind, turned(form))

    @property
    def states(self) -> Array | None:
        """All states (T, B, n) as the program gave them out; None if it did not."""
        what, axes = self.form.given_out()
        if what != "h":
            return None
        own = f"T{self.form.axes['h0']}"
        return restored(self.got["outputs"], own, axes, "outputs").astype(np.float64)

    def outputs(self) -> Comparison:
        """Compare the outputs alone."""
        return self._outputs(forward(self.program, self.point.x, self.point.states, self.states))

    def all(self) -> tuple[Comparison, ...]:
        """Compare the outputs and every gradient."""
        form = self.form
        found = enclosed(self.program, self.point.x, self.point.states, self.dh, self.states)
        mid, radius = (
            {k: getattr(a, what) for k, a in found.gradients.items()} for what in ("mid", "radius")
        )
        expected = {
            k: (assembled(rows, mid), np.abs(assembled(rows, radius)))
            for k, rows in form.blocks.items()
        }
        for what, (name, axes) in form.sequences().items():
            own = form.axes[what]
            expected[name] = arranged(mid[what], own, axes), arranged(radius[what], own, axes)
        parts = [self._outputs(found.h)]
        for name, got in self.got.items():
            if name != "outputs":
                parts.append(compared(name, got, *expected[name], self.kind))
        return tuple(parts)

    def _outputs(self, h: MidRad) -> Comparison:
        what, axes = self.form.given_out()
        last = self.form.axes["h0"]
        mid, radius = (
            arranged(a, f"T{last}", axes) if what == "h" else arranged(a[-1], last, axes)
            for a in (h.mid, h.radius)
        )
        return compared("outputs", self.got["outputs"], mid, radius, self.kind)


def turned(form: Layout) -> frozenset[str]:
    """Return the gates whose negative the program has: it keeps 1 − σ(−a) where we have σ(a)."""
    blocks = (b for rows in form.blocks.values() for row in rows for b in row)
    negative = {b.weight for b in blocks if b.sign < 0}
    return frozenset(k for k in form.reference.gates if k and f"U_{k}" in negative)
