"""A change of an expression or of statements: what becomes what, and how it is put into words."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from bpttcheck.mend.source import Piece, SourceFile


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


@dataclass(frozen=True)
class Rewritten:
    """Statements with the text that each has instead, and the pieces that make it so."""

    texts: tuple[tuple[ast.stmt, str], ...]
    pieces: tuple[Piece, ...]
    kind: str
    words: str


def with_pieces(
    source: SourceFile, statement: ast.stmt, pieces: tuple[Piece, ...], kind: str, words: str
) -> Rewritten:
    """Return a statement with pieces of it replaced."""
    texts = ((statement, source.edited(statement, pieces)),)
    return Rewritten(texts, pieces, kind, words)
