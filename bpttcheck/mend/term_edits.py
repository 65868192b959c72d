"""Edits that put in a term, with another term in its place: counted otherwise, or two at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bpttcheck.mend.edit import Edit
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.siblings import joined
from bpttcheck.mend.slots import Slot


def counted(slots: Sequence[Slot], edit: Edit, count: str) -> Edit:
    """Return an edit that puts in a term with what it counts: ``- 0.5 *`` for a plus sign."""
    return _with(slots, edit, count, edit.term)


def both(slots: Sequence[Slot], one: Edit, other: Edit) -> list[Edit] | None:
    """Return two edits as they are made at once; None where they overlap."""
    if not overlap(one, other):
        return joined(slots, [one, other])
    if not _in_one_place(one, other):
        return None
    return [_with(slots, one, "+ ", f"{one.term} + {other.term}")]


def overlap(one: Edit, other: Edit) -> bool:
    """Tell whether edits are of one expression."""
    return bool(set(one.on) & set(other.on))


def _in_one_place(one: Edit, other: Edit) -> bool:
    first, second = one.pieces[0], other.pieces[0]
    signed = any(edit.words.startswith("the term -") for edit in (one, other))
    return (
        bool(one.term and other.term)
        and not signed
        and (first.start, first.end) == (second.start, second.end)
    )


def _with(slots: Sequence[Slot], edit: Edit, count: str, term: str) -> Edit:
    """Return an edit with another term, and what stands before it, for its own."""
    (piece,) = edit.pieces
    before, _, after = piece.text.rpartition(edit.term)
    plus = before.endswith("+ ")
    before, sign = (before[:-2], count) if plus else (before, count.removeprefix("+ "))
    new = replace(piece, text=f"{before}{sign}{term}{after}")
    if edit.slot < 0:  # a statement that is put in
        target, _, value = new.text.strip().partition(" = ")
        if not value:
            target, _, value = new.text.strip().partition(" += ")
            value = f"{target} + {value}"
        text, owner = value, slots[0].owner
    else:
        slot = slots[edit.slot]
        start, end = slot.source.span(slot.expression)
        grown = len(new.text) - (piece.end - piece.start)
        text, owner = slot.source.replaced([new]).text[start : end + grown], slot.owner
    words = edit.words.replace(edit.term, f"{sign}{term}".removeprefix("+ "))
    on = {number: Expression(text, owner) for number in edit.on}
    return replace(edit, pieces=(new,), words=words, on=on, term=term, equals=[])
