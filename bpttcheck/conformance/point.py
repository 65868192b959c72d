"""Somebody's arrays read as the reference's weights, inputs and states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from math import isqrt

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.array_axes import Sizes, restored
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.sizes import solved
from bpttcheck.conformance.stacks import LayerDirection, sizes_of, views
from bpttcheck.conformance.state_arrays import StateArray, given
from bpttcheck.conformance.weight_blocks import parts as blocks_in
from bpttcheck.conformance.weight_blocks import shape_of


@dataclass(frozen=True)
class ReferencePoint:
    """Where a program ran.

    Attributes:
        weights: of each layer and direction by its name, what each weight is the sum of.
        x: inputs (T, B, m).
        states: of each layer and direction, its initial states (B, n) by name.
        sizes: each by its symbol.
    """

    weights: Mapping[str, Mapping[str, list[Array]]]
    x: Array
    states: Mapping[str, Mapping[str, Array]]
    sizes: Sizes


def read(
    layout: Layout, parts: list[LayerDirection], params: Mapping[str, Array]
) -> ReferencePoint:
    """Return the point that somebody's arrays are.

    Raises:
        ValueError: an array that is missing, unknown to the layout, or of another shape.
    """
    sequences, held = layout.sequences(), given(layout, parts)
    own = {k for part in parts for k in part.blocks}
    known = {
        **{k: None for part in parts for k in part.blocks},
        **({sequences["x"][0]: None} if "x" in sequences else {}),
        **{array.name: None for array in held},
    }
    unknown = [name for name in params if name not in known]
    if unknown:
        shown = ", ".join(known)
        raise ValueError(f"params: expected the layout's arrays ({shown}), got {unknown[0]!r}")
    if "x" not in sequences or sequences["x"][0] not in params:
        name = sequences["x"][0] if "x" in sequences else "one for x"
        raise ValueError(f"params: expected the input, {name}, got {', '.join(params)}")
    name, axes = sequences["x"]
    x = restored(params[name], "TBm", axes, f"params[{name!r}]").astype(np.float64)
    arrays = {k: a for k, a in params.items() if k in own}
    if not arrays:
        raise ValueError(f"params: expected {', '.join(layout.blocks)}, got {', '.join(params)}")
    _all_there(parts, params)
    if len(parts) == 1:
        sizes = _sizes(layout, arrays, x.shape)
    else:
        sizes = dict(zip("TBm", x.shape, strict=True))
        sizes |= sizes_of(layout, parts, arrays, sizes["m"], "params")
    weights = _weights(parts, params, sizes)
    return ReferencePoint(weights, x, _states(layout, parts, held, params, sizes), sizes)


def _all_there(parts: list[LayerDirection], params: Mapping[str, Array]) -> None:
    """Ask for every array but those of biases alone, to which no pass adds a constant."""
    for part in parts:
        for name, rows in part.blocks.items():
            needed = any(len(part.axes[b.weight]) > 1 or b.constant for b in rows.each())
            if needed and name not in params:
                raise ValueError(f"params: expected {name}, got {', '.join(params)}")


def _weights(
    parts: list[LayerDirection], params: Mapping[str, Array], sizes: Sizes
) -> dict[str, dict[str, list[Array]]]:
    sizes = {k: size for k, size in sizes.items() if k not in "TB"}
    found: dict[str, dict[str, list[Array]]] = {p.name: {w: [] for w in p.axes} for p in parts}
    for part, name, rows, array in views(parts, params, sizes, "params"):
        for weight, own in blocks_in(rows, array, part.axes, sizes, f"params[{name!r}]"):
            found[part.name][weight].append(own.astype(np.float64))
    for part in parts:  # a bias may be left out
        for weight, symbols in part.axes.items():
            if not found[part.name][weight]:
                found[part.name][weight].append(np.zeros([sizes[s] for s in symbols]))
    return found


def _states(
    layout: Layout,
    parts: list[LayerDirection],
    held: list[StateArray],
    params: Mapping[str, Array],
    sizes: Sizes,
) -> dict[str, dict[str, Array]]:
    """Return the initial states of each part; zero where none is given."""
    shapes = {k: tuple(sizes[s] for s in layout.axes[k]) for k in layout.reference.initial}
    found = {part.name: {k: np.zeros(shape) for k, shape in shapes.items()} for part in parts}
    for array in held:
        if array.name in params:
            own = params[array.name]
            each = array.parted(own)
            if any(a.shape != shapes[array.what] for a in each.values()):
                expected = f"({', '.join(array.axes)}) = {array.shape(sizes)}"
                raise ValueError(f"params[{array.name!r}]: expected {expected}, got {own.shape}")
            for part, state in each.items():
                found[part][array.what] = state.astype(np.float64)
    return found


def _sizes(layout: Layout, params: Mapping[str, Array], shape: tuple[int, ...]) -> dict[str, int]:
    """Return T, B, m, and the n, and r, at which most arrays have the layout's shape.

    Where not all have, n may be a part of any axis, so that every number is tried; a projected
    state, whose weights stand side by side with those of the inputs or nothing, is as long as an
    axis, or m shorter.
    """
    axes = layout.weights
    sizes = dict(zip("TBm", shape, strict=True))
    present = {k: rows for k, rows in layout.blocks.items() if k in params}
    shapes = {k: params[k].shape for k in present}
    with suppress(ValueError):
        found = solved(present, axes, shapes, sizes)
        if all(shape_of(rows, axes, found)[0] == shapes[k] for k, rows in present.items()):
            return sizes | found
    lengths = {1} | {length for k in present for length in shapes[k]}
    most = max(
        isqrt(max(shapes[k], default=1)) if b.flat else max(shapes[k], default=1)
        for k, b in present.items()
    )
    tried: dict[str, Iterable[int]] = {"n": range(1, most + 1)}
    for symbol in {s for symbols in axes.values() for s in symbols} - {"m", "n"}:
        tried[symbol] = sorted(lengths | {k - sizes["m"] for k in lengths if k > sizes["m"]})

    def fitting(found: Iterable[int]) -> int:
        each = sizes | dict(zip(tried, found, strict=True))
        return sum(shape_of(rows, axes, each)[0] == params[k].shape for k, rows in present.items())

    points = product(*tried.values())
    return sizes | dict(zip(tried, max(points, key=fitting), strict=True))
