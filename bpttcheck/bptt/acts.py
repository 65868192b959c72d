"""What can be done at a step on the way back: multiply entry by entry, by a matrix, copy."""

from __future__ import annotations

from itertools import repeat

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.each_row import Calls, copies, matrix_product

Rows = list[Array]
"""An array's rows, that of the last step first: views in a list are read faster than an array's."""


def times(source: Rows, factor: Array, into: Rows, add: bool) -> Calls:
    """Return the calls that multiply entry by entry; the factor is of all steps, first to last."""
    back = factor[::-1]
    if not add:
        return [map(np.multiply, source, back, into)]
    room = repeat(np.empty_like(into[0]))
    return [map(np.multiply, source, back, room), map(np.add, into, room, into)]


def by_matrix(source: Rows, W: Array, into: Rows, add: bool) -> Calls:
    """Return the calls that multiply by a matrix."""
    room = np.empty_like(into[0]) if add else into[0]
    by = matrix_product(source[0], W, room)
    if not add:
        return [map(by, source, repeat(W), into)]
    rooms = repeat(room)
    return [map(by, source, repeat(W), rooms), map(np.add, into, rooms, into)]


def copied(source: Rows, into: Rows) -> Calls:
    """Return the call that copies."""
    return [copies(source, into)]
