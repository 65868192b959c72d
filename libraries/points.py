"""Arrays as a layout says them, drawn: weights as libraries begin with, times a scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.conformance.state_arrays import given
from bpttcheck.conformance.weight_blocks import end_to_end, shape_of
from libraries.forms import SEQUENCES, Form

SIZES = {"B": 2, "m": 3, "n": 4, "r": 2}


def sizes_of(form: Form, T: int) -> dict[str, int]:
    """Return the sizes of a point of T steps."""
    return {**SIZES, "T": T} | ({"B": SEQUENCES} if form.short else {})


def drawn(
    form: Form, sizes: Mapping[str, int], dtype: str, scale: float, seed: int
) -> dict[str, np.ndarray]:
    """Return weights uniform in ±scale/√n, biases in ±scale, normal inputs, states in ±1."""
    rng = np.random.default_rng(seed)
    layout, sizes = form.layout, {**sizes, "2n": 2 * sizes["n"]}
    pieces: dict[str, list[np.ndarray]] = {}
    for part in form.parts:
        for name, blocks in part.blocks.items():
            shape, _ = shape_of(blocks, part.axes, sizes)
            bias = all(len(part.axes[b.weight]) == 1 for b in blocks.each())
            bound = scale if bias else scale / sizes["n"] ** 0.5
            pieces.setdefault(name, []).append(rng.uniform(-bound, bound, shape))
    params = {name: end_to_end(each) for name, each in pieces.items()}
    name, axes = layout.sequences()["x"]
    params[name] = rng.normal(size=[1 if a == "1" else sizes[a] for a in axes])
    for array in given(layout, form.parts):
        params[array.name] = rng.uniform(-1, 1, array.shape(sizes))
    return {name: array.astype(dtype) for name, array in params.items()}
