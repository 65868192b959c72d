"""Arrays that a layout names, and what is said where others come, or one does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import LAYOUTS
from bpttcheck.conformance.sizes import solved
from bpttcheck.conformance.stacks import Part, fitting
from bpttcheck.conformance.weight_blocks import shape_of


def named(
    layout: Layout, parts: list[Part], arrays: Mapping[str, Array], others: Mapping[str, Any]
) -> None:
    """Refuse arrays that the layout does not name, and ask for those that it does.

    Raises:
        TypeError: an array of other things than floats.
        ValueError: an unknown or a missing one; the layout that would fit is named, if one does.
    """
    wanted = {k: b for part in parts for k, b in part.blocks.items()}
    for name in others:
        if name in wanted:
            got = getattr(others[name], "dtype", type(others[name]).__name__)
            raise TypeError(f"state[{name!r}]: expected floats, got {got}")
    for name in arrays:
        if name not in wanted:
            raise ValueError(
                f"state: expected {', '.join(wanted)}, got {name!r}{advice(layout, arrays)}"
            )
    for part in parts:
        for name, blocks in part.blocks.items():
            left_out = all(len(part.axes[b.weight]) == 1 for b in blocks.each())
            fixed = any(b.constant for b in blocks.each())
            if name not in arrays and not (left_out and not fixed):
                got = ", ".join(arrays) or "nothing"
                raise ValueError(f"state: expected {name}, got {got}{advice(layout, arrays)}")


def advice(layout: Layout, arrays: Mapping[str, Array], *, one: bool = False) -> str:
    """Return what would fit these arrays: another layout, or more layers.

    Arguments:
        layout: the one that does not.
        arrays: somebody's, by name; those of a layout's input and states are passed over.
        one: whether more than one layer is of no use.
    """
    for name, other in LAYOUTS.items():
        own = {k: a for k, a in arrays.items() if k not in _fed(other)}
        if other is not layout and own.keys() == other.blocks.keys() and _fits(other, own):
            return f"; the layout {name!r} would fit"
    names = [k for k in arrays if k not in _fed(layout)]
    found = fitting(layout, names)
    if found is None or found == (1, False):
        return ""
    layers, both = found
    if one:
        shown = f"{layers} layers" if layers > 1 else "one layer"
        return f"; {shown}{' of two directions' if both else ''}, where one is compared at a time"
    return f"; layers={layers}{', bidirectional=True' if both else ''} would fit"


def _fed(layout: Layout) -> set[str]:
    return {name for name, _ in layout.sequences().values()} | set(layout.also)


def _fits(layout: Layout, arrays: Mapping[str, Array]) -> bool:
    """Return whether weights have the shapes of a layout, at some sizes."""
    axes, shapes = layout.weights, {k: a.shape for k, a in arrays.items()}
    try:
        sizes = solved(layout.blocks, axes, shapes, {})
    except ValueError:
        return False
    return all(shape_of(b, axes, sizes)[0] == shapes[k] for k, b in layout.blocks.items())
