"""The only two questions that the reference functions ask of the order of numbers.

A softmax shifts by the largest logit, and σ picks the branch that does not overflow. Both choices
are for accuracy alone: *any* answer gives the same value in exact arithmetic. So a number system
without an order (a prime field) may answer as it likes, and complex numbers answer with their
real part. ReLU asks a question whose answer matters: :func:`positive`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array


def _keys(a: Array) -> Array:
    """Real numbers that stand in for ``a`` where the answer only steers accuracy."""
    if a.dtype != object:
        return np.asarray(a.real)
    keys: Any = np.frompyfunc(lambda z: z.order_key(), 1, 1)
    return np.asarray(keys(a), dtype=np.float64)


def leading(a: Array) -> Array:
    """Return the index of a largest entry along the last axis, which is kept with length one."""
    return np.asarray(_keys(a).argmax(axis=-1, keepdims=True))


Places: TypeAlias = tuple[Array, Array]
"""One entry of each row: which row, which entry."""


def places(index: Array) -> Places:
    """Return the places of the entries of rows (…, p) that have the given index (…, 1)."""
    return np.arange(index.size), index.reshape(-1)


def entry(a: Array, at: Places) -> Array:
    """Return an entry of each row (…, p): (…, 1)."""
    found = a.reshape(-1, a.shape[-1])[at]
    return np.asarray(found.reshape(*a.shape[:-1], 1))


def replaced(a: Array, at: Places, value: Array) -> Array:
    """Return a copy of the rows (…, p) with an entry of each replaced by a value (…, 1)."""
    result = a.copy(order="K" if a.ndim == 2 else "C")  # whose rows can be written to
    result.reshape(-1, a.shape[-1])[at] = value.reshape(-1)
    return result


def shift(a: Array, leader: Places) -> Array:
    """Return what a softmax takes off its logits: the leading entry, or zero without an order.

    Without a shift, the field's symbols are the e^(o_i) that the textbook formulas name.
    """
    largest = entry(a, leader)
    if a.dtype != object or a.reshape(-1)[0].ordered:
        return largest
    return np.asarray(0 * largest)


def looks_negative(a: Array) -> Array:
    """Return where ``a`` is negative, for a choice of branch that cannot change the value."""
    return np.asarray((a if a.dtype.kind == "f" else _keys(a)) < 0)


def positive(a: Array) -> Array:
    """Return where ``a`` is positive, for a choice that *does* change the value (ReLU).

    Raises:
        Inapplicable: the number system cannot tell (a prime field, a ball around zero).
    """
    a = np.asarray(a)
    if a.dtype != object:
        return np.asarray(a.real > 0)
    decide: Any = np.frompyfunc(lambda z: z.is_positive(), 1, 1)
    return np.asarray(decide(a), dtype=bool)
