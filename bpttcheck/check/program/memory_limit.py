"""A limit on memory, as far as Linux sets one: an edit that asks for all there is fails alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = 4 << 30
"""So many bytes more than a process has may be asked for."""


@contextmanager
def memory_limit(room: int = ROOM) -> Iterator[None]:
    """Let the process have no more than so many bytes beyond what it has, within the block.

    What asks for more gets a MemoryError. A limit that is lower already stays.
    """
    if sys.platform != "linux":
        yield
        return
    import resource  # there is none on Windows

    before, highest = resource.getrlimit(resource.RLIMIT_AS)
    limit = _size() + room
    bounds = [one for one in (before, highest) if one != resource.RLIM_INFINITY]
    if limit >= min(bounds, default=limit + 1):
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, highest))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, highest))


def _size() -> int:
    """Return how many bytes of addresses the process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    import resource

    return pages * resource.getpagesize()
