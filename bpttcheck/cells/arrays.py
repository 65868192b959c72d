"""Arrays of steps: products of all steps at once, masks, weights side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bpttcheck.arithmetic.base import Array


def rows(steps: Array) -> Array:
    """Return (T·B, n): time and batch as one axis."""
    return steps.reshape(-1, steps.shape[-1])


ROWS = 512
"""Rows of a block of steps: its arrays stay in cache, and a product of so many is at full speed."""


def spans(steps: Array, rows: int | None = None) -> list[slice]:
    """Return the blocks of steps that are computed together, in order, of arrays (T, …, B, n).

    A block has some ``rows``, ``ROWS`` unless given, and one step at least.

    Where they lie depends on the sequences alone, and a block by itself is one block. So a product
    of a block's rows is the same to the last bit, however many of the steps are at hand.
    """
    T, length = len(steps), max(1, (rows or ROWS) // math.prod(steps.shape[1:-1]))
    count = max(
        1, (2 * T + length) // (2 * length)
    )  # the last one may be shorter or longer by half
    if count == 1:
        return [slice(0, T)]
    ends = [*range(length, count * length, length), T]
    return [slice(first, last) for first, last in zip([0, *ends], ends, strict=False)]


def product(steps: Array, matrix: Array, out: Array | None = None) -> Array:
    """Return row @ matrix for the rows of all steps, one matrix product a block of them."""
    if matrix.ndim > 2:
        return np.matmul(steps, matrix, out=out)
    blocks = spans(steps)
    if out is None:
        if len(blocks) == 1:
            return (rows(steps) @ matrix).reshape(*steps.shape[:-1], matrix.shape[-1])
        dtype = np.result_type(steps, matrix)
        out = np.empty((*steps.shape[:-1], matrix.shape[-1]), dtype=dtype)
    for block in blocks:
        np.matmul(rows(steps[block]), matrix, out=rows(out[block]))  # of one piece: a view
    return out


def outer(left: Array, right: Array) -> Array:
    """Return Σ_t Σ_b left_t right_tᵀ, as one matrix product."""
    return rows(left).T @ rows(right)


def total(steps: Array) -> Array:
    """Return Σ_t Σ_b of columns."""
    return np.asarray(np.add.reduce(rows(steps), axis=0))


def plus(values: Array, offset: Array | None) -> Array:
    """Return the values with an offset, if there is one."""
    return values if offset is None else values + offset


def added(values: Array, bias: Array) -> Array:
    """Return values, which are nobody else's, plus a bias, in place where it fits."""
    fits = bias.ndim == 1 and bias.dtype == values.dtype
    return np.add(values, bias, out=values if fits else None)


def stacked(weights: Mapping[str, Array], names: Sequence[str]) -> Array:
    """Return weights of gates, gate below gate: (4n, m), say; biases (…, 4n)."""
    parts = [weights[name] for name in names]
    if len(parts) == 1:
        return parts[0]
    if len({part.shape for part in parts}) > 1:  # one of them has axes of directions
        parts = list(np.broadcast_arrays(*parts))
    return np.concatenate(parts, axis=-1 if names[0][0] == "b" else -2)


def transposed(weights: Mapping[str, Array], names: Sequence[str]) -> Array:
    """Return the transposes of matrices of gates side by side, (n, 4n): of one piece, if small.

    Products with rows of a step are faster so; a single large one is as it was given.
    """
    parts = [weights[name] for name in names]
    if any(part.ndim > 2 for part in parts):
        return stacked(weights, names).mT
    if len(parts) > 1:
        wide = sum(len(part) for part in parts)
        out = np.empty((parts[0].shape[1], wide), dtype=np.result_type(*parts))
        return np.concatenate([part.T for part in parts], axis=1, out=out)
    return np.ascontiguousarray(parts[0].T) if parts[0].size <= COPIED else parts[0].T


COPIED = 1 << 16
"""Numbers of a matrix that is copied for the sake of speed: half a megabyte."""


def side_by_side(offsets: Mapping[str, Array], names: Sequence[str]) -> Array | None:
    """Return the offsets of every gate side by side, zero where there is none; None without any."""
    given = [offsets.get(name) for name in names]
    some = next((a for a in given if a is not None), None)
    if some is None:
        return None
    return np.concatenate([0 * some if a is None else a for a in given], axis=-1)


def between(arrays: Iterable[Array], matrices: Iterable[Array]) -> tuple[int, ...]:
    """Return the axes between time and a step's numbers: sequences, and directions if any.

    ``arrays`` have one axis after those, ``matrices`` stand for all sequences alike.
    """
    shapes = {a.shape[:-1] for a in arrays}
    shapes |= {(*W.shape[:-2], 1) for W in matrices if W.ndim > 2}
    return shapes.pop() if len(shapes) == 1 else tuple(np.broadcast_shapes(*shapes))


def where_taken(steps: Array, mask: Array | None) -> Array:
    """Return numbers of steps (T, …, B, n), zero where no step takes place.

    What a step that is left out would read is zero, so that nothing of it can leave the range.
    """
    if mask is None:
        return steps
    axes = (1,) * (steps.ndim - mask.ndim - 1)
    return np.where(mask.reshape(len(mask), *axes, *mask.shape[1:], 1), steps, 0 * steps)


def read_by(state: Array, taken: Array | None) -> Array:
    """Return the state that a step reads: zero where the step does not take place."""
    return state if taken is None else np.where(taken[..., None], state, 0 * state)
