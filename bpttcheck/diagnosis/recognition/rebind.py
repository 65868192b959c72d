"""The same reading of the same code, at a point of other sizes."""

from __future__ import annotations

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
