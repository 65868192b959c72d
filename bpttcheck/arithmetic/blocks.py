"""Large float arrays, evaluated a block at a time, so that what is made on the way stays in cache.

A function of twenty NumPy calls reads and writes memory twenty times; in blocks it does so once.
The functions know nothing of it: an entry, or a row, is computed by the same operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from bpttcheck.arithmetic.base import Array

Function = TypeVar("Function", bound=Callable[..., Any])

BLOCK = 3 << 12
"""Entries in a block: 96 KiB of doubles, some of which fit in a second-level cache. From
128 KiB on, C libraries may ask the operating system for every array anew, which costs more than
its use."""


FEW = 1 << 9
"""Entries of rows that are not rearranged: that costs more than what is done with them."""


def entrywise(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Evaluate a function of each entry in blocks of entries."""

    @wraps(function)
    def evaluated(a: Array) -> Array:
        a = np.asarray(a)
        if a.size <= BLOCK or a.dtype == object:
            return function(a)
        if not a.flags.c_contiguous and a.ndim > 1 and 2 * a[0].size <= BLOCK:
            return _in_pieces(function, a)
        entries = a.reshape(-1)
        out = np.empty(entries.shape, dtype=a.dtype)
        for i in range(0, len(entries), BLOCK):
            out[i : i + BLOCK] = function(entries[i : i + BLOCK])
        return out.reshape(a.shape)

    return evaluated


def _in_pieces(function: Callable[[Array], Array], a: Array) -> Array:
    """Evaluate a function of each entry of a part of an array, which is not copied before."""
    out, length = np.empty(a.shape, dtype=a.dtype), BLOCK // a[0].size
    for i in range(0, len(a), length):
        out[i : i + length] = function(a[i : i + length])
    return out


def rowwise(function: Function) -> Function:
    """Evaluate a function of rows (…, p), with as many others beside them, in blocks of rows.

    Its result, or each of them, has an entry or a row for each row. The longer axis of a block is
    made the contiguous one: loops over ten classes cost more than what they do.
    """

    @wraps(function)
    def evaluated(*given: Array) -> Any:
        if type(given[0]) is np.ndarray and 0 < given[0].size <= FEW:
            return function(*given)
        arrays = [np.asarray(a) for a in given]
        *rows, p = arrays[0].shape or (0,)
        count = math.prod(rows)
        whole = arrays[0].dtype == object or not (rows and p and count)
        if whole or any(list(a.shape[: len(rows)]) != rows for a in arrays):
            return function(*arrays)
        height = min(count, max(1, BLOCK // p))
        if height == count and height <= p:
            return function(*arrays)
        stacked = [a.reshape(count, *a.shape[len(rows) :]) for a in arrays]
        results = []
        for i in range(0, count, height):
            block = [a[i : i + height] for a in stacked]
            results.append(function(*(np.asfortranarray(a) if height > p else a for a in block)))
        if isinstance(results[0], tuple):
            return tuple(_joined(parts, rows) for parts in zip(*results, strict=True))
        return _joined(results, rows)

    return cast(Function, evaluated)


def _joined(parts: Sequence[Array], rows: Sequence[int]) -> Array:
    """Return the results of all blocks as one array, in the usual order of memory."""
    if len(parts) == 1:
        return np.ascontiguousarray(parts[0]).reshape(*rows, *parts[0].shape[1:])
    out = np.empty((math.prod(rows), *parts[0].shape[1:]), dtype=parts[0].dtype)
    np.concatenate(parts, out=out)
    return out.reshape(*rows, *out.shape[1:])
