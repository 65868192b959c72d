"""Statements that are missing: a message that a loop never hands back, a sum that it never adds to.

Whatever a loop reads or returns, is zero all the while, and is set nowhere in it, may be either. So
may what is made before a loop that reads it, at every step the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from bpttcheck.mend.edit import Edit
from bpttcheck.mend.edits.accumulations import Loop
from bpttcheck.mend.edits.missing_terms import named, terms
from bpttcheck.mend.schemata import Expression, Insertion
from bpttcheck.mend.site import Site
from bpttcheck.mend.slots import Slot, statements
from bpttcheck.mend.source import Function, Piece, SourceFile
from bpttcheck.mend.values import is_array


def insertions(
    slots: Sequence[Slot], sites: Mapping[int, Site], first: int
) -> Iterator[tuple[Insertion, list[Edit]]]:
    """Return what may be missing at the end of loops, numbered from there on, with its edits."""
    number = first
    for loop, last in _loops(slots):
        site = sites.get(last.number)
        if site is None or last.bound or not _alone(last.source, loop.body[-1]):
            continue
        read = {ast.unparse(n) for n in ast.walk(loop) if isinstance(n, ast.expr)}
        before = {*_made_before(loop, last.function)}
        constant = {t for t in before & read if is_array(site.atoms.get(t))} - site.zeros
        for target in [*sorted(site.zeros), *sorted(constant)]:
            if _is_set(loop, target) or not _is_own(last, target):
                continue
            edits = [*_edits(site, loop, target, number, target in read)]
            if edits:
                yield Insertion(number, loop, target), edits
                number += 1


def _loops(slots: Sequence[Slot]) -> Iterator[tuple[Loop, Slot]]:
    """Return every loop with the last slot within it."""
    functions = {id(slot.function): slot.function for slot in slots}
    for function in functions.values():
        for statement in statements(function):
            if isinstance(statement, Loop):
                inner = {id(one) for one in ast.walk(statement)}
                found = [slot for slot in slots if id(slot.expression) in inner]
                if len(found) > 1:  # more than what it goes through
                    yield statement, found[-1]


def _made_before(loop: Loop, function: Function) -> Iterator[str]:
    """Return the names that a function sets in statements before a loop."""
    for statement in statements(function):
        if isinstance(statement, ast.Assign) and statement.lineno < loop.lineno:
            yield from (one.id for one in statement.targets if isinstance(one, ast.Name))


def _alone(source: SourceFile, statement: ast.stmt) -> bool:
    start, _ = source.span(statement)
    return not source.text[source.starts[statement.lineno - 1] : start].strip()


def _is_set(loop: Loop, target: str) -> bool:
    """Tell whether a loop sets a target, or a part of it, or may set it under some other key."""
    holder = target.partition("[")[0]
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            text = ast.unparse(node).replace("'", '"')
            if isinstance(node.ctx, ast.Store):
                if text in (target, holder) or text.startswith(f"{target}["):
                    return True
                keyed = isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant)
                if keyed and text.startswith(f"{holder}["):
                    return True
    return False


def _is_own(slot: Slot, target: str) -> bool:
    """Tell whether a name is one of the function's own: to set another one would make it so."""
    function = slot.function
    arguments = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    names = (node for node in ast.walk(function) if isinstance(node, ast.Name))
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)} | arguments
    return not target.isidentifier() or target in own


def _edits(site: Site, loop: Loop, target: str, number: int, read: bool) -> Iterator[Edit]:
    """Return what the target may be set to, where the loop reads it, or have added to it."""
    kind = site.atoms.get(target) or site.held[target]
    arrays = {text: shape for text, shape in named(site).items() if text not in site.zeros}
    held = {text: its[1] for text, its in site.held.items() if is_array(its)}
    found = [text for text, shape in arrays.items() if shape == kind[1]]
    if not read:
        longer = (t for t, s in arrays.items() if s[1:] == kind[1] and len(s) > 1)
        found += [f"{text}.sum(axis=0)" for text in longer]
    found += [term for _, term in terms(site, arrays, held, kind)]
    source, name = site.slot.source, site.slot.key[0]
    last = loop.body[-1]
    line = last.end_lineno or last.lineno
    text = source.lines[line - 1]
    ending = text[len(text.rstrip("\r\n")) :] or "\n"
    place = source.starts[line - 1] + len(text.rstrip("\r\n"))
    indent = source.text[source.starts[last.lineno - 1] : source.span(last)[0]]
    for term in found:
        statement = f"{target} = {term}" if read else f"{target} += {term}"
        on = {number: Expression(term if read else f"{target} + {term}", site.slot.owner)}
        pieces = (Piece(place, place, f"{ending}{indent}{statement}"),)
        kind_of = "message" if read else "accumulation"
        words = f"{statement}, at the end of the loop"
        yield Edit(source, name, line, pieces, kind_of, words, on, term=term)
