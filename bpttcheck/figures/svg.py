"""An SVG as a list of parts: what it shows is said in words, its colours are the page's."""

from __future__ import annotations

import html
from dataclasses import dataclass

INK = "currentColor"
ACCENT = "var(--md-typeset-a-color, #1a5fb4)"
"""The colour of links on the site, light or dark; elsewhere a blue."""


@dataclass(frozen=True)
class Figure:
    """A drawing that a notebook shows.

    Arguments:
        key: its name on the page, unlike any other there.
        title: what is to be seen, for those who do not see it; plain words.
        parts: SVG elements.
        width, height: of the drawing, in its own units.
    """

    key: str
    title: str
    parts: tuple[str, ...]
    width: int
    height: int

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError(f"title: expected what {self.key!r} shows, in words, got none")

    def _repr_html_(self) -> str:
        return self.around("".join(self.parts))

    def around(self, content: str) -> str:
        """Return the whole figure with other content."""
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-labelledby="{self.key}" style="max-width: {round(1.15 * self.width)}px; '
            'width: 100%" font-family="KaTeX_Main, serif" font-size="15">'
            f'<title id="{self.key}">{html.escape(self.title)}</title>{content}</svg>'
        )


def words(x: float, y: float, content: str, anchor: str = "middle", colour: str = INK) -> str:
    """Return a label; its content may have ``tspan`` in it."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{content}</text>'


def low(letter: str, index: str) -> str:
    """Return a letter with its index set low."""
    return f'{letter}<tspan dy="4" font-size="11">{index}</tspan>'


def path(
    d: str, colour: str = INK, dash: str = "", width: float = 1.8, opacity: float = 1.0
) -> str:
    """Return a line along a path."""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-dasharray="{dash}" opacity="{opacity:g}"/>'
    )


def number(value: float) -> str:
    """Return a number with a real minus sign."""
    return f"{value:g}".replace("-", "−")


def power_of_ten(exponent: float) -> str:
    """Return 10 with a raised exponent."""
    return f'10<tspan dy="-5" font-size="10">{number(exponent)}</tspan>' if exponent else "1"


def scientific(value: float) -> str:
    """Return two digits, as a person writes them, in HTML: 0.13, 6.6 × 10⁻⁶ with a raised part."""
    if value == 0 or 0.01 <= abs(value) < 1000:
        return number(float(f"{value:.2g}"))
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits} × 10<sup>{number(int(exponent))}</sup>".replace("-", "−")
