"""How arrays of the same meaning are laid out: transposed, batch first, columns, class indices.

Each layout reads an array into the axes of our equations, time-major with a batch, and names the
sizes that it found; None where it does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array

Read = Callable[[Array], Array]


@dataclass(frozen=True)
class ArrayLayout:
    """A name, and how an array in this layout is read into the axes of our equations."""

    name: str
    read: Read

    def then(self, change: Read) -> ArrayLayout:
        """Return the layout whose array is changed once it is read."""
        return ArrayLayout(self.name, lambda a: change(self.read(a)))


def _one_hot(classes: int) -> Read:
    return lambda indices: np.eye(classes)[indices]


INDEX = "indices"
"""The names of layouts of classes begin so."""

Options = dict[int, tuple[tuple[str, Read], ...]]

SEQUENCES: Options = {
    3: (
        ("T, B, k", lambda a: a),
        ("B, T, k", lambda a: a.transpose(1, 0, 2)),
        ("T, k, B", lambda a: a.transpose(0, 2, 1)),
        ("k, T, B", lambda a: a.transpose(1, 2, 0)),
        ("k, B, T", lambda a: a.transpose(2, 1, 0)),
        ("B, k, T", lambda a: a.transpose(2, 0, 1)),
    ),
    2: (
        ("T, k", lambda a: a[:, None, :]),
        ("k, T", lambda a: a.T[:, None, :]),
        ("T, B", lambda a: a[:, :, None]),
        ("B, T", lambda a: a.T[:, :, None]),
    ),
    1: (("T", lambda a: a[:, None, None]), ("k", lambda a: a[None, None, :])),
}
INDICES: Options = {
    0: (("number", lambda a: a.reshape(1, 1)),),
    1: (("T", lambda a: a[:, None]), ("B", lambda a: a[None, :])),
    2: (("T, B", lambda a: a), ("B, T", lambda a: a.T)),
    3: (("T, B, 1", lambda a: a[..., 0]), ("B, T, 1", lambda a: a[..., 0].T)),
}
STATES: Options = {
    2: (("B, n", lambda a: a), ("n, B", lambda a: a.T)),
    1: (("n", lambda a: a[None, :]), ("B", lambda a: a[:, None])),
    0: (("number", lambda a: a.reshape(1, 1)),),
    3: (("1, B, n", lambda a: a[0]), ("B, 1, n", lambda a: a[:, 0])),
}


def _matrix(a: Array) -> Array:
    return a.reshape(1, 1) if a.size == 1 else a


MATRICES = (("", _matrix), ("transposed", lambda a: _matrix(a).T))


def sequences(array: Array, size: int | None) -> Iterator[ArrayLayout]:
    """Yield the ways to read (T, B, size) from an array; of indices, one-hot rows."""
    if array.dtype.kind not in "iu":
        for name, read in SEQUENCES.get(array.ndim, ()):
            if size is None or read(array).shape[-1] == size:
                yield ArrayLayout(f"({name})", read)
    elif size is not None and array.min() >= 0 and array.max() < size:
        for name, read in INDICES.get(array.ndim, ()):
            if array.ndim < 3 or array.shape[-1] == 1:
                yield ArrayLayout(f"{INDEX} ({name})", read).then(_one_hot(size))


def shaped(array: Array, *shapes: tuple[int, ...]) -> Iterator[ArrayLayout]:
    """Yield the ways to read (T, B, size) from an array that give one of some shapes."""
    for layout in sequences(array, shapes[0][-1]):
        if layout.read(array).shape in shapes:
            yield layout


def states(array: Array, B: int, size: int) -> Iterator[ArrayLayout]:
    """Yield the ways to read (B, size), or (1, size) for all sequences, from an array."""
    if array.dtype.kind == "f" and (array.ndim < 3 or 1 in array.shape[:2]):
        for name, read in STATES.get(array.ndim, ()):
            if read(array).shape in ((B, size), (1, size)):
                yield ArrayLayout(f"({name})", read)


def matrices(array: Array, rows: int | None, columns: int | None) -> Iterator[ArrayLayout]:
    """Yield the ways to read (rows, columns) from a weight: as it is, or transposed."""
    if array.dtype.kind == "f" and (array.ndim == 2 or array.size == 1):
        for name, read in MATRICES[:1] if array.size == 1 else MATRICES:
            n, m = read(array).shape
            if rows in (None, n) and columns in (None, m):
                yield ArrayLayout(name, read)


def vectors(array: Array, size: int) -> Iterator[ArrayLayout]:
    """Yield the way to read (size,) from a bias: (size,), (size, 1) or (1, size)."""
    if array.dtype.kind == "f" and array.size == size and max(array.shape, default=1) == size:
        yield ArrayLayout("", lambda a: a.reshape(-1))
