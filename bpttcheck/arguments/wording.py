"""How an error shows what came: in a line, however it prints itself, and what may be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

LONGEST = 60
"""Characters of what came that are shown."""


def shown(given: Any) -> str:
    """Return what was given in a line: of a long one the beginning, of what has no text its kind.

    What prints itself may do so in lines, or raise.
    """
    if isinstance(given, str) and len(given) > LONGEST:
        given = given[:LONGEST]
        return f"{_in_a_line(repr(given))[: LONGEST - 3]}…"
    try:
        text = _in_a_line(repr(given))
    except Exception:
        if isinstance(given, int):  # of more digits than Python prints
            return f"a whole number of {given.bit_length():,} bits"
        return told_of(given)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}…"


def in_a_line(text: str, most: int = 400) -> str:
    """Return a text, such as a path, without quotes: in a line that ends."""
    line = _in_a_line(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def told_of(given: Any) -> str:
    """Return what kind of thing something is: ``int``, or ``the class int``."""
    if isinstance(given, type):
        return f"the class {given.__name__}"
    return type(given).__name__


def got(given: Any) -> str:
    """Return what came, shown where it is a word or a number, else its kind."""
    if given is None or isinstance(given, str | bytes | int | float | complex):
        return shown(given)
    return told_of(given)


def first_line(error: BaseException) -> str:
    """Return the kind of an error of somebody else's, and the first line of what it says."""
    try:
        said = _in_a_line(str(error).partition("\n")[0])
    except Exception:
        said = ""
    return said[:200] or type(error).__name__


def listed(words: Iterable[Any], most: int = 400) -> str:
    """Return words with commas between them, in a line that ends."""
    text = _in_a_line(", ".join(_word(word) for word in words))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _word(word: Any) -> str:
    return word if isinstance(word, str) and len(word) <= LONGEST else shown(word)


def did_you_mean(given: Any, words: Iterable[str]) -> str:
    """Return a hint at the word that is nearest to what came; empty where none is near."""
    if not isinstance(given, str) or len(given) > LONGEST:
        return ""
    known = [word for word in words if isinstance(word, str)]
    by_case = {word.strip().lower(): word for word in known}
    near = by_case.get(given.strip().lower())
    if near is None:
        near = next(iter(get_close_matches(given, known, n=1, cutoff=0.6)), None)
    return f"; did you mean {near!r}?" if near is not None else ""


def _in_a_line(text: str) -> str:
    """Return a text without line breaks, nor what no terminal prints."""
    if text.isprintable():
        return text
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def gradients_of(names: Collection[str]) -> str:
    """Return the gradients of some parameters in words, one or several."""
    return f"gradient{'s' if len(names) != 1 else ''} of {', '.join(names)}"
