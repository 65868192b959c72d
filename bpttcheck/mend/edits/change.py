"""A change of one expression: which parts of it, what they become, and how it is put into words."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Parts of an expression with their new texts; ``words`` say what was done, such as "sign".

    ``term`` is the text of the term that one part has more, after a plus sign.
    """

    parts: tuple[tuple[ast.expr, str], ...]
    kind: str
    words: str
    term: str = ""


def change(node: ast.expr, text: str, kind: str, words: str) -> Change:
    """Return the change of one part."""
    return Change(((node, text),), kind, words)
