"""The only two questions that the reference functions ask of the order of numbers.

A softmax shifts by the largest logit, and σ picks the branch that does not overflow. Both choices
are for accuracy alone: *any* answer gives the same value in exact arithmetic. So a number system
without an order (a prime field) may answer as it likes, and complex numbers answer with their
real part. ReLU asks a question whose answer matters: :func:`positive`.
"""

from __future__ import annotations

from typing import Any

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
    return np.asarray(np.argmax(_keys(a), axis=-1, keepdims=True))


def entry(a: Array, index: Array) -> Array:
    """Return the entry of each row (…, p) that has the given index (…, 1), kept with length one."""
    rows = a.reshape(-1, a.shape[-1])
    return np.asarray(rows[np.arange(len(rows)), index.reshape(-1)].reshape(index.shape))


def replaced(a: Array, index: Array, value: Array) -> Array:
    """Return a copy of the rows (…, p) with the entry of the given index (…, 1) replaced."""
    result = a.copy(order="K" if a.ndim == 2 else "C")  # whose rows can be written to
    rows = result.reshape(-1, a.shape[-1])
    rows[np.arange(len(rows)), index.reshape(-1)] = value.reshape(-1)
    return result


def shift(a: Array, leader: Array) -> Array:
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
