"""Somebody's function called so that nothing outside it is left changed, in several threads too.

Streams and warning filters belong to the process. The first call that runs redirects them, the last
one puts them back, and what other threads print meanwhile goes where it would have gone.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.check.program import raised
from bpttcheck.check.program.clock import OutOfTime, Spent, current, time_limit
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.process_state import interrupted

SHORTEST = 1e-3
"""Seconds; no alarm is set for less: one of zero would be none at all."""

shown = False
"""Whether what somebody's code prints is let through: the process is theirs alone."""

process: int | None = None
"""The process that a check is all there is to: copies that a call makes of it end with the call."""


class _Counting(io.RawIOBase):
    """Takes bytes and keeps their number alone."""

    written = 0

    def writable(self) -> bool:
        """Tell that it takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes."""
        self.written += len(data)
        return len(data)


class Seen:
    """What a call did besides returning: whether it ``printed``, and what else it ``changed``."""

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}

    @cached_property
    def _bytes(self) -> _Counting:
        return _Counting()

    @cached_property
    def stream(self) -> io.TextIOWrapper:
        """The stream that it prints to, made when it does."""
        buffer = io.BufferedWriter(self._bytes)
        return io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace")

    @property
    def printed(self) -> bool:
        """Whether anything was written to stdout or stderr."""
        if "stream" not in vars(self):
            return False
        with contextlib.suppress(ValueError):  # closed, and flushed by that
            self.stream.flush()
        return self._bytes.written > 0


class _Proxy:
    """Stands for a stream while calls run: each of their threads has its own, others have it."""

    def __init__(self, stream: Any) -> None:
        self.__dict__["_stream"] = stream

    def _here(self) -> Any:
        stack = _LOCAL.seen
        return stack[-1].stream if stack else self.__dict__["_stream"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._here(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._here(), name, value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._here())

    def __enter__(self) -> Any:
        return self._here().__enter__()

    def __exit__(self, *error: object) -> Any:
        return self._here().__exit__(*error)


class _Local(threading.local):
    """What the calls that run in this thread do, the innermost last."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []


_LOCAL = _Local()
_NOTHING = contextlib.nullcontext()
_LOCK = threading.Lock()


class _Redirected:
    """What belongs to the process, and is changed from the first call that runs to the last."""

    def __init__(self) -> None:
        self.running = 0
        self._streams: dict[str, tuple[_Proxy, Any]] = {}
        self._warnings: Any = None
        self._folder: str | None = None

    def enter(self) -> None:
        """Redirect, if nobody has."""
        self.running += 1
        if self.running == 1:
            self._streams = {}
            self._folder = _folder()
            for name in ("stdout", "stderr"):
                stream = getattr(sys, name)
                self._streams[name] = _Proxy(stream), stream
            self._warnings = warnings.catch_warnings() if not OWN_WARNINGS else None
            if self._warnings is not None:
                self._warnings.__enter__()
                warnings.filters = _QUIET.copy()
        elif self._warnings is not None:
            _silence()
        for name, (proxy, _) in self._streams.items():
            setattr(sys, name, proxy)

    def leave(self) -> bool:
        """Put everything back, if nobody needs it any more; tell whether the folder was another."""
        self.running -= 1
        for name, (proxy, stream) in self._streams.items():
            setattr(sys, name, proxy if self.running else stream)
        if self.running:
            return False
        if self._warnings is not None:
            self._warnings.__exit__(None, None, None)
        moved = self._folder is not None and _folder() != self._folder
        if moved:
            with contextlib.suppress(OSError):
                os.chdir(str(self._folder))
        return moved


_SHARED = _Redirected()


def _silence() -> None:
    warnings.simplefilter("ignore")
    # Where an imaginary part is dropped with a warning, no complex step is possible.
    warnings.simplefilter("error", np.exceptions.ComplexWarning)


with warnings.catch_warnings():
    warnings.resetwarnings()
    _silence()
    _QUIET = list(warnings.filters)
    """The filters that this makes: to make them takes longer than many a small call."""


OWN_WARNINGS = bool(getattr(sys.flags, "context_aware_warnings", False))
"""Whether each thread has filters of its own, as Python 3.14 can be told."""

before_each: Callable[[], None] | None = None
"""Called before somebody's code is: whoever waits may be told that it is at work."""


@contextmanager
def contained() -> Iterator[Seen]:
    """Run one call of somebody's code: what it prints is kept off, its folder is put back.

    Warnings and NumPy's floating-point errors are silent. An interrupt that it swallows is raised
    at the end of the block, if ``undisturbed`` is around it.
    """
    if before_each is not None:
        before_each()
    seen = Seen()
    stack = _LOCAL.seen
    depth = len(stack)
    with _LOCK:
        _SHARED.enter()
    if not shown:
        stack.append(seen)
    try:
        with np.errstate(all="ignore"):
            if not OWN_WARNINGS:
                yield seen
            else:
                with warnings.catch_warnings():
                    _silence()
                    yield seen
    finally:
        del stack[depth:]
        with _LOCK:
            moved = _SHARED.leave()
        if moved:
            seen.changed["folder"] = "changes the working folder"
    if process is not None and os.getpid() != process:  # a fork of the call that came back here
        os._exit(0)
    if interrupted():
        raise KeyboardInterrupt


def call(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    what: str,
    seconds: float | None,
    around: AbstractContextManager[Any] = _NOTHING,
) -> tuple[Any, Seen]:
    """Return what somebody's function returns, and what it did besides.

    Arguments:
        function: what is called.
        arguments: its own: it may change them.
        what: its name in messages.
        seconds: the limit; what is left of the budget is one, too.
        around: a context that it runs in.

    Raises:
        Broken: it raised, exited, or gave no answer in time.
        Spent: the budget is over.
    """
    budget = current()
    budget.strike()
    limit = max(budget.left, SHORTEST)
    if seconds is not None:
        limit = min(limit, seconds)
    try:
        with contained() as seen, around, time_limit(None if limit == math.inf else limit):
            return function(*arguments), seen
    except OutOfTime as late:
        if budget.left <= SHORTEST:
            raise Spent from late
        error: BaseException = late
        kind, done = "time", f"no answer within {limit:g} s"
    except SystemExit as left:
        kind, done, error = "exit", f"called sys.exit({left.code!r})", left
    except BaseException as other:
        if not raised.ours_to_report(other):
            raise
        kind, done, error = "raised", f"raised {raised.said(other)}", other
    raise Broken(kind, f"{what}: {done}", where=raised.where(error)) from error


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None
