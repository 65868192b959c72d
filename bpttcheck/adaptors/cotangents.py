"""Cotangents ȳ of whatever a forward pass returns, drawn by the tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Number
from bpttcheck.check import arguments

Leaves = list[Any]


class Cotangents:
    """One cotangent for each output, the same at every call: drawn at the first.

    Each entry is ±k/64 with 32 ≤ k ≤ 64, so that all float types hold it, none vanishes, and
    rounding a point to another float type leaves the loss what it was.
    """

    def __init__(self, seed: int) -> None:
        self._seed = arguments.seed(seed)
        self._drawn: list[Array] = []

    def like(self, outputs: Any) -> Any:
        """Return copies of the cotangents, in the structure and float types of the outputs.

        Raises:
            ValueError: the outputs have other shapes than at the first call.
        """
        leaves, rebuilt = flattened(outputs)
        arrays = [np.asarray(leaf) for leaf in leaves]
        shapes = [a.shape for a in arrays]
        if not self._drawn:
            rng = np.random.default_rng([self._seed, 3])
            self._drawn = [_drawn(rng, shape) for shape in shapes]
        if shapes != [v.shape for v in self._drawn]:
            before = ", ".join(str(v.shape) for v in self._drawn)
            now = ", ".join(map(str, shapes))
            raise ValueError(f"outputs: expected the shapes of the first call, {before}, got {now}")
        pairs = zip(self._drawn, arrays, strict=True)
        return rebuilt([v.astype(_float_of(a)) for v, a in pairs])


def _float_of(array: Array) -> Any:
    """Return the float type of an array's parts; float64 for elements of a number system."""
    return np.dtype(np.float64) if array.dtype == object else array.real.dtype


def _drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.integers(32, 65, shape) * rng.choice([-1, 1], shape) / 64)


def inner(cotangents: Any, outputs: Any) -> Any:
    """Return Σ ȳ y over all outputs: added up in float64, then rounded to the outputs' own type.

    So a loss of float32 outputs says that it is no better than float32.
    """
    total: Any = np.float64(0)
    values = [np.asarray(value) for value in flattened(outputs)[0]]
    for weight, value in zip(flattened(cotangents)[0], values, strict=True):
        total = total + (value * np.asarray(weight, dtype=np.float64)).sum()
    if any(v.dtype == object for v in values):
        return total
    return total.astype(max((v.dtype for v in values), key=lambda t: np.finfo(t).eps))


def flattened(outputs: Any) -> tuple[Leaves, Callable[[Leaves], Any]]:
    """Return the arrays of a nest of tuples, lists and mappings, and how to nest others like it.

    Raises:
        TypeError: an output is no array of floats.
    """
    if isinstance(outputs, Mapping):
        keys = list(outputs)
        leaves, rebuilt = flattened(tuple(outputs[k] for k in keys))
        return leaves, lambda new: dict(zip(keys, rebuilt(new), strict=True))
    if isinstance(outputs, tuple | list):
        parts = [flattened(part) for part in outputs]
        kind = type(outputs) if type(outputs) in (tuple, list) else tuple

        def nested(new: Leaves) -> Any:
            rest = list(new)
            found = []
            for own, rebuild in parts:
                found.append(rebuild(rest[: len(own)]))
                rest = rest[len(own) :]
            return kind(found)

        return [leaf for own, _ in parts for leaf in own], nested
    array = np.asarray(outputs)
    elements: Any = array.reshape(-1)[:1] if array.dtype == object else []
    if array.dtype.kind not in "fc" and not any(isinstance(z, Number) for z in elements):
        what = type(outputs).__name__ if array.dtype == object else f"dtype {array.dtype}"
        raise TypeError(f"outputs: expected arrays of floats, got {what}")
    return [outputs], lambda new: new[0]
