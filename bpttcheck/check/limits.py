"""A time limit for code that may hang, as far as pure Python can set one."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """The limit has passed. Not an Exception, so that a user's ``except Exception`` lets it by."""


WHY_NOT = "that needs Unix, the main thread, and no alarm (SIGALRM) of another"
"""What is missing where no limit is available."""


def available() -> bool:
    """Tell whether a limit can be set: on the main thread, where no other alarm is running."""
    if sys.platform == "win32":
        return False
    return (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) in (signal.SIG_DFL, signal.SIG_IGN, None)
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise :class:`OutOfTime` in the block when it takes longer than ``seconds``.

    The alarm is heard between two lines of Python: a single call into C that never returns is
    not interrupted, and neither is anything off the main thread.
    """
    if sys.platform == "win32" or seconds is None or not available():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again, for code that swallows the first one.
    signal.setitimer(signal.ITIMER_REAL, seconds, max(seconds / 10, 0.01))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
