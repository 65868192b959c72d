"""A forward pass that makes one gate with another's weights, and a backward pass that does not."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow
from bpttcheck.diagnosis.gated.network import GatedReading
from bpttcheck.diagnosis.network import Slot
from bpttcheck.diagnosis.passes import Pass

TAKEN = ("WUb", "WU", "b", "W", "U")
"""Which letters of another gate may stand in a gate."""


def borrowed(readings: Iterable[GatedReading]) -> Iterator[GatedReading]:
    """Yield each reading with one gate made of another's weights, its own being idle."""
    for reading in readings:
        names = [slot.name for role, slot in reading.slots if role[:2] == "W_"]
        if len(set(names)) < len(names):
            continue
        for taken in TAKEN:
            for gate, other in itertools.permutations(reading.cell.gates, 2):
                yield from _borrowed(reading, taken, gate, other)


def _borrowed(reading: GatedReading, taken: str, gate: str, other: str) -> Iterator[GatedReading]:
    of_other = dict(reading.slots)
    slots: list[tuple[str, Slot]] = []
    idle: list[tuple[str, Slot]] = []
    for role, slot in reading.slots:
        there = of_other.get(f"{role[:2]}{other}")
        if role[1:2] == "_" and role[0] in taken and role[2:] == gate and there is not None:
            idle.append((role, slot))
            slots.append((role, there))
        else:
            slots.append((role, slot))
    used = {slot.name for _, slot in slots}
    if idle and not any(slot.name in used for _, slot in idle):
        yield replace(reading, slots=tuple(slots), idle=tuple(idle))


def credits() -> Iterator[Pass]:
    """Yield the passes that credit each gate's own weights, though another's were used."""
    for own in (True, False):
        through = "" if own else ", what comes back goes through those that were used"
        yield Pass("gate-from-another", f"its own weights get the gradient{through}",
                   partial(_credited, own))  # fmt: skip


def _credited(own: bool, base: GatedBase) -> GatedFlow | None:
    idle = base.net.idle
    if not idle:
        return None
    W = base.parts.W | ({role[2:]: a for role, a in idle.items() if role[0] == "W"} if own else {})
    return CreditedFlow(**vars(base.propagate(parts=replace(base.parts, W=W))))


@dataclass(frozen=True)
class CreditedFlow(GatedFlow):
    """A pass that gives the gradient of a gate to the weights that are called the gate's."""

    def gradient(self, role: str) -> Array:
        """Return the gradient of one role."""
        if role.startswith("idle "):
            return super().gradient(role[5:])
        return super().gradient(role.partition("+")[0])
