"""The same reading of the same code, at a point of other sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

from bpttcheck.diagnosis.layouts import Layout, matrices, sequences, states, vectors
from bpttcheck.diagnosis.network import Arrays, Reading, Slot
from bpttcheck.diagnosis.structures import constants, of_last_step, step_weights


def rebound(reading: Reading, params: Arrays, data: Arrays) -> Reading | None:
    """Return the reading for the arrays of another point of the same code, of other sizes."""
    try:
        sizes: dict[str, int] = {}
        slots = [(role, _same(role, slot, params, data, sizes)) for role, slot in reading.slots]
    except (KeyError, StopIteration):
        return None
    return replace(reading, slots=tuple(slots))


def _same(role: str, slot: Slot, params: Arrays, data: Arrays, sizes: dict[str, int]) -> Slot:
    array = (params if slot.of == "params" else data)[slot.name]
    options: Iterable[Layout]
    if role[1:2] == "_":  # a gate's view finds its part whatever the sizes are
        found = slot.layout.read(array)
        if role[0] == "W":
            sizes["n"] = len(found)
            sizes.setdefault("p", sizes["n"])
        elif role[0] == "U":
            sizes["m"] = found.shape[1]
        return slot
    match role:
        case _ if "[" in slot.layout.name:  # finds its part whatever the sizes are
            options = (slot.layout,)
        case "E":
            options = matrices(array, None, sizes["m"])
        case "W":
            options = matrices(array, None, None)
        case "U":
            options = matrices(array, sizes["n"], None)
        case "V":
            options = matrices(array, None, sizes["n"])
        case "b" | "c":
            options = vectors(array, sizes["n" if role == "b" else "p"])
        case "h0" | "c0":
            options = states(array, sizes["B"], sizes["n"])
        case "x":
            options = sequences(array, sizes.get("k", sizes["m"]))
        case "yh" | "yc":
            options = itertools.chain(
                sequences(array, sizes["n"]), of_last_step(array, sizes["B"], sizes["n"])
            )
        case "mask":
            options = step_weights(array, sizes["T"], sizes["B"])
        case _:
            options = itertools.chain(
                (o for o in sequences(array, sizes["p"])
                 if o.read(array).shape in ((sizes["T"], sizes["B"], sizes["p"]),
                                            (sizes["T"], 1, sizes["p"]),
                                            (1, sizes["B"], sizes["p"]))),
                of_last_step(array, sizes["B"], sizes["p"]),
                constants(array),
            )  # fmt: skip
    layout = next(o for o in options if o.name == slot.layout.name)
    shape = layout.read(array).shape
    if role == "W":
        sizes["n"] = sizes["p"] = len(layout.read(array))
        sizes.setdefault("m", sizes["n"])
    elif role == "U":
        sizes["m"] = shape[1]
    elif role in ("V", "E"):
        sizes["p" if role == "V" else "k"] = shape[0]
    elif role == "x":
        sizes["T"], sizes["B"] = shape[:2]
    return replace(slot, layout=layout)
