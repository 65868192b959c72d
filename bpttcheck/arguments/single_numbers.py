"""Kinds of numbers: whole ones, finite ones, seconds, seeds."""

from __future__ import annotations

import math
import numbers
import sys
from typing import Any

from bpttcheck.arguments.declared import Kind
from bpttcheck.arguments.wording import shown


def count(least: int = 1, most: int | None = None) -> Kind:
    """Return the kind of whole numbers from ``least`` on, Python's or NumPy's."""

    def whole(name: str, given: Any) -> int:
        is_one = isinstance(given, numbers.Integral) and not isinstance(given, bool)
        if not is_one or given < least or (most is not None and given > most):
            beyond = is_one and given >= least
            to = f" and ≤ {most:,}" if beyond else ""
            raise ValueError(f"{name}: expected a whole number ≥ {least}{to}, got {shown(given)}")
        return int(given)

    return whole


seed: Kind = count(0, 2**128 - 1)
"""The kind of seeds: as NumPy's generators keep them, of 128 bits."""


def _float(given: Any) -> float | None:
    """Return a real number as a float; infinite beyond all; None for other things."""
    if isinstance(given, bool) or not isinstance(given, numbers.Real):
        return None
    try:
        return float(given)
    except OverflowError:  # a whole number beyond all floats
        return math.inf if given > 0 else -math.inf  # type: ignore[operator]
    except Exception:  # of a class that only says that it is a number
        return None


def finite(name: str, given: Any) -> float:
    """Return a finite number.

    Raises:
        ValueError: it is none.
    """
    found = _float(given)
    if found is None or not math.isfinite(found):
        raise ValueError(f"{name}: expected a finite number, got {shown(given)}")
    return found


def positive(name: str, given: Any) -> float:
    """Return a finite number above zero.

    Raises:
        ValueError: it is none.
    """
    found = _float(given)
    if found is None or not 0 < found < math.inf:
        raise ValueError(f"{name}: expected a finite number > 0, got {shown(given)}")
    return found


def seconds(name: str, given: Any) -> float | None:
    """Return a limit of time, None for none.

    Raises:
        ValueError: no number > 0, or more than a float holds.
    """
    if given is None:
        return None
    found = _float(given)
    if found is None or not found > 0:
        raise ValueError(f"{name}: expected a number > 0 or None, got {shown(given)}")
    if found == math.inf and math.inf != given:
        largest = f"{sys.float_info.max:.3g}"
        raise ValueError(
            f"{name}: expected a number > 0 and ≤ {largest}, or None, got {shown(given)}"
        )
    return found
