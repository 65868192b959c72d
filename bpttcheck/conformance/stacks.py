"""Where the arrays of each layer and direction are among somebody's.

PyTorch and Paddle number the layer in an array's name, ``weight_ih_l1_reverse``; ONNX has a page
for each direction; in one vector of all weights each follows the one before. Elsewhere a layer is a
thing of its own, and its name stands before a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.stacked import Layers
from bpttcheck.conformance.array_axes import Sizes
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.sizes import solved, whole
from bpttcheck.conformance.weight_blocks import Axes, Blocks, shape_of

MANY = 8
"""Layers that a library may be found to have."""


MOST_LAYERS = 1000
"""More than any network has."""


@dataclass(frozen=True)
class LayerDirection:
    """A direction of a layer: its name here, the blocks of its arrays by their names there.

    ``page`` is where its page is in arrays that have one for each direction, or None.
    """

    name: str
    blocks: Mapping[str, Blocks]
    axes: Axes
    page: int | None = None

    @property
    def layer(self) -> str:
        """The name of its layer."""
        return self.name.partition(".")[0]

    @property
    def back(self) -> bool:
        """Whether it goes back in time."""
        return self.name.endswith(".reverse")

    def ours(self, weight: str) -> str:
        """Return the name of a weight among those of the stack."""
        return f"{self.name}.{weight}" if self.name else weight


def parts_of(layout: Layout, layers: int, bidirectional: bool) -> list[LayerDirection]:
    """Return each direction of each layer; the one of a single layer has no name."""
    shape = Layers(layout.reference, layers, bidirectional)
    if len(shape.parts) == 1:
        return [LayerDirection("", layout.blocks, layout.weights)]
    found, every = [], shape.axes
    for name in shape.parts:
        axes = {k: every[f"{name}.{k}"] for k in layout.weights}
        blocks = {_array_of(k, name, b): b for k, b in layout.blocks.items()}
        paged = bidirectional and any(b.paged for b in blocks.values())
        found.append(
            LayerDirection(name, blocks, axes, int(name.endswith(".reverse")) if paged else None)
        )
    return found


def _array_of(array: str, part: str, blocks: Blocks) -> str:
    """Return an array's name in a direction of a layer, ``"l1.reverse"``."""
    layer, _, back = part.partition(".")
    if "_l0" in array:
        return array.replace("_l0", f"_{layer}") + (f"_{back}" if back else "")
    if blocks.flat:
        return array
    if blocks.paged:
        return array if layer == "l0" else f"{layer}.{array}"
    return f"{part}.{array}"


def sizes_of(
    layout: Layout,
    parts: list[LayerDirection],
    arrays: Mapping[str, Array],
    m: int | None,
    what: str = "state",
) -> dict[str, int]:
    """Return m, n and r, and what a further layer reads: ``"2n"`` of two directions.

    ``what`` is what the arrays are called in an error.

    Raises:
        ValueError: a shape that no sizes have, or a size that no array tells.
    """
    known = {} if m is None else {"m": m}
    first, shapes = parts[0], {k: a.shape for k, a in arrays.items()}
    if len(parts) > 1 and any(b.flat for b in first.blocks.values()):
        if m is None:
            raise ValueError("m: expected the size of the inputs, got None")
        ((name, blocks),) = first.blocks.items()
        total = arrays[name].size

        def length(n: int) -> int:
            at = {"m": m, "n": n, "2n": 2 * n}
            return sum(shape_of(blocks, p.axes, at)[0][0] for p in parts)

        n = whole(length, total)
        if n is None:
            raise ValueError(f"{what}[{name!r}]: expected weights of a whole n, got {total}")
        sizes = {"m": m, "n": n}
    else:
        if first.page is not None:
            shapes = {k: (1, *s[1:]) for k, s in shapes.items()}
        sizes = solved(first.blocks, first.axes, shapes, known, what)
    return sizes | twice(layout, parts, sizes)


def twice(layout: Layout, parts: list[LayerDirection], sizes: Sizes) -> dict[str, int]:
    """Return the size of what a layer of two directions gives out, if there is one."""
    read = layout.reference.width("h")
    both = any(p.back for p in parts)
    return {f"2{read}": 2 * sizes[read]} if both else {}


def views(
    parts: list[LayerDirection], arrays: Mapping[str, Array], sizes: Sizes, what: str = "state"
) -> Iterator[tuple[LayerDirection, str, Blocks, Array]]:
    """Return each part's arrays: of an array that several have, its own."""
    begins: dict[str, int] = {}
    for part in parts:
        for name, blocks in part.blocks.items():
            if name not in arrays:
                continue
            own = arrays[name]
            if part.page is not None:
                if len(own) != 2:
                    got = f"got shape {own.shape}"
                    raise ValueError(f"{what}[{name!r}]: expected two directions, {got}")
                own = own[part.page : part.page + 1]
            elif blocks.flat and len(parts) > 1:
                first = begins.get(name, 0)
                begins[name] = first + shape_of(blocks, part.axes, sizes)[0][0]
                own = own[first : begins[name]]
            yield part, name, blocks, own


def fitting(layout: Layout, names: Iterable[str]) -> Iterator[tuple[int, bool]]:
    """Yield how many layers, and whether two directions, have all of these arrays."""
    given = set(names)
    for layers in range(1, MANY + 1):
        for both in (False, True):
            parts = Layers(layout.reference, layers, both).parts
            if len(parts) == 1:
                known = set(layout.blocks)
            else:
                known = {_array_of(k, name, b) for name in parts for k, b in layout.blocks.items()}
            if given <= known:
                yield layers, both
