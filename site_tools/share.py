"""The picture shown where a link to a page is shared: its title, what it says first, and the mark.

Drawn at build, since those who show it take bitmaps alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from site_tools import raster, typesetter
from site_tools.truetype import Font

WIDTH, HEIGHT = 1200, 630
SAYS = "The title of the page and its first words, above bars that fade from right to left."

_LEFT, _RIGHT = 80, WIDTH - 80
_TITLES = ((76, 1), (60, 2), (48, 2))
"""Sizes of the title, and the lines that it may have: the largest that will do is taken."""

_TEXT = 36
_ABOVE = 450
"""The words end here, and the mark begins."""

_OTHERS = ("Main-Regular", "Math-Italic", "AMS-Regular")
_PAPER, _INK, _BLUE = (np.array(c) for c in ([255, 255, 255], [29, 33, 41], [79, 127, 196]))
_BARS, _FADES, _TALL, _FLOOR, _SLOT = 16, 0.8, 110.0, 570.0, 26.0

Polygons = list[NDArray[np.float64]]


def picture(site: str, section: str, title: str, text: str) -> bytes:
    """Return the picture of a page as a PNG file.

    Arguments:
        site: the name of the site.
        section: where the page stands in it; may be empty.
        title: of the page.
        text: what the page says first.
    """
    bold, plain = _font("Main-Bold"), _font("Main-Regular")
    size, lines = _fitting(bold, title)
    words = _set(plain, section, 30, _LEFT, 90)
    y = 120.0 + 0.7 * size
    for line in lines:
        words += _set(bold, line, size, _LEFT, y)
        y += 1.15 * size
    y += 0.5 * _TEXT
    rows = 1 + int((_ABOVE - 0.3 * _TEXT - y) // (1.4 * _TEXT))
    for line in _shortened(plain, list(_broken(plain, text, _TEXT)), rows, _TEXT):
        words += _set(plain, line, _TEXT, _LEFT, y)
        y += 1.4 * _TEXT
    above = np.round(127 * raster.covered(words, WIDTH, _ABOVE)).astype(np.uint8)
    return raster.png(np.concatenate([above, _below(site)]), _palette())


@cache
def _below(site: str) -> NDArray[np.uint8]:
    """Return the pixels of the mark and of the site's name, which all pages share."""
    mark = _bars() + _set(_font("Main-Bold"), site, 40, _LEFT, _FLOOR)
    blue = raster.covered([one - (0, _ABOVE) for one in mark], WIDTH, HEIGHT - _ABOVE)
    return (128 + np.round(127 * blue)).astype(np.uint8)


@cache
def _palette() -> NDArray[np.uint8]:
    """Return 128 shades of the words, and 128 of the mark."""
    shade = np.linspace(0, 1, 128)[:, None]
    both = [_PAPER + shade * (colour - _PAPER) for colour in (_INK, _BLUE)]
    return np.round(np.concatenate(both)).astype(np.uint8)


@cache
def _font(name: str) -> Font:
    return Font(typesetter.package() / "dist" / "fonts" / f"KaTeX_{name}.ttf")


def _fitting(font: Font, title: str) -> tuple[int, list[str]]:
    """Return the size of the title, and its lines."""
    for size, most in _TITLES:
        lines = list(_broken(font, title, size))
        if len(lines) <= most:
            break
    return size, _shortened(font, lines, most, size)


def _broken(font: Font, text: str, size: float) -> Iterator[str]:
    """Give the lines of a text, as wide as the picture allows."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _wide(font, longer, size) > _RIGHT - _LEFT:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def _shortened(font: Font, lines: list[str], most: int, size: float) -> list[str]:
    """Return no more lines than there is room for; the last one says that there were more."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while _wide(font, f"{last} …", size) > _RIGHT - _LEFT:
        last = last.rpartition(" ")[0]
    return [*lines[: most - 1], f"{last} …"]


def _wide(font: Font, text: str, size: float) -> float:
    return size * sum(_of(font, letter).advance(letter) for letter in text)


def _set(font: Font, text: str, size: float, x: float, y: float) -> Polygons:
    """Return the letters of a line that begins at x and stands on y."""
    placed = []
    for letter in text:
        found = _of(font, letter)
        placed += [one * (size, -size) + (x, y) for one in found.outline(letter)]
        x += size * found.advance(letter)
    return placed


def _of(font: Font, letter: str) -> Font:
    """Return the font that has a letter: this one, or those of formulas."""
    if letter in font:
        return font
    return next((other for other in map(_font, _OTHERS) if letter in other), font)


def unknown(text: str) -> str:
    """Return the letters that no font has: the picture would do without them."""
    fonts = [*map(_font, _OTHERS)]
    return "".join(c for c in dict.fromkeys(text) if not any(c in font for font in fonts))


def _bars() -> Polygons:
    """Return a message that fades on its way back."""
    bars = []
    for k in range(_BARS):
        tall = _TALL * _FADES ** (_BARS - 1 - k)
        x = _RIGHT - _SLOT * (_BARS - k) + 0.36 * _SLOT
        corners = ((0, 0), (0.64 * _SLOT, 0), (0.64 * _SLOT, -tall), (0, -tall))
        bars.append(np.add(corners, (x, _FLOOR)))
    return bars
