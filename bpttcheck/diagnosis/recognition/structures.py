"""Which role each array may play, by its shape: W, U, V, b, c, h0, inputs and targets."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.recognition.layouts import ArrayLayout, matrices, sequences, shaped, states
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import ArraySlot, Slots

HINTS = {
    "W": r"hh|rec|^w$|w_?h$|^wa?a$|hidden|transition|kernel",
    "U": r"xh|ih|^u$|in|w_?x$|ax$",
    "V": r"hy|ho|^v$|out|w_?y$|ya$|proj|read|dec",
    "b": r"bh|hh|ih|^b$|b_?h|ba|bias",
    "c": r"by|bo|^c$|b_?y|b_?o|out",
    "h0": r"h0|h_0|init|prev|start",
    "x": r"x|in|seq",
    "y": r"y|tar|lab|t$|out",
    "c0": r"c0|c_0|init|prev|start",
    "E": r"emb|^e$|lookup|table",
}
"""What people call them: it decides what is tried first, and nothing else."""

STARTS = 6
"""So many arrays of data are tried as an initial state."""


def unlikely(structure: Slots) -> int:
    """Return how few names are those that people give to the roles, or the roles' own."""
    return -sum(
        role.lower() == slot.name.lower()
        or bool(re.search(HINTS.get(role, "^$"), slot.name, re.IGNORECASE))
        for role, slot in structure
    )


def hinted(role: str, name: str) -> bool:
    """Tell whether a name is one that people give to a role."""
    return bool(re.search(HINTS[role], re.split(r"[. ]", name)[-1], re.IGNORECASE))


PACKED = ("[W U]", "[U W]", "[1 U W]", "[1 W U]", "[U W 1]", "[W U 1]")
"""How W, U and a column for the bias are put side by side in one matrix."""


def packed(whole: ArrayLayout, order: str) -> dict[str, ArrayLayout]:
    """Return the layouts of W, U and b, if it is there, side by side in one matrix."""
    names = order[1:-1].split()

    def part(role: str) -> ArrayLayout:
        def read(a: Array) -> Array:
            matrix = whole.read(a)
            n = len(matrix)
            sizes = {"W": n, "1": 1, "U": matrix.shape[1] - n - ("1" in names)}
            start = sum(sizes[name] for name in names[: names.index(role)])
            found = matrix[:, start : start + sizes[role]]
            return found[:, 0] if role == "1" else found

        return ArrayLayout(f"{whole.name} {order}".strip(), read)

    return {"b" if role == "1" else role: part(role) for role in sorted(names, reverse=True)}


def readouts(params: Arrays, used: set[str], n: int) -> Iterator[tuple[Slots, int]]:
    """Yield who plays V, or that it is the identity, and the size of the outputs."""
    for name, array in params.items():
        if name not in used:
            for V in matrices(array, None, n):
                yield (("V", ArraySlot("params", name, V)),), V.read(array).shape[0]
    yield (), n


def inputs(
    params: Arrays, data: Arrays, taken: set[str], m: int
) -> Iterator[tuple[Slots, tuple[int, ...]]]:
    """Yield who plays x, or which embedding E is read at which tokens x, with the shape."""
    for of, arrays in (("params", params), ("data", data)):
        for name, array in arrays.items():
            if array.ndim == 0 or (of == "params" and name in taken):
                continue
            for layout in sequences(array, m):
                yield (("x", ArraySlot(of, name, layout)),), layout.read(array).shape
    tokens = {k: a for k, a in data.items() if a.dtype.kind in "iu" and a.ndim and a.min() >= 0}
    for name, array in params.items():
        for E in matrices(array, None, m) if name not in taken and tokens else ():
            for other, text in tokens.items():
                for layout in sequences(text, len(E.read(array))):
                    roles = (
                        ("E", ArraySlot("params", name, E)),
                        ("x", ArraySlot("data", other, layout)),
                    )
                    yield roles, layout.read(text).shape


def tied(params: Arrays, weights: Slots, n: int) -> Iterator[tuple[Slots, int]]:
    """Yield the readouts that are the weights of the input, or an embedding, once more."""
    for role, slot in weights:
        if role in ("U", "E") and "[" not in slot.layout.name:
            array = params[slot.name]
            for V in matrices(array, None, n):
                turned = slot.layout.read(array).T if role == "U" else slot.layout.read(array)
                if np.array_equal(V.read(array), turned):
                    yield (("V", ArraySlot("params", slot.name, V)),), len(V.read(array))


def starts(role: str, data: Arrays, B: int, n: int) -> list[ArraySlot]:
    """Return what may be the initial state: a few, the likeliest by name."""
    fitting = {k: a for k, a in data.items() if n in (1, *a.shape) and a.any()}
    found = [ArraySlot("data", k, layout) for k, a in fitting.items() for layout in states(a, B, n)]
    return sorted(found, key=lambda slot: not hinted(role, slot.name))[:STARTS]


def targets(data: Arrays, shape: tuple[int, ...]) -> Iterator[tuple[ArraySlot, bool]]:
    """Yield the arrays that may be targets (T, B, p) of all steps, or (True) of the last one."""
    T, B, p = shape
    for name, array in data.items():
        for layout in constants(array):
            yield ArraySlot("data", name, layout), False
            if T > 1:
                yield ArraySlot("data", name, layout), True
    for name, array in data.items():
        for layout in shaped(array, (T, B, p), (T, 1, p)):
            yield ArraySlot("data", name, layout), False
        for layout in of_last_step(array, B, p):
            yield ArraySlot("data", name, layout), True
            if T > 1:  # the same target at every step
                yield ArraySlot("data", name, layout), False


def masks(data: Arrays, shape: tuple[int, ...]) -> Iterator[ArraySlot]:
    """Yield the arrays of zeros and ones that may say which steps count of (T, B, p)."""
    for name, array in data.items():
        if array.any() and not array.all() and ((array == 0) | (array == 1)).all():
            for layout in shaped(array.astype(np.float64), (*shape[:2], 1)):
                yield ArraySlot("data", name, layout.then(lambda a: a.astype(np.float64)))


def constants(array: Array) -> Iterator[ArrayLayout]:
    """Yield the way to read one number as the targets of all steps."""
    if array.ndim == 0 and array.dtype.kind == "f":
        yield ArrayLayout("everywhere", lambda a: a.reshape(1, 1, 1))


def of_last_step(array: Array, B: int, p: int) -> Iterator[ArrayLayout]:
    """Yield the ways to read (1, B, p) from an array: targets of one step."""
    if array.dtype.kind in "iu":
        yield from shaped(array, (1, B, p))
        return
    for layout in states(array, B, p):
        if layout.read(array).shape == (B, p):
            yield layout.then(lambda a: a[None])
