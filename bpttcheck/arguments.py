"""Single arguments: whole numbers, numbers and generators, refused by name where they are not."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np


def whole(name: str, given: Any, least: int = 1, most: int | None = None) -> int:
    """Return a whole number from ``least`` on, Python's or NumPy's.

    Raises:
        ValueError: it is none, or outside.
    """
    is_one = isinstance(given, int | np.integer) and not isinstance(given, bool)
    if not is_one or given < least or (most is not None and given > most):
        to = "" if most is None else f" and ≤ {most:,}"
        raise ValueError(f"{name}: expected a whole number ≥ {least}{to}, got {shown(given)}")
    return int(given)


def number(name: str, given: Any) -> float:
    """Return a finite number.

    Raises:
        ValueError: it is none.
    """
    is_one = isinstance(given, numbers.Real) and not isinstance(given, bool)
    try:
        found = float(given) if is_one else math.nan
    except OverflowError:  # a whole number beyond all floats
        found = math.inf
    if not math.isfinite(found):
        raise ValueError(f"{name}: expected a finite number, got {shown(given)}")
    return found


def positive(name: str, given: Any) -> float:
    """Return a finite number above zero.

    Raises:
        ValueError: it is none.
    """
    found = number(name, given)
    if not found > 0:
        raise ValueError(f"{name}: expected a finite number > 0, got {shown(given)}")
    return found


def generator(name: str, given: Any) -> np.random.Generator:
    """Return a generator of random numbers.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(given, np.random.Generator):
        raise TypeError(f"{name}: expected a numpy.random.Generator, got {type(given).__name__}")
    return given


def shown(given: Any) -> str:
    """Return what was given as an error shows it: of a long one the beginning."""
    try:
        text = repr(given)
    except ValueError:  # a whole number of more digits than Python prints
        text = f"a whole number of {given.bit_length():,} bits"
    return text if len(text) <= 60 else f"{text[:57]}…"
