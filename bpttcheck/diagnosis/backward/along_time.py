"""Arrays of steps: moved, kept, left out or summed along time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array

EDGES = REPEATED, WRAPPED, ZERO = "repeated", "wrapped around", "zero"


def moved(steps: Array, shift: int, edge: str = REPEATED) -> Array:
    """Return steps with index t + shift at t; the edge repeated, wrapped around or zero."""
    T = len(steps)
    at = np.arange(T) + shift
    if edge == WRAPPED:
        return np.asarray(steps[at % T])
    out = steps[np.clip(at, 0, T - 1)]
    if edge == ZERO:
        out = np.where(((at >= 0) & (at < T)).reshape(-1, *[1] * (steps.ndim - 1)), out, 0 * out)
    return np.asarray(out)


def shifted(by: int, edge: str = REPEATED) -> Callable[[Array], Array]:
    """Return what moves steps so far."""
    return partial(moved, shift=by, edge=edge)


def shifts(
    names: Sequence[tuple[str, int]], told: str, edges: Sequence[str] = EDGES
) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Yield what is told, of a name and an edge, and steps moved so: each name says how far."""
    for name, shift in names:
        for edge in edges:
            yield told.format(name, edge), shifted(shift, edge)


def kept(steps: Array, index: int) -> Array:
    """Return steps that are zero but for the one at an index."""
    out = 0 * steps
    out[index] = steps[index]
    return out


def without(steps: Array, index: int) -> Array:
    """Return steps with the one at an index zero."""
    out = steps.copy()
    out[index] = 0.0
    return out


def stale(steps: Array, index: int = -1) -> Array:
    """Return one step's values at every step."""
    return np.asarray(steps[index][None] + 0 * steps)


def of_first(steps: Array, value: Array | float) -> Array:
    """Return steps with another value at the first one."""
    out = steps.copy()
    out[0] = value
    return out


def over_batch(steps: Array, mean: bool) -> Array:
    """Return the sum or mean over sequences, (…, B, n), for each of them."""
    found = steps.mean(-2, keepdims=True) if mean else steps.sum(-2, keepdims=True)
    return np.asarray(found + 0 * steps)


def outer(left: Array, right: Array) -> Array:
    """Return Σ_t Σ_b left right ᵀ."""
    return np.asarray(left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1]))
