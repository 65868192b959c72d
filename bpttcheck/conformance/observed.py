"""What a program computed at a point, and its comparison with a reference cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.floating import FloatType
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.conformance.array_axes import arranged, restored
from bpttcheck.conformance.comparison import Comparison
from bpttcheck.conformance.judged import compared
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.point import ReferencePoint, read
from bpttcheck.conformance.reference import Enclosure, enclosed, forward, program
from bpttcheck.conformance.steps_forward import Made, Program
from bpttcheck.conformance.weight_blocks import assembled


@dataclass(frozen=True)
class Observed:
    """Outputs and gradients of a program.

    Attributes:
        form: which array holds what.
        params: where they were computed, in somebody's arrays.
        got: ``outputs``, and the gradient of each array by its name.
        dh: ∂L/∂h_t, (T, B, n).
        kind: the float type of the program.
        ends: the last states that are outputs beside the first, by letter, in somebody's axes.
        last: the cotangents of these, (B, n).
    """

    form: Layout
    params: Mapping[str, Array]
    got: Mapping[str, Array]
    dh: Array
    kind: FloatType
    ends: Mapping[str, Array] = field(default_factory=dict)
    last: Mapping[str, Array] = field(default_factory=dict)

    @cached_property
    def point(self) -> ReferencePoint:
        """Where they were computed, in the reference's arrays."""
        return read(self.form, self.params)

    def but(self, form: Layout) -> Observed:
        """Return the same under another layout."""
        return replace(self, form=form)

    def off_by(self, inexact: Mapping[str, float]) -> Observed:
        """Return the same of a program whose functions are off by so much."""
        return replace(self, kind=replace(self.kind, inexact=inexact))

    def first_steps(self, count: int) -> Observed:
        """Return the outputs of the first steps alone, where there are those of every step."""
        name, axes = self.form.sequences()["x"]
        what, own = self.form.given_out()
        if what != "h" or "T" not in axes or "T" not in own:
            return self
        x = self.params[name].take(range(min(count, self.point.sizes["T"])), axes.index("T"))
        h = self.got["outputs"].take(range(x.shape[axes.index("T")]), own.index("T"))
        return replace(self, params={**self.params, name: x}, got={"outputs": h})

    @property
    def has_gradients(self) -> bool:
        """Whether there is more than outputs."""
        return len(self.got) > 1

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
        return self._outputs(self._forward()["h"])

    def all(self) -> tuple[Comparison, ...]:
        """Compare the outputs and every gradient that there is."""
        form = self.form
        if not self.has_gradients:
            states = self._forward()
            return (self._outputs(states["h"]), *self._ends(states))
        found = self._enclosed()
        mid, radius = (
            {k: getattr(a, what) for k, a in found.gradients.items()} for what in ("mid", "radius")
        )
        expected = {
            k: (assembled(rows, mid), np.abs(assembled(rows, radius)))
            for k, rows in form.blocks.items()
        }
        open_ = found.unsaturated
        scale = {k: max(open_[b.weight] for b in rows.each()) for k, rows in form.blocks.items()}
        for what, (name, axes) in form.sequences().items():
            own = form.axes[what]
            scale[name] = open_[what]
            expected[name] = arranged(mid[what], own, axes), arranged(radius[what], own, axes)
        parts = [self._outputs(found.states["h"]), *self._ends(found.states)]
        for name, got in self.got.items():
            if name != "outputs":
                parts.append(compared(name, got, *expected[name], self.kind, scale[name]))
        return tuple(parts)

    def overflows(self) -> bool:
        """Tell whether some number on the way leaves the range of the float type, or may."""
        found = self._enclosed()
        return not found.largest <= self.kind.largest

    def _forward(self) -> Made:
        return forward(self.program, self.point.x, self.point.states, self.states)

    def _enclosed(self) -> Enclosure:
        where = self.program, self.point.x, self.point.states
        return enclosed(*where, self.dh, self.states, self.last)

    def _ends(self, states: Made) -> list[Comparison]:
        """Compare the last states that are outputs beside the first."""
        parts = []
        for k, axes in self.form.given_last() if self.ends else ():
            own, end = self.form.axes[f"{k}0"], states[k][-1]
            mid, radius = (arranged(a, own, axes) for a in (end.mid, end.radius))
            parts.append(compared(f"{k}_T", self.ends[k], mid, radius, self.kind))
        return parts

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
