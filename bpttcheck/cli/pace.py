"""How fast cases are done, and how long the rest will take."""

from __future__ import annotations

import time


class Pace:
    """Cases of all models together; what was done before the first report is not counted."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._before: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._total: dict[str, int] = {}

    def take(self, what: str, done: int, total: int) -> None:
        """Take in how far a model is."""
        self._before.setdefault(what, done)
        self._done[what], self._total[what] = done, total

    def __str__(self) -> str:
        done, total = sum(self._done.values()), sum(self._total.values())
        text = f"{done:,} of {total:,} cases"
        seconds = time.monotonic() - self._started
        new = done - sum(self._before.values())
        if new <= 0 or seconds <= 0:
            return text
        rate = new / seconds
        return f"{text}, {rate:,.0f} a second, {duration((total - done) / rate)} left"


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
