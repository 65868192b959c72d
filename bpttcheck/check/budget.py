"""A diagnosis whose budget is over stops, and says what it was at."""

from __future__ import annotations

from bpttcheck.check.clock import Clock


class OutOfBudget(Exception):
    """The budget was over while something was done."""


def go_on(clock: Clock, doing: str) -> None:
    """Raise :class:`OutOfBudget` if there is no time left."""
    if clock.over:
        raise OutOfBudget(doing)
