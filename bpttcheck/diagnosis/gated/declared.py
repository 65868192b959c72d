"""The backward pass of a declared cell with switches: its factors come from its step forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow, Hook, Parts
from bpttcheck.diagnosis.gated.probe import Edge, Shape, Values, factors, shape_of, values_of


class DeclaredBase(GatedBase):
    """A point's network of a declared cell, with what the passes share."""

    @cached_property
    def declared(self) -> Cell:
        """The declaration."""
        assert self.cell.declared is not None
        return self.cell.declared

    @cached_property
    def shape(self) -> Shape:
        """What is connected."""
        return shape_of(self.cell.name)

    @cached_property
    def values(self) -> dict[str, Array]:
        """The values that the factors are made of."""
        return values_of(self.declared, self.run)

    def edges(self, values: Values) -> dict[Edge, Array]:
        """Return every factor, at given values."""
        found = factors(self.declared, values)
        return {edge: found[key] for edge, key in self.shape.places.items()}

    def _parts(self) -> Parts:
        slopes = {k: self.declared.gates[k].squash.derivative(a) for k, a in self.run.a.items()}
        none = np.zeros(0)
        empty = Parts(slopes, {}, none, self.W, none, none)
        return with_edges(empty, self.edges(self.values))

    def own(self, flow: GatedFlow, gate: str) -> Array:
        """Return what drives a gate from the step's own output alone."""
        dc = flow.inject * flow.parts.squash if self.lstm else flow.inject
        found = self._drives(flow.parts, flow.inject, dc, slice(None), None)
        return next(drive for k, drive, _ in found if k == gate)

    def _drives(
        self, parts: Parts, dh: Array, dc: Array, at: int | slice, hook: Hook | None
    ) -> Iterator[tuple[str, Array, Array]]:
        """Yield each gate, what drives it and ∂L/∂a of it; the gate that was made last first."""
        da: dict[str, Array] = {}
        for gate in reversed(self.shape.order):
            heard = parts.drivers.get(gate, self.shape.enters[gate])
            drive = (dh if heard == "h" else dc) * parts.partners[gate][at]
            for reader in self.shape.readers(gate):
                through = parts.reach if reader == "g" else None
                W = parts.W[reader] if through is None else through
                drive = drive + (da[reader] @ W) * parts.uses[reader, gate][at]
            da[gate] = drive * parts.slopes[gate][at]
            if hook is not None:
                da[gate] = hook(da[gate])
            yield gate, drive, da[gate]

    def _through_gates(self, flow: GatedFlow, t: int, hook: Hook | None) -> None:
        for gate, drive, da in self._drives(flow.parts, flow.dh[t], flow.dc[t], t - 1, hook):
            flow.drive[gate][t - 1], flow.da[gate][t - 1] = drive, da

    def _driven(self, flow: GatedFlow, gate: str, partner: Array) -> Array:
        parts = flow.parts
        changed = replace(parts, partners={**parts.partners, gate: partner})
        found = self._drives(changed, flow.dh[1:], flow.dc[1:], slice(None), None)
        return next(drive for k, drive, _ in found if k == gate)


def with_edges(parts: Parts, edges: dict[Edge, Array]) -> Parts:
    """Return parts with some factors replaced."""
    partners, reads, uses = dict(parts.partners), dict(parts.reads), dict(parts.uses)
    keep, squash = parts.keep, parts.squash
    for edge, factor in edges.items():
        match edge:
            case ("partner", gate):
                partners[gate] = factor
            case ("read", reader):
                reads[reader] = factor
            case ("use", reader, gate):
                uses[reader, gate] = factor
            case ("keep",):
                keep = factor
            case _:
                squash = factor
    return replace(parts, partners=partners, reads=reads, uses=uses, keep=keep, squash=squash)
