"""Which role each array may play, by its shape: W, U, V, b, c, h0, inputs and targets."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.layouts import Layout, matrices, sequences, states, vectors
from bpttcheck.diagnosis.network import Arrays, Slot

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

Slots = tuple[tuple[str, Slot], ...]

STARTS = 6
"""So many arrays of data are tried as an initial state."""


def unlikely(structure: Slots) -> int:
    """Return how few names are those that people give to the roles."""
    return -sum(
        bool(re.search(HINTS[role[0] if role[1:2] == "_" else role], slot.name, re.IGNORECASE))
        for role, slot in structure
    )


def hinted(role: str, name: str) -> bool:
    """Tell whether a name is one that people give to a role."""
    return bool(re.search(HINTS[role], re.split(r"[. ]", name)[-1], re.IGNORECASE))


def structures(params: Arrays, data: Arrays) -> Iterator[Slots]:
    """Yield the roles of every parameter, and of the data that the forward pass reads.

    Those come first whose initial state is no data.
    """
    for start in (False, True):
        yield from _structures(params, data, start)


def _structures(params: Arrays, data: Arrays, start: bool) -> Iterator[Slots]:
    for weights, n, m in _recurrent(params):
        used = {slot.name for _, slot in weights}
        for readout, p in _readouts(params, used, n):
            taken = used | {slot.name for _, slot in readout}
            for x, shape in inputs(params, data, taken, m):
                own = taken | {slot.name for _, slot in x if slot.of == "params"}
                left = [name for name in params if name not in own]
                again = () if readout else tied(params, (*weights, *x), n)
                for out, size in ((readout, p), *again):
                    for rest in _rest(params, left, shape[1], n, size):
                        roles = (*weights, *out, *x, *rest)
                        if start:
                            yield from _with_initial_state(roles, data, shape[1], n)
                        else:
                            yield roles


def _recurrent(params: Arrays) -> Iterator[tuple[Slots, int, int]]:
    """Yield W and U, apart or side by side in one matrix, with n and m."""
    for name, array in params.items():
        for W in matrices(array, None, None):
            n, columns = W.read(array).shape
            if n == columns:
                w = ("W", Slot("params", name, W))
                for other, theta in params.items():
                    if other != name:
                        for U in matrices(theta, n, None):
                            m = U.read(theta).shape[1]
                            yield (w, ("U", Slot("params", other, U))), n, m
                yield (w,), n, n
            else:
                for order in PACKED:
                    m = columns - n - ("1" in order)
                    if m > 0:
                        parts = packed(W, order)
                        yield tuple((k, Slot("params", name, p)) for k, p in parts.items()), n, m


PACKED = ("[W U]", "[U W]", "[1 U W]", "[1 W U]", "[U W 1]", "[W U 1]")
"""How W, U and a column for the bias are put side by side in one matrix."""


def packed(whole: Layout, order: str) -> dict[str, Layout]:
    """Return the layouts of W, U and b, if it is there, side by side in one matrix."""
    names = order[1:-1].split()

    def part(role: str) -> Layout:
        def read(a: Array) -> Array:
            matrix = whole.read(a)
            n = len(matrix)
            sizes = {"W": n, "1": 1, "U": matrix.shape[1] - n - ("1" in names)}
            start = sum(sizes[name] for name in names[: names.index(role)])
            found = matrix[:, start : start + sizes[role]]
            return found[:, 0] if role == "1" else found

        return Layout(f"{whole.name} {order}".strip(), read)

    return {"b" if role == "1" else role: part(role) for role in sorted(names, reverse=True)}


def _readouts(params: Arrays, used: set[str], n: int) -> Iterator[tuple[Slots, int]]:
    for name, array in params.items():
        if name not in used:
            for V in matrices(array, None, n):
                yield (("V", Slot("params", name, V)),), V.read(array).shape[0]
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
                yield (("x", Slot(of, name, layout)),), layout.read(array).shape
    tokens = {k: a for k, a in data.items() if a.dtype.kind in "iu" and a.ndim and a.min() >= 0}
    for name, array in params.items():
        for E in matrices(array, None, m) if name not in taken and tokens else ():
            for other, text in tokens.items():
                for layout in sequences(text, len(E.read(array))):
                    roles = ("E", Slot("params", name, E)), ("x", Slot("data", other, layout))
                    yield roles, layout.read(text).shape


def tied(params: Arrays, weights: Slots, n: int) -> Iterator[tuple[Slots, int]]:
    """Yield the readouts that are the weights of the input, or an embedding, once more."""
    for role, slot in weights:
        if role in ("U", "E") and "[" not in slot.layout.name:
            array = params[slot.name]
            for V in matrices(array, None, n):
                turned = slot.layout.read(array).T if role == "U" else slot.layout.read(array)
                if np.array_equal(V.read(array), turned):
                    yield (("V", Slot("params", slot.name, V)),), len(V.read(array))


def _rest(params: Arrays, left: Sequence[str], B: int, n: int, p: int) -> Iterator[Slots]:
    """Yield roles b, c and h0 for all parameters that are left; b may be played twice."""
    if len(left) > 4:
        return
    choices = []
    for name in left:
        theta = params[name]
        found = [(role, Slot("params", name, layout)) for role, size in (("b", n), ("c", p))
                 for layout in vectors(theta, size)]  # fmt: skip
        found += [("h0", Slot("params", name, layout)) for layout in states(theta, B, n)]
        choices.append(found)
    for roles in itertools.product(*choices):
        played = [role for role, _ in roles]
        if played.count("c") <= 1 and played.count("h0") <= 1 and played.count("b") <= 2:
            yield roles


def _with_initial_state(roles: Slots, data: Arrays, B: int, n: int) -> Iterator[Slots]:
    if any(role == "h0" for role, _ in roles):
        return
    for slot in starts("h0", data, B, n):
        yield (*roles, ("h0", slot))


def starts(role: str, data: Arrays, B: int, n: int) -> list[Slot]:
    """Return what may be the initial state: a few, the likeliest by name."""
    fitting = {k: a for k, a in data.items() if n in (1, *a.shape) and a.any()}
    found = [Slot("data", k, layout) for k, a in fitting.items() for layout in states(a, B, n)]
    return sorted(found, key=lambda slot: not hinted(role, slot.name))[:STARTS]


def targets(data: Arrays, o: Array) -> Iterator[tuple[Slot, bool]]:
    """Yield the arrays that may be targets of all steps, or (True) of the last one."""
    T, B, p = o.shape
    for name, array in data.items():
        for layout in constants(array):
            yield Slot("data", name, layout), False
            if T > 1:
                yield Slot("data", name, layout), True
    for name, array in data.items():
        for layout in sequences(array, p):
            if layout.read(array).shape in ((T, B, p), (T, 1, p)):
                yield Slot("data", name, layout), False
        for layout in of_last_step(array, B, p):
            yield Slot("data", name, layout), True
            if T > 1:  # the same target at every step
                yield Slot("data", name, layout), False


def flags(data: Arrays) -> dict[str, Array]:
    """Return the arrays of zeros and ones, of both."""
    return {
        name: array for name, array in data.items()
        if array.any() and not array.all() and ((array == 0) | (array == 1)).all()
    }  # fmt: skip


def masks(zeros_and_ones: Arrays, o: Array) -> Iterator[Slot]:
    """Yield what may say which steps count."""
    for name, array in zeros_and_ones.items():
        for layout in step_weights(array, *o.shape[:2]):
            yield Slot("data", name, layout)


def step_weights(array: Array, T: int, B: int) -> Iterator[Layout]:
    """Yield the ways to read (T, B, 1), a number a step and sequence, from an array."""
    floats = array.astype(np.float64)
    if floats.ndim == 3 and 1 not in floats.shape:
        return
    for layout in sequences(floats, 1):
        if layout.read(floats).shape == (T, B, 1):
            yield Layout(layout.name, _as_floats(layout))


def _as_floats(layout: Layout) -> Callable[[Array], Array]:
    return lambda a: layout.read(a.astype(np.float64))


def constants(array: Array) -> Iterator[Layout]:
    """Yield the way to read one number as the targets of all steps."""
    if array.ndim == 0 and array.dtype.kind == "f":
        yield Layout("everywhere", lambda a: a.reshape(1, 1, 1))


def of_last_step(array: Array, B: int, p: int) -> Iterator[Layout]:
    """Yield the ways to read (1, B, p) from an array: targets of one step."""
    if array.dtype.kind in "iu":
        for layout in sequences(array, p):
            if layout.read(array).shape == (1, B, p):
                yield layout
        return
    for layout in states(array, B, p):
        if layout.read(array).shape == (B, p):
            yield Layout(layout.name, _one_step(layout))


def _one_step(layout: Layout) -> Callable[[Array], Array]:
    return lambda a: layout.read(a)[None]
