"""Outlines of letters, read from a TrueType font: what a picture with words in it needs.

The fonts are those that come with KaTeX. Nothing is hinted or kerned.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Outline = list[NDArray[np.float64]]
"""Closed polygons, (points, 2) each, y upwards, in ems."""

_ON_CURVE, _X_BYTE, _Y_BYTE, _REPEAT, _X_SAME, _Y_SAME = 1, 2, 4, 8, 16, 32
_STRAIGHT = 6
"""A quadratic curve is drawn as so many lines."""


class Font:
    """A font file with outlines of its own; composed letters, such as accented ones, are none."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        count = struct.unpack_from(">H", self._data, 4)[0]
        entries = (struct.unpack_from(">4s4xII", self._data, 12 + 16 * k) for k in range(count))
        self._at = {tag.decode(): offset for tag, offset, _ in entries}
        self._em = self._read("head", 18, "H")[0]
        self._long = self._read("head", 50, "h")[0] == 1
        self._widths = self._read("hhea", 34, "H")[0]
        self._glyphs = self._characters()
        self.outline = cache(self._outline)

    def __contains__(self, letter: str) -> bool:
        return ord(letter) in self._glyphs

    def advance(self, letter: str) -> float:
        """Return how far a letter moves what follows it, in ems; 0 for one that is not there."""
        if letter not in self:
            return 0.0
        k = min(self._glyphs[ord(letter)], self._widths - 1)
        return float(self._read("hmtx", 4 * k, "H")[0] / self._em)

    def _read(self, table: str, at: int, form: str) -> tuple[int, ...]:
        return struct.unpack_from(">" + form, self._data, self._at[table] + at)

    def _characters(self) -> dict[int, int]:
        """Return the glyph of each character, from the table of the Basic Multilingual Plane."""
        tables = self._read("cmap", 2, "H")[0]
        of = [self._read("cmap", 4 + 8 * k, "HHI") for k in range(tables)]
        start = next(at for platform, kind, at in of if (platform, kind) == (3, 1))
        half = self._read("cmap", start + 6, "H")[0]
        n, base = half // 2, start + 14
        ends = self._read("cmap", base, f"{n}H")
        starts = self._read("cmap", base + half + 2, f"{n}H")
        deltas = self._read("cmap", base + 2 * half + 2, f"{n}H")
        ranges = self._read("cmap", base + 3 * half + 2, f"{n}H")
        found = {}
        for k in range(n):
            for code in range(starts[k], min(ends[k], 0xFFFE) + 1):
                glyph = code
                if ranges[k]:
                    at = base + 3 * half + 2 + 2 * k + ranges[k] + 2 * (code - starts[k])
                    glyph = self._read("cmap", at, "H")[0]
                if glyph:
                    found[code] = (glyph + deltas[k]) % 65536
        return found

    def _outline(self, letter: str) -> Outline:
        """Return the outline of a letter; nothing for one that is not there."""
        if letter not in self:
            return []
        k = self._glyphs[ord(letter)]
        step, form, unit = (4, "II", 1) if self._long else (2, "HH", 2)
        here, following = (unit * at for at in self._read("loca", step * k, form))
        if here == following:
            return []
        contours = self._read("glyf", here, "h")[0]
        if contours <= 0:
            return []
        last = self._read("glyf", here + 10, f"{contours}H")
        at = here + 10 + 2 * contours
        at += 2 + self._read("glyf", at, "H")[0]
        flags: list[int] = []
        while len(flags) <= last[-1]:
            (flag,) = self._read("glyf", at, "B")
            at += 1
            flags.append(flag)
            if flag & _REPEAT:
                flags += [flag] * self._read("glyf", at, "B")[0]
                at += 1
        x, at = self._along(flags, at, _X_BYTE, _X_SAME)
        y, at = self._along(flags, at, _Y_BYTE, _Y_SAME)
        points = np.stack([x, y], axis=1) / self._em
        on = np.array(flags) & _ON_CURVE > 0
        firsts = [0, *(end + 1 for end in last[:-1])]
        return [
            _polygon(points[a : b + 1], on[a : b + 1]) for a, b in zip(firsts, last, strict=True)
        ]

    def _along(
        self, flags: list[int], at: int, byte: int, same: int
    ) -> tuple[NDArray[np.float64], int]:
        """Return one coordinate of all points, and where the next ones stand."""
        value, values = 0, []
        for flag in flags:
            if flag & byte:
                step = self._read("glyf", at, "B")[0]
                value += step if flag & same else -step
                at += 1
            elif not flag & same:
                value += self._read("glyf", at, "h")[0]
                at += 2
            values.append(value)
        return np.array(values, dtype=float), at


def _polygon(points: NDArray[np.float64], on: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return a contour of quadratic curves as a polygon: between two controls lies a point."""
    whole: list[tuple[NDArray[np.float64], bool]] = []
    for k in range(len(points)):
        before = k - 1
        if not on[k] and not on[before]:
            whole.append(((points[before] + points[k]) / 2, True))
        whole.append((points[k], bool(on[k])))
    first = next(k for k, (_, is_on) in enumerate(whole) if is_on)
    whole = whole[first:] + whole[: first + 1]
    drawn = [whole[0][0]]
    for k in range(1, len(whole)):
        point, is_on = whole[k]
        if is_on and whole[k - 1][1]:
            drawn.append(point)
        elif is_on:
            start, control = drawn[-1], whole[k - 1][0]
            for t in np.arange(1, _STRAIGHT + 1) / _STRAIGHT:
                drawn.append((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * point)
    return np.array(drawn)
