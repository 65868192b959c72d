"""Parentheses that an edit puts somewhere, or leaves around what it put, that nothing needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bpttcheck.mend.source import Piece, SourceFile

TIGHT = {"*", "/", "@", "%"}
"""Beside these an operator is easier to read in parentheses, needed or not, if it is another."""

CALLED = {".", "[", "("}

ALIKE = {ast.Mult: "*", ast.MatMult: "@"}


def unwrapped(source: SourceFile, pieces: Sequence[Piece]) -> SourceFile:
    """Return a source with pieces replaced, and without parentheses that change nothing.

    Those around what was replaced that were needed before, and those that come with a piece.
    """
    kept = list(pieces)
    for i in range(len(kept)):
        found = _around(source, kept[i])
        if found is not None and not _same(source, [], [found[1]]):
            kept = _shorter(source, kept, i, found[0])
        before = source.text[kept[i].start : kept[i].end]
        for _ in range(kept[i].text.count("(")):
            now = kept
            for other in _own(source, kept[i], before):
                kept = _shorter(source, kept, i, other)
                if kept is not now:
                    break
    return source.replaced(kept)


def _shorter(source: SourceFile, pieces: list[Piece], i: int, other: Piece) -> list[Piece]:
    """Return pieces with another one of them, if that means the same."""
    without = [*pieces[:i], other, *pieces[i + 1 :]]
    return without if _same(source, pieces, without) else pieces


def _own(source: SourceFile, piece: Piece, before: str) -> Iterator[Piece]:
    """Return a piece without a pair of parentheses that was not there before, if it may go so."""
    opened = []
    for here, character in enumerate(piece.text):
        if character == "(":
            opened.append(here)
        elif character == ")" and opened:
            start = opened.pop()
            inner = piece.text[start + 1 : here]
            if piece.text[start : here + 1] not in before:
                left = source.text[: piece.start] + piece.text[:start]
                right = piece.text[here + 1 :] + source.text[piece.end :]
                if _reads_well(inner, left, right):
                    text = piece.text[:start] + inner + piece.text[here + 1 :]
                    yield replace(piece, text=text)


def _around(source: SourceFile, piece: Piece) -> tuple[Piece, Piece] | None:
    """Return a piece with the parentheses around it, and what it replaces without them."""
    before, after = source.text[: piece.start].rstrip(), source.text[piece.end :].lstrip()
    if not before.endswith("(") or not after.startswith(")"):
        return None
    if not _reads_well(piece.text, before[:-1], after[1:]):
        return None
    start, end = len(before) - 1, len(source.text) - len(after) + 1
    within = Piece(start, end, source.text[piece.start : piece.end])
    return replace(piece, start=start, end=end), within


def _reads_well(text: str, before: str, after: str) -> bool:
    """Tell whether an expression can be read without parentheses between two texts."""
    try:
        whole = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    if not isinstance(whole, ast.BinOp | ast.UnaryOp | ast.Compare):
        return True
    own = ALIKE.get(type(whole.op), "") if isinstance(whole, ast.BinOp) else ""
    beside = {before.rstrip()[-1:]} & TIGHT | {after.lstrip()[:1]} & (TIGHT | CALLED)
    return beside <= {own}


def _same(source: SourceFile, some: Sequence[Piece], others: Sequence[Piece]) -> bool:
    """Tell whether a source means the same with these pieces as with those."""
    try:
        one, other = (ast.parse(source.replaced(pieces).text) for pieces in (some, others))
    except (SyntaxError, ValueError):
        return False
    return ast.dump(one) == ast.dump(other)
