"""Budgets of seconds, and a time limit on one call, as far as pure Python can set one."""

from __future__ import annotations

import gc
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType


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


class OutOfBudget(Exception):
    """The budget was over while something was done."""


def go_on(clock: Clock, doing: str) -> None:
    """Raise :class:`OutOfBudget` if there is no time left."""
    if clock.over:
        raise OutOfBudget(doing)


class OutOfTime(BaseException):
    """The limit has passed. Not an Exception, so that a user's ``except Exception`` lets it by."""


WHY_NOT = "that needs Unix, the main thread, and no alarm (SIGALRM) of another"
"""What is missing where no limit is available."""


SHORTEST, LONGEST = 1e-6, 1e8
"""Seconds: a timer that is set to less is not set; three years is what each can be set to."""


def available() -> bool:
    """Tell whether a limit can be set: on the main thread, where no other alarm is running."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return False
    return bool(_ON) or (
        signal.getsignal(signal.SIGALRM) in (signal.SIG_DFL, signal.SIG_IGN, None)
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )


WEAKLY = ("weakref", "_weakrefset")
"""Modules whose functions run when what they refer to is gone."""


def _is_collecting(frame: FrameType | None) -> bool:
    """Tell whether something runs that an object leaves behind, or the collector calls.

    What is raised there is swallowed, and printed as an error that nobody caught.
    """
    callbacks = {getattr(one, "__code__", None) for one in gc.callbacks}
    while frame is not None:
        code = frame.f_code
        if code in callbacks or code.co_name == "__del__":
            return True
        if frame.f_globals.get("__name__") in WEAKLY:
            return True
        frame = frame.f_back
    return False


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise :class:`OutOfTime` in the block when it takes longer, or a limit around it is over.

    The alarm is heard between two lines of Python: a single call into C that never returns is
    not interrupted, and neither is anything off the main thread.
    """
    if sys.platform == "win32" or seconds is None or not available():
        yield
        return
    if not _ON:
        with many_limits(), time_limit(seconds):
            yield
        return
    alarm = _ON[-1]
    before = alarm.end
    try:
        alarm.set(min(before, time.monotonic() + seconds))
        yield
    finally:
        alarm.end = before  # at once: what rings from here on is late
        alarm.set(before)


@contextmanager
def many_limits() -> Iterator[None]:
    """Put the alarm on, once for all limits in the block: that takes longer than to set it."""
    if sys.platform == "win32" or _ON or not available():
        yield
        return
    before = signal.getsignal(signal.SIGALRM)
    _ON.append(_Alarm())
    try:
        yield
    finally:
        _ON.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Alarm:
    """The alarm of the process, which rings when the nearest of the limits is over: at ``end``."""

    def __init__(self) -> None:
        self.end = math.inf

    def set(self, end: float) -> None:
        """Let it ring at a time of the monotonic clock; infinity is never."""
        self.end = end
        if end == math.inf:
            signal.setitimer(signal.ITIMER_REAL, 0)
            return
        if signal.getsignal(signal.SIGALRM) != self._ring:  # not yet, or somebody's code took it
            signal.signal(signal.SIGALRM, self._ring)
        left = min(max(end - time.monotonic(), SHORTEST), LONGEST)
        # It rings again, for code that swallows the first one.
        signal.setitimer(signal.ITIMER_REAL, left, max(left / 10, 0.01))

    def _ring(self, _signal: int, frame: FrameType | None) -> None:
        if time.monotonic() < self.end:  # for a limit that was over while it rang
            self.set(self.end)
        elif not _is_collecting(frame):
            raise OutOfTime


_ON: list[_Alarm] = []
"""The alarm, while it is on."""
