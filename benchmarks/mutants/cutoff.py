"""A plugin of pytest, for the record alone: what a long test touches, it touches early.

A test is cut off, and skipped, after some seconds of processor time, a fixture that it is the first
to ask for included. The slowest tests take most of the time, and there is nothing more to learn.
"""

from __future__ import annotations

import signal
from typing import Any

SECONDS = 3.0
SAID = "cut off"


def pytest_runtest_setup(item: Any) -> None:
    """Start the clock of a test."""
    signal.signal(signal.SIGPROF, _cut)
    signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS)


def pytest_runtest_teardown() -> None:
    """Stop it."""
    signal.setitimer(signal.ITIMER_PROF, 0)


def _cut(*_: object) -> None:
    import pytest

    pytest.skip(SAID)
