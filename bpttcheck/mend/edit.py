"""An edit of somebody's text that can be tried: pieces of it, and what is on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.source import Piece, SourceFile


@dataclass(frozen=True, eq=False)
class Edit:
    """Pieces of one file's text with what is to stand there, and how a run has it without them.

    ``on`` has the expression of each slot, None for a statement that has its other form.
    """

    source: SourceFile = field(repr=False)
    function: str
    line: int
    pieces: tuple[Piece, ...]
    kind: str
    words: str
    on: Mapping[int, Expression | None] = field(repr=False)
    slot: int = -1
    """The slot that it is an edit of; of a statement, that of its value."""
    likeness: object = None
    """What an edit of a sibling statement has in common with it; None for whole statements."""
    within: object = None
    """What the same edit at another place of its statement has in common with it; None for more."""
    term: str = ""
    """The text of the term that it puts in, after a plus sign."""
    equals: list[Edit] = field(default_factory=list, repr=False)
    """Other texts of the same values, as far as was seen."""

    @property
    def length(self) -> int:
        """How much longer it makes the text."""
        return sum(len(piece.text) - (piece.end - piece.start) for piece in self.pieces)

    def lines(self) -> tuple[str, str]:
        """Return the lines of the text that it changes, before and after, without their indent."""
        first = min(piece.start for piece in self.pieces)
        last = max(piece.end for piece in self.pieces)
        start = self.source.text.rfind("\n", 0, first) + 1
        end = self.source.text.find("\n", last)
        end = len(self.source.text) if end < 0 else end
        grown = sum(len(piece.text) - (piece.end - piece.start) for piece in self.pieces)
        after = self.source.replaced(self.pieces).text[start : end + grown]
        return self.source.text[start:end].strip(), after.strip()


RANKS = (
    *("transpose", "sign", "accumulation", "order", "index", "left out", "slice", "reversed"),
    *("name", "function", "axis", "sum", "product", "power", "factor", "term", "association"),
    *("slope", "einsum", "condition", "matrix", "formula", "message", "product term"),
)
"""The kinds of edits, the likeliest first."""


def on_of(edits: Iterable[Edit]) -> dict[int, Expression | None]:
    """Return what is on for several edits at once, of which no two are of one slot."""
    return {slot: one for edit in edits for slot, one in edit.on.items()}


def by_rank(edit: Edit) -> int:
    """Return where an edit's kind stands among all: edits are tried in this order."""
    return RANKS.index(edit.kind)
