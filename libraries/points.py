"""Arrays as a layout says them, drawn: weights as libraries begin with, times a scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.conformance import Layout
from bpttcheck.conformance.weight_blocks import shape_of

SIZES = {"B": 2, "m": 3, "n": 4, "r": 2}


def drawn(
    layout: Layout, sizes: Mapping[str, int], dtype: str, scale: float, seed: int
) -> dict[str, np.ndarray]:
    """Return weights uniform in ±scale/√n, biases in ±scale, normal inputs, states in ±1."""
    rng = np.random.default_rng(seed)
    params = {}
    for name, blocks in layout.blocks.items():
        shape, _ = shape_of(blocks, layout.weights, sizes)
        bias = all(len(layout.weights[b.weight]) == 1 for b in blocks.each())
        bound = scale if bias else scale / sizes["n"] ** 0.5
        params[name] = rng.uniform(-bound, bound, shape)
    for what, (name, axes) in layout.sequences().items():
        shape = [1 if a == "1" else sizes[a] for a in axes]
        params[name] = rng.normal(size=shape) if what == "x" else rng.uniform(-1, 1, shape)
    return {name: array.astype(dtype) for name, array in params.items()}
