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
from bpttcheck.conformance.weight_blocks import parts, shape_of


@dataclass(frozen=True)
class ReferencePoint:
    """What each weight is the sum of, x (T, B, m), states (B, n), and each size by its symbol."""

    weights: Mapping[str, list[Array]]
    x: Array
    states: Mapping[str, Array]
    sizes: Sizes


def read(layout: Layout, params: Mapping[str, Array]) -> ReferencePoint:
    """Return the point that somebody's arrays are.

    Raises:
        ValueError: an array that is missing, unknown to the layout, or of another shape.
    """
    sequences = layout.sequences()
    unknown = [name for name in params if name not in layout.arrays]
    if unknown:
        known = ", ".join(layout.arrays)
        raise ValueError(f"params: expected the layout's arrays ({known}), got {unknown[0]!r}")
    if "x" not in sequences or sequences["x"][0] not in params:
        name = sequences["x"][0] if "x" in sequences else "one for x"
        raise ValueError(f"params: expected the input, {name}, got {', '.join(params)}")
    name, axes = sequences["x"]
    x = restored(params[name], "TBm", axes, f"params[{name!r}]").astype(np.float64)
    sizes = _sizes(layout, params, x.shape)
    weights = _weights(layout, params, sizes)
    states = {}
    for state in layout.reference.initial:
        own = layout.axes[state]
        expected = tuple(sizes[s] for s in own)
        states[state] = np.zeros(expected)
        if state in sequences and sequences[state][0] in params:
            name, axes = sequences[state]
            given = restored(params[name], own, axes, f"params[{name!r}]")
            if given.shape != expected:
                raise ValueError(
                    f"params[{name!r}]: expected ({', '.join(own)}) = {expected}, got {given.shape}"
                )
            states[state] = given.astype(np.float64)
    return ReferencePoint(weights, x, states, sizes)


def _weights(
    layout: Layout, params: Mapping[str, Array], sizes: Mapping[str, int]
) -> dict[str, list[Array]]:
    axes, sizes = layout.weights, {k: size for k, size in sizes.items() if k not in "TB"}
    found: dict[str, list[Array]] = {weight: [] for weight in axes}
    for array, rows in layout.blocks.items():
        if array not in params:
            if all(len(axes[b.weight]) == 1 for row in rows for b in row):
                continue  # a bias may be left out
            raise ValueError(f"params: expected {array}, got {', '.join(params)}")
        for weight, part in parts(rows, params[array], axes, sizes, f"params[{array!r}]"):
            found[weight].append(part.astype(np.float64))
    zeros = {w: [np.zeros([sizes[s] for s in symbols])] for w, symbols in axes.items()}
    return {weight: found[weight] or zeros[weight] for weight in axes}


def _sizes(layout: Layout, params: Mapping[str, Array], shape: tuple[int, ...]) -> dict[str, int]:
    """Return T, B, m, and the n, and r, at which most arrays have the layout's shape.

    Where not all have, n may be a part of any axis, so that every number is tried; a projected
    state, whose weights stand side by side with those of the inputs or nothing, is as long as an
    axis, or m shorter.
    """
    axes = layout.weights
    sizes = dict(zip("TBm", shape, strict=True))
    present = {k: rows for k, rows in layout.blocks.items() if k in params}
    if not present:
        raise ValueError(f"params: expected {', '.join(layout.blocks)}, got {', '.join(params)}")
    shapes = {k: params[k].shape for k in present}
    with suppress(ValueError):
        found = solved(present, axes, shapes, sizes)
        if all(shape_of(rows, axes, found)[0] == shapes[k] for k, rows in present.items()):
            return sizes | found
    lengths = {1} | {length for k in present for length in shapes[k]}
    most = max(isqrt(max(shapes[k])) if b.flat else max(shapes[k]) for k, b in present.items())
    tried: dict[str, Iterable[int]] = {"n": range(1, most + 1)}
    for symbol in {s for symbols in axes.values() for s in symbols} - {"m", "n"}:
        tried[symbol] = sorted(lengths | {k - sizes["m"] for k in lengths if k > sizes["m"]})

    def fitting(found: Iterable[int]) -> int:
        each = sizes | dict(zip(tried, found, strict=True))
        return sum(shape_of(rows, axes, each)[0] == params[k].shape for k, rows in present.items())

    points = product(*tried.values())
    return sizes | dict(zip(tried, max(points, key=fitting), strict=True))
