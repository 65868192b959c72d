"""Arrays that a layout names, and what is said where others come, or one does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import LAYOUTS
from bpttcheck.conformance.stacks import Part, fitting, parts_of


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


def advice(layout: Layout, names: Collection[str]) -> str:
    """Return what would fit these names: layers, or another layout."""
    if found := fitting(layout, names):
        layers, both = found
        if (layers, both) != (1, False):
            return f"; layers={layers}{', bidirectional=True' if both else ''} would fit"
    fits = [
        name
        for name, other in LAYOUTS.items()
        if other is not layout and set(names) == set(parts_of(other, 1, False)[0].blocks)
    ]
    return f"; the layout {fits[0]!r} would fit" if fits else ""
