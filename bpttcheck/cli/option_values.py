"""Values of options, from their text."""

from __future__ import annotations

import argparse

from bpttcheck.arguments.wording import shown


def positive(text: str) -> int:
    """Return a whole number ≥ 1."""
    return _whole(text, 1)


def natural(text: str) -> int:
    """Return a whole number ≥ 0."""
    return _whole(text, 0)


MOST = 2**128 - 1
"""Of seeds as of cases: as many as NumPy's generators take."""


def _whole(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= MOST:
        raise argparse.ArgumentTypeError(f"expected a whole number ≥ {least}, got {shown(text)}")
    return number


LONGEST = 1e6
"""Seconds: no timer of the system has to count further, and nobody waits for eleven days."""


def seconds(text: str) -> float:
    """Return a number > 0 that timers can count."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"expected a number of seconds > 0, at most {LONGEST:,.0f}, got {shown(text)}"
        )
    return number


def names(text: str) -> list[str]:
    """Return names that are separated by commas."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"expected names, such as W,b, got {shown(text)}")
    return found
