"""A forward pass that makes one gate with another's weights: read so, its own being idle."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpttcheck.diagnosis.recognition.roles import ArraySlot, Reading

TAKEN = ("WUb", "WU", "b", "W", "U")
"""Which letters of another gate may stand in a gate."""


def borrowed(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield each reading with one gate made of another's weights, its own being idle."""
    for reading in readings:
        names = [slot.name for role, slot in reading.slots if role[:2] == "W_"]
        if len(set(names)) < len(names):
            continue
        for taken in TAKEN:
            for gate, other in itertools.permutations(reading.cell.gates, 2):
                yield from _borrowed(reading, taken, gate, other)


def _borrowed(reading: Reading, taken: str, gate: str, other: str) -> Iterator[Reading]:
    of_other = dict(reading.slots)
    slots: list[tuple[str, ArraySlot]] = []
    idle: list[tuple[str, ArraySlot]] = []
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
