"""Values of options, from their text."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> int:
    """Return a whole number ≥ 1."""
    return _whole(text, 1)


def natural(text: str) -> int:
    """Return a whole number ≥ 0."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"expected a whole number ≥ {least}, got {text!r}")
    return number


def seconds(text: str) -> float:
    """Return a finite number > 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of seconds > 0, got {text!r}")
    return number


def names(text: str) -> list[str]:
    """Return names that are separated by commas."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"expected names, such as W,b, got {text!r}")
    return found
