"""Readings made of one: at a point of other sizes, or with a gate made of another's weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpttcheck.cells.cell import of
from bpttcheck.diagnosis.recognition.layouts import INDEX, sequences
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import ArraySlot, Reading


def rebound(reading: Reading, params: Arrays, data: Arrays) -> Reading | None:
    """Return the reading for the arrays of another point of the same code, of other sizes.

    A layout reads arrays of any size, but for rows of one-hot vectors, as long as there are
    classes.
    """

    def size(role: str, axis: int, other: int) -> int:
        played = reading.of(role)
        return played[0].read(params, data).shape[axis] if played else other

    def same(role: str, slot: ArraySlot) -> ArraySlot:
        if not slot.layout.name.startswith(INDEX):
            return slot
        first = next(iter(reading.cell.gates))
        n = size(of("W", first), -1, 0)
        classes = size("E", 0, size(of("U", first), 1, n)) if role == "x" else size("V", 0, n)
        array = (params if slot.of == "params" else data)[slot.name]
        layouts = {layout.name: layout for layout in sequences(array, classes)}
        return replace(slot, layout=layouts[slot.layout.name])

    try:
        slots = tuple((role, same(role, slot)) for role, slot in reading.slots)
    except (KeyError, IndexError, ValueError):
        return None
    return replace(reading, slots=slots)


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
