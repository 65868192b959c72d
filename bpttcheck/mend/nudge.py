"""A value changed a little where it is made, to see what depends on it and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.values import array_of

NAME = "__bpttcheck_nudged__"

Shift = Callable[[Array, int], Array | None]
"""What is added to an array at a visit, counted from 0; None for nothing."""


class Nudged(Expression):
    """An expression in which the value of ``NAME(…)`` is shifted at some visits."""

    __slots__ = ("_shift", "visits")

    def __init__(self, text: str, owner: str, shift: Shift) -> None:
        super().__init__(text, owner)
        self._shift = shift
        self.visits = 0

    def value(self, names: Mapping[str, Any], local: Mapping[str, Any]) -> Any:
        """Return its value with the globals and locals of a frame."""
        return eval(self.code, {**names, **local, NAME: self._nudged})

    def _nudged(self, value: Any) -> Any:
        self.visits += 1
        return shifted(value, lambda array: self._shift(array, self.visits - 1))


def shifted(value: Any, shift: Callable[[Array], Array | None]) -> Any:
    """Return a value with its arrays shifted, those of a tuple, list or mapping each."""
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(shifted(one, shift) for one in value)
    if type(value) is list:
        return [shifted(one, shift) for one in value]
    if type(value) is dict:
        return {key: shifted(one, shift) for key, one in value.items()}
    array = array_of(value)
    if array is None or array.dtype.kind != "f":
        return value
    change = shift(array)
    if change is None:
        return value
    moved = change.astype(array.dtype)
    if isinstance(value, float):
        return value + float(moved)
    if isinstance(value, np.ndarray | np.generic):
        return value + moved
    return value + _like(value, moved)


def _like(value: Any, array: Array) -> Any:
    """Return an array as one of the library that a value is of."""
    make = getattr(value, "new_tensor", None)
    return array if make is None else make(array)


def signs(shape: tuple[int, ...], number: int) -> Array:
    """Return random numbers of either sign, the same for a shape whenever they are asked."""
    rng = np.random.default_rng([number, *shape])
    drawn: Array = rng.uniform(0.5, 1.0, shape) * rng.choice((-1.0, 1.0), shape)
    return drawn
