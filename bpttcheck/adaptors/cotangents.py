"""Cotangents ȳ of whatever a forward pass returns, drawn by the tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpttcheck import arguments
from bpttcheck.arithmetic.base import Array, Number
from bpttcheck.check.program.container import level, numbers_alone
from bpttcheck.check.program.leaf import is_array, refused
from bpttcheck.check.program.libraries import has_fractions, is_float, library, like, numpy_of

Leaves = list[Any]


class Cotangents:
    """One cotangent for each output, the same at every call: drawn at the first.

    Each part of an entry is ±k/64 with 32 ≤ k ≤ 64, so that all float types hold it, none
    vanishes, and rounding a point to another float type leaves the loss what it was.

    ⟨ȳ, y⟩ is Re Σ ȳ* y for complex outputs. ``complex_ones=False`` leaves their ȳ real, for code
    of which it is not known whether it expects ȳ or its conjugate.
    """

    def __init__(self, seed: int, complex_ones: bool = False) -> None:
        self._seed = arguments.seed("seed", seed)
        self._complex_ones = complex_ones
        self._drawn: list[Array] = []
        self.are_complex: list[bool] = []

    def like(self, outputs: Any) -> Any:
        """Return copies of the cotangents, in the structure and float types of the outputs.

        Raises:
            ValueError: the outputs have other shapes than at the first call.
        """
        leaves, rebuilt = flattened(outputs)
        arrays = [array_of(leaf) for leaf in leaves]
        each = zip(self._weights(arrays), arrays, self.are_complex, leaves, strict=True)
        return rebuilt(
            [
                like(leaf, v.astype(a.dtype if own and a.dtype.kind == "c" else _float_of(a)))
                for v, a, own, leaf in each
            ]
        )

    def inner(self, outputs: Any) -> Any:
        """Return ⟨ȳ, y⟩ over all outputs: added up in float64, then rounded to their own type.

        So a loss of float32 outputs says that it is no better than float32.
        """
        total: Any = np.float64(0)
        values = [array_of(value) for value in flattened(outputs)[0]]
        for weight, value, own in zip(self._weights(values), values, self.are_complex, strict=True):
            product = (value * np.conj(weight)).sum()
            total = total + (product.real if own else product)
        if any(v.dtype == object for v in values):
            return total
        kind = max((v.dtype for v in values), key=_coarseness)
        return total.astype(kind if total.dtype.kind == "c" else np.empty(0, kind).real.dtype)

    def _weights(self, arrays: list[Array]) -> list[Array]:
        shapes = [a.shape for a in arrays]
        if not self._drawn:
            rng = np.random.default_rng([self._seed, 3])
            self._drawn = [_drawn(rng, shape) for shape in shapes]
            self.are_complex = [a.dtype.kind == "c" for a in arrays]
            if self._complex_ones:
                self._drawn = [
                    v + 1j * _drawn(rng, v.shape) if own else v
                    for v, own in zip(self._drawn, self.are_complex, strict=True)
                ]
        if shapes != [v.shape for v in self._drawn]:
            before = ", ".join(str(v.shape) for v in self._drawn)
            now = ", ".join(map(str, shapes))
            raise ValueError(f"outputs: expected the shapes of the first call, {before}, got {now}")
        return self._drawn


def _float_of(array: Array) -> Any:
    """Return the float type of an array's parts; float64 for elements of a number system."""
    return np.dtype(np.float64) if array.dtype == object else array.real.dtype


def _drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.integers(32, 65, shape) * rng.choice([-1, 1], shape) / 64)


def _coarseness(dtype: Any) -> float:
    return 2.0**-7 if dtype.name == "bfloat16" else float(np.finfo(dtype).eps)


def array_of(leaf: Any) -> Array:
    """Return an output as NumPy has it."""
    return numpy_of(leaf) if library(leaf) else np.asarray(leaf)


def flattened(outputs: Any) -> tuple[Leaves, Callable[[Leaves], Any]]:
    """Return the arrays of floats in a structure, and how to make one like it of others.

    What is no float is passed over: it stays where it is in a structure that has floats, and an
    output of a sequence that has none becomes None.

    Raises:
        TypeError: there is no array of floats.
    """
    leaves, rebuilt = _flattened(outputs)
    if not leaves:
        raise TypeError(f"outputs: expected arrays of floats, got {_what(outputs)}")
    return leaves, rebuilt


def _flattened(outputs: Any) -> tuple[Leaves, Callable[[Leaves], Any]]:
    here = None if numbers_alone(outputs) else level(outputs)
    if isinstance(outputs, np.ma.MaskedArray):
        raise TypeError(f"outputs: expected plain arrays, got a {refused(outputs)}")
    if here is None:
        if _is_float(outputs):
            return [outputs], lambda new: new[0]
        return [], lambda new: outputs
    parts = [_flattened(part) for part in here.items.values()]
    outermost = type(outputs) in (tuple, list)

    def nested(new: Leaves) -> Any:
        rest = list(new)
        found = []
        for own, rebuild in parts:
            found.append(rebuild(rest[: len(own)]) if own or not outermost else None)
            rest = rest[len(own) :]
        return here.rebuilt(found)

    return [leaf for own, _ in parts for leaf in own], nested


def _is_float(thing: Any) -> bool:
    if library(thing):
        return has_fractions(thing)
    if thing is None or isinstance(thing, str | bytes):
        return False
    try:
        array = np.asarray(thing)
    except ValueError:
        return False
    elements: Any = array.reshape(-1)[:1] if array.dtype == object else []
    return is_float(array.dtype) or any(isinstance(z, Number) for z in elements)


def _what(outputs: Any) -> str:
    """Say what came in place of arrays of floats."""
    if level(outputs) is None and (is_array(outputs) or isinstance(outputs, int)):
        return f"dtype {array_of(outputs).dtype}"
    return type(outputs).__name__
