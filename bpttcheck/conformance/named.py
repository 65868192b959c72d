"""Arrays that a layout names, and what is said where others come, or one does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import LAYOUTS
from bpttcheck.conformance.sizes import solved
from bpttcheck.conformance.stacks import LayerDirection, fitting, parts_of, twice
from bpttcheck.conformance.weight_blocks import Axes, Blocks, shape_of


def named(
    layout: Layout,
    parts: list[LayerDirection],
    arrays: Mapping[str, Array],
    others: Mapping[str, Any],
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
                f"state: expected {', '.join(wanted)}, got {name!r}{advice(layout, arrays, parts)}"
            )
    for part in parts:
        for name, blocks in part.blocks.items():
            fixed = any(b.constant for b in blocks.each())
            if name not in arrays and (fixed or not _bias(part.axes, blocks)):
                got = ", ".join(arrays) or "nothing"
                raise ValueError(
                    f"state: expected {name}, got {got}{advice(layout, arrays, parts)}"
                )


def advice(layout: Layout, arrays: Mapping[str, Array], parts: list[LayerDirection]) -> str:
    """Return what would fit these arrays: another layout, of nested ones, or of more layers.

    Arguments:
        layout: the one that does not.
        arrays: somebody's, by name; those of a layout's input and states are passed over.
        parts: the layers and directions that were asked for.
    """
    asked = len({part.layer for part in parts}), any(part.back for part in parts)
    for name, other in {"": layout, **LAYOUTS}.items():
        own = {k: a for k, a in arrays.items() if k not in _fed(other)}
        prefix = _nest(own)
        for form in [other, other.under(prefix)] if prefix else [other]:
            nested = [f"under({prefix!r})"] if form is not other else []
            for found in fitting(form, own):
                if _fits(form, own, *found):
                    if form is layout and found == asked:
                        return ""
                    told = ([f"the layout {name!r}"] if name else []) + nested
                    return f"; {', '.join(told + _otherwise(found, asked))} would fit"
    return ""


def _nest(names: Iterable[str]) -> str:
    """Return what all names begin with, up to a point: ``"rnn.cell"``."""
    folders = zip(*(name.split(".")[:-1] for name in names), strict=False)
    return ".".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, folders))


def _otherwise(found: tuple[int, bool], asked: tuple[int, bool]) -> list[str]:
    """Return what to write for another number of layers or directions than was asked for."""
    layers = [f"layers={found[0]}"] if found[0] != asked[0] else []
    return [*layers, f"bidirectional={found[1]}"] if found[1] != asked[1] else layers


def _fed(layout: Layout) -> set[str]:
    return {name for name, _ in layout.sequences().values()} | set(layout.also)


def _fits(layout: Layout, arrays: Mapping[str, Array], layers: int, both: bool) -> bool:
    """Return whether weights are all those of a layout, but for biases, and of its shapes."""
    parts, shapes = parts_of(layout, layers, both), {k: a.shape for k, a in arrays.items()}
    if parts[0].page is not None:  # each array has a page for either direction
        if any(s[:1] != (2,) for s in shapes.values()):
            return False
        shapes = {k: (1, *s[1:]) for k, s in shapes.items()}
    each = [(part.axes, k, b) for part in parts for k, b in part.blocks.items()]
    if any(k not in shapes and not _bias(axes, b) for axes, k, b in each):
        return False
    try:
        first = solved(parts[0].blocks, parts[0].axes, shapes, {})
    except ValueError:
        return False
    sizes = first | twice(layout, parts, first)
    return all(shape_of(b, axes, sizes)[0] == shapes[k] for axes, k, b in each if k in shapes)


def _bias(axes: Axes, blocks: Blocks) -> bool:
    """Return whether an array holds biases alone, which may be left out."""
    return all(len(axes[b.weight]) == 1 for b in blocks.each())
