"""What can be done at a step on the way back: multiply entry by entry, by a matrix, copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array

Done: TypeAlias = Callable[[int], None]
"""One thing that is done at each step t on the way back."""

Rows: TypeAlias = list[Any]
"""An array's rows, that of step t at t: views in a list are read faster than those of an array."""


def times(source: Rows, factor: Array, into: Rows, add: bool) -> Done:
    """Multiply entry by entry, at a step."""
    f: Rows = [None, *factor]
    if not add:

        def put(t: int) -> None:
            np.multiply(source[t], f[t], out=into[t])

        return put
    room = np.empty_like(source[-1])

    def more(t: int) -> None:
        row = into[t]
        row += np.multiply(source[t], f[t], out=room)

    return more


def by_matrix(source: Rows, W: Array, into: Rows, add: bool) -> Done:
    """Multiply by a matrix, at a step."""
    if not add:

        def put(t: int) -> None:
            np.matmul(source[t], W, out=into[t])

        return put
    room = np.empty_like(into[-1])

    def more(t: int) -> None:
        row = into[t]
        row += np.matmul(source[t], W, out=room)

    return more


def copied(source: Rows, into: Rows) -> Done:
    """Copy, at a step."""

    def copy(t: int) -> None:
        into[t][...] = source[t]

    return copy
