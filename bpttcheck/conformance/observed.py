"""What a program computed at a point, and its comparison with a reference cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.floating import FloatType
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.conformance.array_axes import arranged
from bpttcheck.conformance.comparison import Comparison
from bpttcheck.conformance.enclosed_layers import EnclosedLayers, LayersRun, States, in_order
from bpttcheck.conformance.judged import compared
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.padding import Padding, padding
from bpttcheck.conformance.point import ReferencePoint, read
from bpttcheck.conformance.reference import program
from bpttcheck.conformance.stacks import LayerDirection, parts_of
from bpttcheck.conformance.state_arrays import StateArray, given, returned
from bpttcheck.conformance.steps_forward import Made
from bpttcheck.conformance.weight_blocks import assembled, end_to_end

Middles = tuple[Array, Array]
"""Midpoints and radii."""


@dataclass(frozen=True)
class Observed:
    """Outputs and gradients of a program.

    Attributes:
        form: which array holds what.
        params: where they were computed, in somebody's arrays.
        got: ``outputs``, and the gradient of each array by its name.
        dh: ∂L/∂h_t of the last layer's parts by name, (T, B, n).
        kind: the float type of the program.
        ends: the last states that are outputs beside the first, by name, in somebody's axes.
        last: the cotangents of last states, (B, n) by part and letter.
        layers: how many there are.
        bidirectional: whether each has a second direction.
        lengths: of the sequences, (B,), or None where all have T steps.
    """

    form: Layout
    params: Mapping[str, Array]
    got: Mapping[str, Array]
    dh: Mapping[str, Array]
    kind: FloatType
    ends: Mapping[str, Array] = field(default_factory=dict)
    last: States = field(default_factory=dict)
    layers: int = 1
    bidirectional: bool = False
    lengths: Array | None = None

    @cached_property
    def parts(self) -> list[LayerDirection]:
        """Every direction of every layer."""
        return parts_of(self.form, self.layers, self.bidirectional)

    @cached_property
    def point(self) -> ReferencePoint:
        """Where they were computed, in the reference's arrays."""
        return read(self.form, self.parts, self.params)

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
        if what != "h" or "T" not in axes or "T" not in own or self.bidirectional:
            return self
        x = self.params[name].take(range(min(count, self.point.sizes["T"])), axes.index("T"))
        h = self.got["outputs"].take(range(x.shape[axes.index("T")]), own.index("T"))
        lengths = None if self.lengths is None else np.minimum(self.lengths, count)
        return replace(self, params={**self.params, name: x}, got={"outputs": h}, lengths=lengths)

    @property
    def has_gradients(self) -> bool:
        """Whether there is more than outputs."""
        return len(self.got) > 1

    def outputs(self) -> Comparison:
        """Compare the outputs alone."""
        return self._compared(self._arrays[0], self._run.states)

    def all(self) -> tuple[Comparison, ...]:
        """Compare the outputs and every gradient that there is."""
        run = self._run
        parts = [self._compared(a, run.states) for a in self._arrays if a.name in self._seen]
        if not self.has_gradients:
            return tuple(parts)
        expected, scale = self._gradients(run.back(self.dh, self.last))
        for name, got in self.got.items():
            if name != "outputs":
                parts.append(compared(name, got, *expected[name], self.kind, scale[name]))
        return tuple(parts)

    def overflows(self) -> bool:
        """Tell whether some number on the way leaves the range of the float type, or may."""
        return not self._run.back(self.dh, self.last).largest <= self.kind.largest

    @property
    def _arrays(self) -> list[StateArray]:
        return returned(self.form, self.parts)

    @property
    def _seen(self) -> Mapping[str, Array]:
        return {"outputs": self.got["outputs"], **self.ends}

    @cached_property
    def _padding(self) -> Padding:
        return padding(self.form.padded, self.lengths, self.point.sizes["T"])

    @property
    def _run(self) -> LayersRun:
        form, point, first = self.form, self.point, self._arrays[0]
        programs = {
            name: program(form.reference, form.phi, weights, self.kind, turned(form), form.clip)
            for name, weights in point.weights.items()
        }
        h: Mapping[str, Array] = {}
        if first.what == "h":
            h = {k: a.astype(np.float64) for k, a in first.parted(self.got["outputs"]).items()}
        return LayersRun(self.parts, programs, point.x, point.states, h, self._padding)

    def _compared(self, array: StateArray, states: Mapping[str, Made]) -> Comparison:
        """Compare an array of states with what they can be."""
        found = []
        for part in self.parts:
            if part.name in array.parts:
                own = states[part.name][array.state]
                own = in_order(part, own) if array.what == "h" else self._padding.last(own)
                found.append(own)
        each = [(a.mid, a.radius) for a in found]
        if array.what == "h":
            each = [(self._padding.shown(m), self._padding.shown(r)) for m, r in each]
        mid, radius = (array.joined(some) for some in zip(*each, strict=True))
        return compared(array.name, self._seen[array.name], mid, radius, self.kind)

    def _gradients(
        self, found: EnclosedLayers
    ) -> tuple[Mapping[str, Middles], Mapping[str, float]]:
        """Return what each array's gradient can be, and how large it would be unsaturated."""
        form, expected, scale = self.form, dict[str, Middles](), dict[str, float]()
        pieces: dict[str, list[Middles]] = {}
        for part in self.parts:
            own = found.parts[part.name]
            mid, radius = _apart(own.gradients)
            for name, rows in part.blocks.items():
                both = assembled(rows, mid), np.abs(assembled(rows, radius))
                pieces.setdefault(name, []).append(both)
                open_ = max(own.unsaturated[b.weight] for b in rows.each())
                scale[name] = max(open_, scale.get(name, 0.0))
        for name, each in pieces.items():
            expected[name] = end_to_end(a for a, _ in each), end_to_end(a for _, a in each)
        for array in given(form, self.parts):
            mids, radii = _apart({k: found.parts[k].gradients[array.what] for k in array.parts})
            expected[array.name] = array.joined(mids.values()), array.joined(radii.values())
            scale[array.name] = max(found.parts[k].unsaturated[array.what] for k in array.parts)
        name, axes = form.sequences()["x"]
        scale[name] = found.unsaturated
        dx = found.dx
        expected[name] = arranged(dx.mid, "TBm", axes), arranged(dx.radius, "TBm", axes)
        return expected, scale


def _apart(found: Mapping[str, MidRad]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return midpoints and radii apart."""
    return {k: a.mid for k, a in found.items()}, {k: a.radius for k, a in found.items()}


def turned(form: Layout) -> frozenset[str]:
    """Return the gates whose negative the program has: it keeps 1 − σ(−a) where we have σ(a)."""
    blocks = (b for rows in form.blocks.values() for row in rows for b in row)
    negative = {b.weight for b in blocks if b.sign < 0}
    return frozenset(k for k in form.reference.gates if k and f"U_{k}" in negative)
