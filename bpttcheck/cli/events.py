"""What the process that runs the user's code says to the one that waits: lines of JSON."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Return what JSON can hold: numbers that are not finite are None, of other kinds the text."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return number if math.isfinite(number) else None


LOST = 71
"""The exit status of a process that cannot send."""


class Sender:
    """Writes events to a pipe; a process that cannot is of no use, and leaves."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe
        self._process = os.getpid()
        self._identity = self._who()
        self._lock = threading.Lock()

    def _who(self) -> tuple[int, int]:
        found = os.fstat(self.pipe)
        return found.st_dev, found.st_ino

    def __call__(self, event: str, **fields: Any) -> None:
        """Send an event."""
        if os.getpid() != self._process:  # forked by the user's code: it is not asked
            return
        line = json.dumps({"event": event, **plain(fields)}).encode() + b"\n"
        try:
            with self._lock:
                if self._who() != self._identity:  # closed, and the number given to another file
                    os._exit(LOST)
                while line:
                    line = line[os.write(self.pipe, line) :]
        except OSError:
            os._exit(LOST)


def read(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line; None for what another wrote, such as the trace of a crash."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None
