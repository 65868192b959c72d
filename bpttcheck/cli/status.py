"""How far a check is, on stderr: one line that changes on a terminal, a few lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time

FIRST, EVERY, REDRAWN = 2.0, 10.0, 0.1
"""Seconds: before the first line, between two where there is no terminal, and on one."""


class Status:
    """Says what is done, how much of it, and for how long; nothing where a check is short."""

    def __init__(self, label: str = "") -> None:
        self._label = f"{label}: " if label else ""
        self._start = self._next = time.monotonic()
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._next += 0.5 if self._live else FIRST
        self._what = "starting"
        self._phase = ""
        self._shown = ""
        self.calls = 0

    def progress(self, what: str, done: int, total: int) -> None:
        """Take in how far it is."""
        self._what = f"{what}: {done} of {total}" if total > 1 else what
        if what != self._phase and not self._live:
            self._next = min(self._next, max(time.monotonic(), self._start + FIRST))
        self._phase = what
        self.tick()

    def tick(self) -> None:
        """Show it, if that is due."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (REDRAWN if self._live else EVERY)
        calls = f"{self.calls:,} calls, " if self.calls else ""
        text = f"{self._label}{self._what}, {calls}{now - self._start:.0f} s"
        if not self._live:
            self._write(f"{text}\n")
        elif text != self._shown:
            self._shown = text
            self._write(f"\r\x1b[K{text[:78]}")

    def clear(self) -> None:
        """Take the line off the terminal, so that another can be printed there."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = ""

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            with contextlib.suppress(OSError):
                sys.stderr.write(text)
                sys.stderr.flush()
