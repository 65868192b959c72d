"""A budget of seconds that several steps of a check share."""

from __future__ import annotations

import math
import time


class Clock:
    """Counts down from ``seconds``; None never runs out."""

    def __init__(self, seconds: float | None = None) -> None:
        self._end = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left: 0 at the least, infinity without a limit."""
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.left == 0.0
