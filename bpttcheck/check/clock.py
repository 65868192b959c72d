"""A budget of seconds that several steps of a check share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Spent(BaseException):
    """The budget is over. Not an Exception, so that no ``except Exception`` goes on without it."""


class Clock:
    """Counts down from ``seconds``; None never runs out. Counts the calls that were made, too."""

    def __init__(
        self, seconds: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self.seconds = seconds
        self._end = math.inf if seconds is None else now() + seconds
        self.losses = 0
        self.gradients = 0

    @property
    def left(self) -> float:
        """Seconds that are left: 0 at the least, infinity without a limit."""
        return max(0.0, self._end - self._now())

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.left == 0.0

    def count(self, losses: int = 0, gradients: int = 0) -> None:
        """Count calls that are about to be made.

        Raises:
            Spent: nothing is left for them.
        """
        self.strike()
        self.losses += losses
        self.gradients += gradients

    def strike(self) -> None:
        """Do nothing while something is left.

        Raises:
            Spent: nothing is.
        """
        if self.over:
            raise Spent


_CURRENT: ContextVar[Clock | None] = ContextVar("budget", default=None)


def current() -> Clock:
    """Return the clock of the check that runs; one that never runs out where there is none."""
    return _CURRENT.get() or Clock()


@contextmanager
def within(clock: Clock) -> Iterator[None]:
    """Let every call of somebody's code in the block count against a clock."""
    token = _CURRENT.set(clock)
    try:
        yield
    finally:
        _CURRENT.reset(token)
