"""How somebody's arrays are made of the reference's: gates fused, transposed, in another order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.network import Network
from bpttcheck.bptt.networks import NETWORKS, gru
from bpttcheck.cells.cell import Cell
from bpttcheck.shapes import one_of

KINDS: dict[str, Cell] = {
    **{name: network.cell for name, network in NETWORKS.items()},
    "gru, reset after": gru.kind(reset="after"),
}
"""The reference cells that have a name."""

Sizes: TypeAlias = Mapping[str, int]

_CELL = re.compile(r"(-?)\s*(\w+?)(\.T|\.row|\.column)?")
_SEQUENCE = re.compile(r"(\w+)\[([\w,\s]*)\]")


@dataclass(frozen=True)
class Layout:
    """Which array holds what.

    ``arrays`` says of each array, by name, which weights of the reference it is made of: blocks
    side by side with ``,``, rows of blocks with ``;``. A block is the name of a weight, with ``-``
    for its negative, ``.T`` for its transpose, and ``.row`` (1, n) or ``.column`` (n, 1) for a
    bias with two axes: ``"U_i; U_f; U_g; U_o"``, ``"W_f.T; U_f.T"``. A weight that occurs twice is
    the sum, as of two biases. Input and states are named with their axes: ``"x[B,T,m]"``,
    ``"h0[1,B,n]"``, ``"c0[B,n]"``.

    ``outputs`` is ``h`` with its axes, all states, or ``h_T``, the last: ``"h[B,T,n]"``. ``phi`` is
    the activation of a vanilla RNN. ``cell`` is the name of a reference cell, or a
    :class:`~bpttcheck.bptt.network.Network` of your own; a state that is projected has r entries,
    ``"h[T,B,r]"``, ``"h0[B,r]"``.
    """

    cell: str | Network
    arrays: Mapping[str, str]
    outputs: str = "h[T,B,n]"
    phi: str = "tanh"
    blocks: Mapping[str, tuple[tuple[WeightBlock, ...], ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.cell, Network):
            one_of("cell", self.cell, KINDS)
        self.given_out()
        parsed = {
            name: _blocks(text, f"arrays[{name!r}]", self.weights)
            for name, text in self.arrays.items()
            if "[" not in text
        }
        self.sequences()
        used = {b.weight for rows in parsed.values() for row in rows for b in row}
        needed = [w for w, axes in self.weights.items() if len(axes) > 1 and w not in used]
        if needed:
            raise ValueError(f"arrays: expected all weights, got none that holds {needed[0]}")
        object.__setattr__(self, "blocks", parsed)

    @property
    def reference(self) -> Cell:
        """The reference cell."""
        return self.cell.cell if isinstance(self.cell, Network) else KINDS[self.cell]

    @property
    def weights(self) -> dict[str, tuple[str, ...]]:
        """The weights of the reference cell but its output layer's, and their axes."""
        return {k: axes for k, axes in self.reference.axes.items() if "p" not in axes}

    @property
    def axes(self) -> dict[str, str]:
        """The axes of the inputs and of each initial state."""
        cell = self.reference
        return {"x": "TBm"} | {f"{k}0": f"B{cell.width(k)}" for k in cell.states}

    def given_out(self) -> tuple[str, tuple[str, ...]]:
        """Return which states are the outputs, h or h_T, and in which axes.

        Raises:
            ValueError: something else, or other axes.
        """
        last = self.axes["h0"]
        return sequence(self.outputs, {"h": f"T{last}", "h_T": last}, "outputs")

    def but(self, *, outputs: str | None = None, phi: str | None = None, **arrays: str) -> Layout:
        """Return the layout with other outputs, or other arrays: ``but(input="x[B,T,m]")``."""
        return replace(
            self,
            outputs=outputs or self.outputs,
            phi=phi or self.phi,
            arrays={**self.arrays, **arrays},
        )

    def sequences(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Return, for each input or state, the array's name and axes.

        Raises:
            ValueError: another input or state than the cell's, or other axes.
        """
        found = {}
        for name, text in self.arrays.items():
            if "[" in text:
                what, axes = sequence(text, self.axes, f"arrays[{name!r}]")
                found[what] = (name, axes)
        return found


@dataclass(frozen=True)
class WeightBlock:
    """One weight of the reference within an array."""

    weight: str
    sign: int
    form: str

    def shape(self, axes: tuple[str, ...], sizes: Sizes) -> tuple[int, ...]:
        """Return its shape within the array."""
        own = tuple(sizes[s] for s in axes)
        return {"": own, ".T": own[::-1], ".row": (1, *own), ".column": (*own, 1)}[self.form]

    def placed(self, weight: Array) -> Array:
        """Return the weight as the array has it."""
        forms = {".T": weight.T, ".row": weight[None], ".column": weight[..., None]}
        turned = forms[self.form] if self.form else weight
        return -turned if self.sign < 0 else turned

    def taken(self, part: Array) -> Array:
        """Return the weight that a part of the array is."""
        turned = (
            {"": part, ".T": part.T}[self.form] if self.form in ("", ".T") else part.reshape(-1)
        )
        return -turned if self.sign < 0 else turned


Rows: TypeAlias = tuple[tuple[WeightBlock, ...], ...]


def sequence(text: str, known: Mapping[str, str], what: str) -> tuple[str, tuple[str, ...]]:
    """Return the name and the axes of ``"x[B,T,m]"``; ``known`` has the axes of each name.

    Raises:
        ValueError: another name, or axes that are no permutation of its own.
    """
    match = _SEQUENCE.fullmatch(text.strip())
    if match is not None and match[1] in known:
        axes = tuple(a.strip() for a in match[2].split(","))
        if sorted(a for a in axes if a != "1") == sorted(known[match[1]]):
            return match[1], axes
    shown = ", ".join(f"{k}[{','.join(known[k])}]" for k in known)
    raise ValueError(
        f"{what}: expected {shown}, in any order of axes and with axes 1, got {text!r}"
    )


def _blocks(text: str, what: str, weights: Mapping[str, tuple[str, ...]]) -> Rows:
    rows = []
    for line in text.split(";"):
        row = []
        for cell in line.split(","):
            match = _CELL.fullmatch(cell.strip())
            if match is None or match[2] not in weights:
                raise ValueError(
                    f"{what}: expected blocks of {', '.join(weights)}, got {cell.strip()!r}"
                )
            form = match[3] or ""
            if (len(weights[match[2]]) == 1) != (form in (".row", ".column")) and form:
                expected = ".T of a matrix, .row or .column of a bias"
                raise ValueError(f"{what}: expected {expected}, got {cell.strip()!r}")
            row.append(WeightBlock(match[2], -1 if match[1] else 1, form))
        rows.append(tuple(row))
    return tuple(rows)


def assembled(rows: Rows, weights: Mapping[str, Array]) -> Array:
    """Return somebody's array, made of the reference's."""
    lines = [[b.placed(weights[b.weight]) for b in row] for row in rows]
    joined = [np.concatenate(line, axis=-1) for line in lines]
    return np.concatenate(joined, axis=0)


def shape_of(
    rows: Rows, axes: Mapping[str, tuple[str, ...]], sizes: Sizes
) -> tuple[tuple[int, ...], list[list[tuple[int, ...]]]]:
    """Return the shape of somebody's array, and those of its blocks."""
    shapes = [[b.shape(axes[b.weight], sizes) for b in row] for row in rows]
    if len(shapes[0][0]) == 1:
        return (sum(s[0] for line in shapes for s in line),), shapes
    return (sum(line[0][0] for line in shapes), sum(s[1] for s in shapes[0])), shapes


def parts(
    rows: Rows, array: Array, axes: Mapping[str, tuple[str, ...]], sizes: Sizes, what: str
) -> list[tuple[str, Array]]:
    """Return the weights that somebody's array is made of, each with its name.

    Raises:
        ValueError: the array has another shape than its blocks together.
    """
    expected, shapes = shape_of(rows, axes, sizes)
    if array.shape != expected:
        size = ", ".join(f"{symbol} = {value}" for symbol, value in sizes.items())
        raise ValueError(f"{what}: expected shape {expected} at {size}, got {array.shape}")
    found, top = [], 0
    for row, line in zip(rows, shapes, strict=True):
        left = 0
        for block, shape in zip(row, line, strict=True):
            if array.ndim == 1:
                part = array[top : top + shape[0]]
                top += shape[0]
            else:
                part = array[top : top + shape[0], left : left + shape[1]]
                left += shape[1]
            found.append((block.weight, block.taken(part)))
        top += 0 if array.ndim == 1 else line[0][0]
    return found


def arranged(array: Array, own: str, axes: tuple[str, ...]) -> Array:
    """Return an array with axes ``own``, such as ``"TBm"``, in another order of axes."""
    order = [own.index(a) for a in axes if a != "1"]
    turned = array.transpose(order)
    return turned.reshape([1 if a == "1" else array.shape[own.index(a)] for a in axes])


def restored(array: Array, own: str, axes: tuple[str, ...], what: str) -> Array:
    """Return an array with its axes in the reference's order.

    Raises:
        ValueError: another number of axes, or an axis that should have length one.
    """
    fits = array.ndim == len(axes) and all(
        size == 1 for axis, size in zip(axes, array.shape, strict=True) if axis == "1"
    )
    if not fits:
        raise ValueError(f"{what}: expected shape ({', '.join(axes)}), got {array.shape}")
    kept = [a for a in axes if a != "1"]
    squeezed = array.reshape([s for a, s in zip(axes, array.shape, strict=True) if a != "1"])
    return squeezed.transpose([kept.index(a) for a in own])
