"""Floats that count their products: what an algorithm costs, whatever the machine does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array


class Count:
    """How many products there were."""

    products = 0


_counts: list[Count] = []


class Counted(float):
    """A float that counts the products that it is a factor of."""

    def __mul__(self, other: Any) -> Counted:
        for count in _counts:
            count.products += 1
        return Counted(float(self) * float(other))

    __rmul__ = __mul__

    def __add__(self, other: Any) -> Counted:
        return Counted(float(self) + float(other))

    __radd__ = __add__


def counted(values: Any) -> Array:
    """Return an array of floats that count."""
    return np.asarray(np.frompyfunc(Counted, 1, 1)(np.asarray(values, dtype=np.float64)), object)


@contextmanager
def counting() -> Iterator[Count]:
    """Count the products of :class:`Counted` numbers within."""
    count = Count()
    _counts.append(count)
    try:
        yield count
    finally:
        _counts.remove(count)
