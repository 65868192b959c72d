"""Arguments of checks and adaptors, refused by name where they are of the wrong kind."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable, Mapping
from typing import Any

from bpttcheck.arguments import shown, whole


def function(name: str, given: Any) -> Callable[..., Any]:
    """Return a function that was given as an argument.

    Raises:
        TypeError: it is none.
    """
    if not callable(given):
        raise TypeError(f"{name}: expected a function, got {type(given).__name__}")
    return given  # type: ignore[no-any-return]


def mapping(name: str, given: Any, to: str = "arrays") -> Mapping[str, Any]:
    """Return a mapping that was given as an argument.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"{name}: expected a mapping of names to {to}, got {type(given).__name__}")
    return given


def seed(given: Any) -> int:
    """Return a seed.

    Raises:
        ValueError: no whole number ≥ 0.
    """
    return whole("seed", given, 0)


def seconds(name: str, given: Any) -> float | None:
    """Return a limit of time, None for none.

    Raises:
        ValueError: no number > 0, or more than a float holds.
    """
    if given is None:
        return None
    number = isinstance(given, numbers.Real) and not isinstance(given, bool)
    if not number or not given > 0:
        raise ValueError(f"{name}: expected a number > 0 or None, got {shown(given)}")
    try:
        return float(given)
    except OverflowError:
        largest = f"{sys.float_info.max:.3g}"
        raise ValueError(
            f"{name}: expected a number > 0 and ≤ {largest}, or None, got {shown(given)}"
        ) from None
