"""Polygons as pixels, and pixels as a PNG file."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LINES = 4
"""A row of pixels is looked at along so many lines."""


def covered(
    polygons: Sequence[NDArray[np.float64]], width: int, height: int
) -> NDArray[np.float64]:
    """Return how much of each pixel lies within the polygons: (height, width), from 0 to 1.

    A point lies within them if they go around it, however often: so strokes may overlap.
    """
    if not polygons:
        return np.zeros((height, width))
    a = np.concatenate(polygons) * (1, _LINES)
    b = np.concatenate([np.roll(one, -1, axis=0) for one in polygons]) * (1, _LINES)
    way = np.where(b[:, 1] > a[:, 1], 1.0, -1.0)
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    first = np.clip(np.ceil(low - 0.5), 0, height * _LINES).astype(int)
    many = np.clip(np.ceil(high - 0.5), 0, height * _LINES).astype(int) - first
    edge = np.repeat(np.arange(len(a)), many)
    line = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(many) - many, many)
    met, row = np.unique(line, return_inverse=True)  # half of the lines meet no letter
    part = (line + 0.5 - a[edge, 1]) / (b[edge, 1] - a[edge, 1])
    x = np.clip(a[edge, 0] + part * (b[edge, 0] - a[edge, 0]), 0, width - 1)
    pixel = np.floor(x).astype(int)
    place, share = row * (width + 1) + pixel, x - pixel
    turns = np.bincount(  # what is added from a pixel to the right
        np.concatenate([place, place + 1]),
        np.concatenate([way[edge] * (1 - share), way[edge] * share]),
        len(met) * (width + 1),
    ).reshape(len(met), width + 1)
    within = np.zeros((height * _LINES, width))
    within[met] = np.minimum(np.abs(np.cumsum(turns, axis=1)[:, :width]), 1.0)
    return np.asarray(within.reshape(height, _LINES, width).mean(axis=1))


def png(pixels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Return a PNG file of pixels (height, width), each a row of the palette (colours, 3)."""
    height, width = pixels.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with a 0: it is unfiltered
    rows[:, 1:] = pixels
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check
