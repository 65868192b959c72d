"""The picture shown where a link to the site is shared: a message that fades on its way back.

Drawn at build, since those who show it take bitmaps alone; the mark of the site is its lower half.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache

import numpy as np
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from numpy.typing import NDArray

WIDTH, HEIGHT = 1200, 630
FILE = "assets/share.png"
SAYS = (
    "Bars that fade from right to left, above an arrow that points to the left through three dots."
)

_INK, _PAPER = np.array([79, 127, 196]), np.array([255, 255, 255])  # the colour of the mark
_BARS, _FADES, _AXIS, _ARROW, _THICK = 12, 0.78, 400, 500, 7


def assets(config: MkDocsConfig) -> list[File]:
    """Return the picture as a file of the site, if the site has an address to be shared."""
    return [File.generated(config, FILE, content=png())] if config.site_url else []


@cache
def png() -> bytes:
    """Return the picture as a PNG file."""
    pixels = np.round(_PAPER + _covered()[..., None] * (_INK - _PAPER)).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)  # each unfiltered
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)  # eight bits of red, green, blue
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _covered() -> NDArray[np.float64]:
    """Return how much of each pixel is drawn on: array (HEIGHT, WIDTH) from 0 to 1."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    left, right = 150.0, WIDTH - 150.0
    slot = (right - left) / _BARS
    off = np.full(x.shape, np.inf)  # the distance to the nearest stroke
    for k in range(_BARS):
        tall = 300 * _FADES ** (_BARS - 1 - k)
        middle = left + slot * (k + 0.5)
        across = np.abs(x - middle) - 0.32 * slot
        off = np.minimum(off, np.maximum(across, np.maximum(_AXIS - tall - y, y - _AXIS)))
    tip = (left, _ARROW)
    last = right - slot / 2
    for end in ((last, _ARROW), (left + 60, _ARROW - 60), (left + 60, _ARROW + 60)):
        off = np.minimum(off, _to_segment(x, y, tip, end) - _THICK)
    for k in (_BARS - 1, _BARS - 4, _BARS - 7):
        off = np.minimum(off, np.hypot(x - (left + slot * (k + 0.5)), y - _ARROW) - 24)
    return np.clip(0.5 - off, 0.0, 1.0)


def _to_segment(
    x: NDArray[np.float64], y: NDArray[np.float64], a: tuple[float, float], b: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the distance of each point to the line from a to b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (dx**2 + dy**2), 0.0, 1.0)
    return np.asarray(np.hypot(x - a[0] - along * dx, y - a[1] - along * dy))
