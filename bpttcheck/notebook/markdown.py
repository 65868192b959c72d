"""Text of the package as Markdown: names with their indices set low, verdicts, badges."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

WORDS = {
    "holds": "holds",
    "holds-if": "holds if",
    "refuted": "refuted",
    "ill-typed": "ill-typed",
    "undecided": "undecided",
}

_SUBSCRIPT = re.compile(r"(?<=[^\s_`])_(\{[^{}]*\}|(?:(?!ᵀ)\w)+)")
_POWER = re.compile(r"\^-(\d+)")
_MARKUP = re.compile(r"([\\`*\[\]])")


def plain(text: str) -> str:
    """Return text of the package, such as "the state h_{t−1}", with its indices set low."""
    escaped = _MARKUP.sub(r"\\\1", html.escape(text, quote=False))
    return _SUBSCRIPT.sub(lambda m: f"<sub>{m[1].strip('{}')}</sub>", escaped)


def verdict(word: str) -> str:
    """Return the mark of a verdict."""
    return f'<span class="verdict-{word}">{WORDS[word]}</span>'


def badge(level: str, text: str) -> str:
    """Return the badge of a level of evidence, with the full text or the word alone."""
    shown = _POWER.sub(r"<sup>−\1</sup>", html.escape(text))
    return f'<span class="badge badge-{level}">{shown}</span>'


@dataclass(frozen=True)
class Markdown:
    """Text that a notebook renders."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


def admonition(mark: str, kind: str, title: str, parts: Iterable[str]) -> str:
    """Return a box of paragraphs: ``!!!`` marks an open one, ``???`` one that the reader opens."""
    body = "\n".join(f"    {line}".rstrip() for line in "\n\n".join(parts).split("\n"))
    return f'{mark} {kind} "{title}"\n\n{body}'
