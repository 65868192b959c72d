"""What is called at each step, in order, with no Python between the calls of NumPy.

A call is an iterator: its next result is that of the next step. Small networks pay for what stands
between their calls, so the calls of all steps of a block are listed once, and then made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array

Rows: TypeAlias = Iterable[Any]
"""Rows of an array, that of each step; views in a list, which are read faster than an array's."""

Calls: TypeAlias = list[Iterator[Any]]


def perform(calls: Calls) -> None:
    """Make the calls of each step, in order; it is over when the first rows are."""
    deque(zip(*calls, strict=False), maxlen=0)


def copies(source: Rows, into: Rows) -> Iterator[Any]:
    """Return the call that copies rows."""
    return map(np.ndarray.__setitem__, into, repeat(...), source)


def matrix_product(row: Array, matrix: Array, out: Array) -> Callable[..., Any]:
    """Return what writes row @ matrix, taking all three: of small floats ``dot`` is faster."""
    flat = row.ndim <= 2 and matrix.ndim == 2 and out.flags.c_contiguous
    alike = row.dtype == matrix.dtype == out.dtype
    return np.ndarray.dot if flat and alike and row.dtype != object else np.matmul
