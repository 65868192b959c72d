"""Large float arrays, evaluated a block at a time, so that what is made on the way stays in cache.

A function of twenty NumPy calls reads and writes memory twenty times; in blocks it does so once.
The functions know nothing of it: an entry, or a row, is computed by the same operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps

import numpy as np

from bpttcheck.arithmetic.base import Array

BLOCK = 3 << 12
"""Entries in a block: 96 KiB of doubles, some of which fit in a second-level cache. From
128 KiB on, C libraries may ask the operating system for every array anew, which costs more than
its use."""


def entrywise(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Evaluate a function of each entry in blocks of entries."""

    @wraps(function)
    def evaluated(a: Array) -> Array:
        a = np.asarray(a)
        if a.size <= BLOCK or a.dtype == object:
            return function(a)
        entries = a.reshape(-1)
        out = np.empty(entries.shape, dtype=a.dtype)
        for i in range(0, len(entries), BLOCK):
            out[i : i + BLOCK] = function(entries[i : i + BLOCK])
        return out.reshape(a.shape)

    return evaluated


def rowwise(function: Callable[..., Array]) -> Callable[..., Array]:
    """Evaluate a function of rows (…, p), with as many others beside them, in blocks of rows.

    The longer axis of a block is made the contiguous one: loops over ten classes cost more than
    what they do.
    """

    @wraps(function)
    def evaluated(o: Array, *others: Array) -> Array:
        o, *others = arrays = [np.asarray(a) for a in (o, *others)]
        *rows, p = o.shape or (0,)
        k, count = len(rows), math.prod(rows)
        height = min(count, max(1, BLOCK // max(p, 1)))
        order = "F" if height > p else "C"
        if o.dtype == object or any(a.shape[:k] != tuple(rows) for a in others):
            return function(*arrays)
        if k == 0 or o.size == 0 or (height == count and order == "C"):
            return function(*arrays)
        flat = [a.reshape(count, *a.shape[k:]) for a in arrays]
        parts = [
            function(*(np.asarray(a[i : i + height], order=order) for a in flat))
            for i in range(0, count, height)
        ]
        out = np.empty((count, *parts[0].shape[1:]), dtype=parts[0].dtype)
        np.concatenate(parts, out=out)
        return out.reshape(*rows, *out.shape[1:])

    return evaluated
