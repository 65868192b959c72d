"""The same slip at sibling statements, as one edit; and edits of one slot put together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bpttcheck.mend.edit import Edit, on_of
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.slots import Slot

WORD = re.compile(r"[A-Za-z_]\w*|\d+")

MOST = 12
"""So many siblings at most: gates, times inputs and states."""


class _Nameless(ast.NodeTransformer):
    """Leaves of names, keys and numbers nothing but that they are there."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name("_", ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(0)


def skeleton(slot: Slot) -> str:
    """Return what the statements of siblings have in common."""
    copy = ast.parse(ast.unparse(slot.expression), mode="eval")
    return f"{type(slot.statement).__name__} {ast.dump(_Nameless().visit(copy))}"


def pattern(before: str, after: str) -> str:
    """Return what is done to a text: names that are in both are told by their order alone."""
    names: dict[str, str] = {}
    for word in WORD.findall(before):
        names.setdefault(word, f"${len(names)}")
    return f"{len(names)} {WORD.sub(lambda m: names.get(m[0], m[0]), after)}"


def groups(slots: Sequence[Slot], edits: Iterable[Edit]) -> Iterator[list[Edit]]:
    """Return the edits of each kind that were made at the same place of sibling statements.

    Then those that say the same of other statements of a function, such as dy for dh, wherever.
    Before both, those at all such places of one statement: each weight's transpose in a sum.
    """
    inside: dict[object, dict[int, Edit]] = {}
    for edit in edits:
        if edit.within is not None:
            inside.setdefault(edit.within, {}).setdefault(edit.pieces[0].start, edit)
    for some in inside.values():
        together = joined(slots, list(some.values())) if 1 < len(some) <= MOST else None
        if together is not None:
            yield together
    alike: dict[object, dict[int, Edit]] = {}
    worded: dict[object, dict[int, Edit]] = {}
    for edit in edits:
        if edit.likeness is not None:
            alike.setdefault(edit.likeness, {}).setdefault(edit.slot, edit)
            words = (edit.source.file, edit.function, edit.kind, edit.words)
            worded.setdefault(words, {}).setdefault(edit.slot, edit)
    seen = set()
    for some in (*alike.values(), *worded.values()):
        group = frozenset(map(id, some.values()))
        if 1 < len(some) <= MOST and group not in seen:
            seen.add(group)
            yield list(some.values())


def together(edits: Sequence[Edit]) -> Edit:
    """Return edits of different slots of one file as one."""
    first = edits[0]
    if len(edits) == 1:
        return first
    pieces = tuple(piece for edit in edits for piece in edit.pieces)
    words = f"{first.words}, and likewise at {len(edits) - 1} more"
    return Edit(
        first.source,
        first.function,
        first.line,
        pieces,
        first.kind,
        words,
        on_of(edits),
        first.slot,
    )


def joined(slots: Sequence[Slot], edits: Sequence[Edit]) -> list[Edit] | None:
    """Return edits with those of one slot made into one; None where they overlap."""
    spans = sorted((e.source.file, p.start, p.end) for e in set(edits) for p in e.pieces)
    if any(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(spans)):
        return None
    by_slot: dict[int, list[Edit]] = {}
    for edit in edits:
        for number in edit.on:
            by_slot.setdefault(number, []).append(edit)
    if any(len(some) > 1 and any(len(edit.on) > 1 for edit in some) for some in by_slot.values()):
        return None
    found: list[Edit] = []
    for number, some in by_slot.items():
        if len(some) == 1:
            found += [edit for edit in some if edit not in found]
            continue
        pieces = sorted((p for edit in some for p in edit.pieces), key=lambda p: p.start)
        apart = all(a.end <= b.start for a, b in pairwise(pieces))
        if number >= len(slots) or not apart:
            return None
        slot = slots[number]
        whole = Expression(slot.source.edited(slot.expression, pieces), slot.owner)
        words = "; ".join(edit.words for edit in some)
        first = some[0]
        found.append(
            Edit(
                first.source,
                first.function,
                first.line,
                tuple(pieces),
                first.kind,
                words,
                {number: whole},
                number,
            )
        )
    return found
