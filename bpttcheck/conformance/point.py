"""Somebody's arrays read as the reference's weights, inputs and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.layout import CELLS, STATES, Layout, parts, restored, shape_of


@dataclass(frozen=True)
class ReferencePoint:
    """What each weight is the sum of, x (T, B, m), states (B, n), and the number of states."""

    weights: Mapping[str, list[Array]]
    x: Array
    states: Mapping[str, Array]
    n: int


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
    n = _states(layout, params, x.shape[2])
    sizes = {"m": x.shape[2], "n": n}
    weights = _weights(layout, params, sizes)
    states = {}
    for state in STATES[layout.cell]:
        states[state] = np.zeros((x.shape[1], n))
        if state in sequences and sequences[state][0] in params:
            name, axes = sequences[state]
            given = restored(params[name], "Bn", axes, f"params[{name!r}]")
            if given.shape != (x.shape[1], n):
                expected = (x.shape[1], n)
                raise ValueError(
                    f"params[{name!r}]: expected (B, n) = {expected}, got {given.shape}"
                )
            states[state] = given.astype(np.float64)
    return ReferencePoint(weights, x, states, n)


def _weights(
    layout: Layout, params: Mapping[str, Array], sizes: Mapping[str, int]
) -> dict[str, list[Array]]:
    axes = CELLS[layout.cell]
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


def _states(layout: Layout, params: Mapping[str, Array], m: int) -> int:
    """Return n: the number of states at which most arrays have the layout's shape."""
    axes = CELLS[layout.cell]
    present = {k: rows for k, rows in layout.blocks.items() if k in params}
    if not present:
        raise ValueError(f"params: expected {', '.join(layout.blocks)}, got {', '.join(params)}")
    largest = max(max(params[k].shape, default=1) for k in present)

    def fitting(n: int) -> int:
        sizes = {"m": m, "n": n}
        return sum(shape_of(rows, axes, sizes)[0] == params[k].shape for k, rows in present.items())

    return max(range(1, largest + 1), key=fitting)
