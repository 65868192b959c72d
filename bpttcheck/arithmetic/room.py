"""Memory that a pass needs at every call: that it need not be cleared anew each time."""

from __future__ import annotations

import numpy as np

RANGE = range(1 << 17, 31 << 20)
"""Sizes in bytes of which the C library of Linux learns: it ends at 32 MiB."""


def expect(size: int) -> None:
    """Ask for so many bytes and give them back, unread: so they are kept for the next call.

    The C library of Linux gives what is free at the end of its heap back to the system, once that
    is more than twice the largest piece that it was given back. Whoever asks for it again waits
    until it is cleared, page by page: that was a quarter of the time of networks whose arrays take
    some 20 MB. Where there is no such rule, nothing is lost.
    """
    if size in RANGE:
        np.empty(size, dtype=np.uint8)
