"""A check that leaves the process as it was: random generators, signal handlers, limits."""

from __future__ import annotations

import contextlib
import decimal
import pickle
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from bpttcheck.check.program.clock import many_limits


class Randomness:
    """The state of the generators at one time."""

    def __init__(self) -> None:
        self._python = random.getstate()
        self._numpy: Any = np.random.get_state(legacy=False)
        torch = sys.modules.get("torch")
        self._torch = torch.get_rng_state() if torch is not None else None

    def restore(self) -> None:
        """Put the generators back into this state."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        if self._torch is not None:
            sys.modules["torch"].set_rng_state(self._torch)

    def moved(self) -> bool:
        """Tell whether a number has been drawn since."""
        now = Randomness()
        tensors = self._torch is None or bool((self._torch == now._torch).all())
        same = self._python == now._python and tensors
        return not (same and pickle.dumps(self._numpy) == pickle.dumps(now._numpy))


_INTERRUPTED = threading.Event()
_LOCK = threading.Lock()


def interrupted() -> bool:
    """Tell whether Ctrl-C was heard in the check of this thread, which may have swallowed it."""
    return _INTERRUPTED.is_set() and _main()


def _main() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def undisturbed() -> Iterator[Randomness]:
    """Put back what calls in the block change of the process, when the last such block ends.

    Yields the state of the random generators as the block begins. Time limits within it are cheap.
    Only the main thread has signals. A call that swallows Ctrl-C is the last one of its check.
    What is computed in the block does not follow ``numpy.seterr``, whatever somebody has set: what
    is not finite is told where it matters.
    """
    with _LOCK:
        before = _SHARED.enter()
    try:
        handlers = _handlers() if _main() else contextlib.nullcontext()
        with decimal.localcontext(), np.errstate(all="ignore"), handlers, many_limits():
            yield before
    finally:
        with _LOCK:
            _SHARED.leave()


class _Shared:
    """What belongs to the process: the first block keeps it, the last one puts it back."""

    def __init__(self) -> None:
        self.running = 0
        self._limit = sys.getrecursionlimit()
        self._randomness: Randomness | None = None

    def enter(self) -> Randomness:
        """Keep it, if nobody has; return the state of the generators by now."""
        self.running += 1
        now = Randomness()
        if self.running == 1:
            self._limit, self._randomness = sys.getrecursionlimit(), now
        return now

    def leave(self) -> None:
        """Put it back, if nobody is left."""
        self.running -= 1
        if not self.running and self._randomness is not None:
            self._randomness.restore()
            sys.setrecursionlimit(self._limit)


_SHARED = _Shared()


_SIGNALS = (signal.valid_signals() if sys.platform != "win32" else set()) - {signal.SIGINT}


@contextmanager
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_SIGNALS)}

    def heard(number: int, frame: FrameType | None) -> None:
        _INTERRUPTED.set()
        signal.default_int_handler(number, frame)

    mine = before[signal.SIGINT] is signal.default_int_handler
    if mine:  # otherwise it is another's affair, an outer block's for one
        _INTERRUPTED.clear()
        signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        if mine:
            _INTERRUPTED.clear()
        for number, handler in before.items():
            if handler is not None and signal.getsignal(number) is not handler:
                with contextlib.suppress(OSError, ValueError):  # SIGKILL and its like
                    signal.signal(number, handler)


@contextmanager
def randomness_kept() -> Iterator[None]:
    """Leave the global random generators as they were, and what else the process shares."""
    with undisturbed() as before:
        try:
            yield
        finally:
            before.restore()
