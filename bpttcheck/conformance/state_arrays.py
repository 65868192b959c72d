"""Arrays of states, given or returned, in which several layers and directions may stand.

PyTorch's h0 has an axis for all layers and directions, ONNX's one for the two directions of a
layer; all states of the last layer have the entries of both directions side by side. Where nothing
tells the layers apart, each has an array of its own, whose name begins with that of the layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.array_axes import Sizes, arranged, restored
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.stacks import LayerDirection


@dataclass(frozen=True)
class StateArray:
    """An array of somebody's that holds states.

    Attributes:
        name: among somebody's arrays, or in the report.
        what: it is: ``h``, ``h_T``, ``h0``, ….
        parts: names of the layers and directions that stand in it, in order.
        own: the axes of each in the reference.
        axes: and in the array.
    """

    name: str
    what: str
    parts: tuple[str, ...]
    own: str
    axes: tuple[str, ...]

    @property
    def state(self) -> str:
        """The letter of the state."""
        return self.what[0]

    @property
    def along(self) -> int:
        """The axis along which parts stand: one of length 1 for one part, or its entries'."""
        return self.axes.index("1" if "1" in self.axes else self.own[-1])

    @property
    def text(self) -> str:
        """What it is, with its axes."""
        return f"{self.what}[{','.join(self.axes)}]"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        """Return its shape."""
        one = [1 if a == "1" else sizes[a] for a in self.axes]
        one[self.along] *= len(self.parts)
        return tuple(one)

    def joined(self, each: Iterable[Array]) -> Array:
        """Return the array of the states of the parts, each with the reference's axes."""
        return np.concatenate([arranged(a, self.own, self.axes) for a in each], self.along)

    def parted(self, array: Array) -> dict[str, Array]:
        """Return the state of each part, by its name, with the reference's axes.

        Raises:
            ValueError: another number of axes or of parts.
        """
        what, count = f"params[{self.name!r}]", len(self.parts)
        if count == 1:
            return {self.parts[0]: restored(array, self.own, self.axes, what)}
        if array.ndim != len(self.axes) or array.shape[self.along] % count:
            shown = list(self.axes)
            shown[self.along] = str(count) if "1" in self.axes else f"{count} {self.own[-1]}"
            raise ValueError(f"{what}: expected shape ({', '.join(shown)}), got {array.shape}")
        pieces = np.split(array, count, self.along)
        return {
            part: restored(piece, self.own, self.axes, what)
            for part, piece in zip(self.parts, pieces, strict=True)
        }


def given(layout: Layout, parts: Sequence[LayerDirection]) -> list[StateArray]:
    """Return the arrays that initial states may come in."""
    return [
        StateArray(prefix + name, what, some, layout.axes[what], axes)
        for what, (name, axes) in layout.sequences().items()
        if what != "x"
        for prefix, some in _groups(layout, parts, axes).items()
    ]


def returned(layout: Layout, parts: Sequence[LayerDirection]) -> list[StateArray]:
    """Return the arrays that come out, in order: ``outputs``, and last states beside them."""
    what, axes = layout.given_out()
    last = layout.axes["h0"]
    top = tuple(p.name for p in parts if p.layer == parts[-1].layer)
    if what == "h_T" and "1" in axes:
        top = list(_groups(layout, parts, axes).values())[-1]
    found = [StateArray("outputs", what, top, last if what == "h_T" else f"T{last}", axes)]
    ends: dict[str, list[StateArray]] = {}
    for k, axes in layout.given_last():
        for prefix, some in _groups(layout, parts, axes).items():
            array = StateArray(f"{prefix}{k}_T", f"{k}_T", some, layout.axes[f"{k}0"], axes)
            ends.setdefault(prefix, []).append(array)
    return found + [array for own in ends.values() for array in own]


def _groups(
    layout: Layout, parts: Sequence[LayerDirection], axes: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Return the parts that share an array of states, by what its name begins with."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        prefix = _prefix(layout, part, axes)
        found[prefix] = (*found.get(prefix, ()), part.name)
    return found


def _prefix(layout: Layout, part: LayerDirection, axes: tuple[str, ...]) -> str:
    if not part.name or ("1" in axes and any("_l0" in k for k in layout.blocks)):
        return ""
    if "1" in axes and any(b.paged for b in layout.blocks.values()):
        return "" if part.layer == "l0" else f"{part.layer}."
    return f"{part.name}."
