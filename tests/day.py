"""The day's share of many cases: by day some of them, in turn, and at night all.

The day is the number of days since 1970-01-01 UTC, or ``BPTTCHECK_DAY``, and ``BPTTCHECK_DAY=all``
asks for all cases; pytest says the day where something fails, and whoever sets it gets the same.
"""

import os
import time
from collections.abc import Iterable
from typing import TypeVar

import pytest

Case = TypeVar("Case")

NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
# It is left in the environment, so that workers started around midnight agree.
DAY = os.environ.setdefault("BPTTCHECK_DAY", str(int(time.time()) // 86_400))


def share(cases: Iterable[Case], days: int, day: str = DAY, night: bool = NIGHT) -> list[Case]:
    """Return the day's share, one case in ``days``: each is met within as many days."""
    every = list(cases)
    if night or day == "all":
        return every
    if not day.isdecimal():
        raise ValueError(f"BPTTCHECK_DAY: expected a whole number of days or all, got {day!r}")
    days = max(1, min(days, len(every)))  # some case every day
    return every[int(day) % days :: days]


def in_turn(days: int, turn: int = 0) -> pytest.MarkDecorator:
    """Return a mark for a long test, which is met every so many days, and at night."""
    today = NIGHT or DAY == "all" or int(DAY) % days == turn % days
    return pytest.mark.skipif(not today, reason=f"in turn, every {days} days")
