"""Which edits are worth a run: those that compute something else, and nothing another computes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

import numpy as np

from bpttcheck.mend.eager import Twin
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.edits import Change, changes, more_changes
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.siblings import pattern
from bpttcheck.mend.site import Site
from bpttcheck.mend.source import Piece
from bpttcheck.mend.values import Kind, array_of, digest, fits, kind

EQUALS = 6
"""Of edits that come to the same, so many are kept."""

OF_LOOPS = ("index", "slice", "reversed", "order")
"""Kinds of edits of what a loop goes through: what is gone through is no place for a factor."""

VISITS = 12
"""Values are compared at so many visits of a slot at most."""


@dataclass(eq=False)
class Candidate:
    """An edit of a slot, and what its value was at the visits: the digest of each.

    ``nothing`` says that it was zero at all of them.
    """

    edit: Edit
    scope: ast.expr | None
    expression: Expression | None
    seen: list[Any] = field(default_factory=list)
    alive: bool = True
    known: bool = True
    nothing: bool = True


def candidates(site: Site, more: Lacking | None = None) -> Iterator[Candidate]:
    """Return the edits of a site, each text once; ``more``: those that put in something."""
    texts = set()
    loop = isinstance(site.slot.statement, ast.For)
    for change in changes(site) if more is None else more_changes(site, more):
        if loop and not of_a_loop(change):
            continue
        one = _candidate(site, change)
        if one is not None:
            text = tuple((p.start, p.end, p.text) for p in one.edit.pieces)
            if text not in texts:
                texts.add(text)
                yield one


def of_a_loop(change: Change) -> bool:
    """Return whether an edit may be of what a loop goes through: in another order, say.

    A function of one of several gradients that a loop clips would change that one, where its
    mistake is not.
    """
    if change.kind == "function":
        return "reversed" in change.words or change.words.endswith((" without max", " without min"))
    return change.kind in OF_LOOPS


def _candidate(site: Site, change: Change) -> Candidate | None:
    slot = site.slot
    pieces = [Piece(*slot.source.span(node), text) for node, text in change.parts]
    try:
        whole = Expression(slot.source.edited(slot.expression, pieces), slot.owner)
    except (SyntaxError, ValueError):
        return None
    name, line = slot.key[0], change.parts[0][0].lineno
    on = {slot.number: whole}
    edit = Edit(slot.source, name, line, tuple(pieces), change.kind, change.words, on, slot.number)
    likeness, within = _likeness(site, change), _within(site, change)
    edit = replace(edit, likeness=likeness, within=within, term=change.term)
    scope = _scope(site, [node for node, _ in change.parts])
    if scope is None:
        return Candidate(edit, None, None)
    if scope is slot.expression:
        return Candidate(edit, scope, whole)
    return Candidate(edit, scope, Expression(slot.source.edited(scope, pieces), slot.owner))


def _likeness(site: Site, change: Change) -> object:
    """Return what the same change of a sibling statement would have in common."""
    order = {id(node): i for i, node in enumerate(site.nodes)}
    where = tuple(order.get(id(node), -1) for node, _ in change.parts)
    node, text = change.parts[0]
    done = pattern(site.text(node), text)
    return site.slot.key, site.skeleton, where, change.kind, done


def _within(site: Site, change: Change) -> object:
    """Return what the same change elsewhere in the statement would have in common, if of one part.

    That is the change, and what the part is there: the right factor of a product, say.
    """
    if len(change.parts) > 1:
        return None
    node, text = change.parts[0]
    parent = site.parents.get(id(node))
    sides = [name for name, one in ast.iter_fields(parent) if one is node] if parent else []
    op = type(getattr(parent, "op", None)).__name__
    role = (type(parent).__name__, op, *sides)
    return site.slot.number, change.kind, pattern(site.text(node), text), role


def _scope(site: Site, nodes: Sequence[ast.expr]) -> ast.expr | None:
    """Return the outermost part around all nodes that can be evaluated once more."""
    if site.pure:
        return site.slot.expression
    found: ast.expr | None = None
    here: ast.AST | None = nodes[0]
    while here is not None and len(nodes) == 1:
        if (
            isinstance(here, ast.expr)
            and id(here) in site.kinds
            and here is not site.slot.expression
        ):
            found = here
        here = site.parents.get(id(here))
    return found


def _is_finite(value: Any) -> bool:
    array = array_of(value)
    return array is None or array.dtype.kind != "f" or bool(np.isfinite(array).all())


class Recorder:
    """Listens to a run, and evaluates every candidate at every visit of its slot."""

    def __init__(
        self, by_slot: Mapping[int, Sequence[Candidate]], sites: Mapping[int, Site]
    ) -> None:
        self._by_slot = by_slot
        self._sites = sites
        self._visits: dict[int, int] = {}
        self._first: dict[int, Kind] = {}
        self._original: dict[int, tuple[Expression, list[Any]]] = {}

    def __call__(self, number: int, value: Any, frame: FrameType) -> None:
        """Take in a visit of a slot."""
        visit = self._visits[number] = self._visits.get(number, 0) + 1
        found = self._by_slot.get(number, ())
        if visit > VISITS or not found:
            return
        twin = Twin(frame.f_globals, frame.f_locals)
        before: dict[int, Any] = {}
        for one in found:
            if not one.alive or one.scope is None or one.expression is None:
                continue
            scope = id(one.scope)
            if scope not in before:
                before[scope] = self._before(number, one.scope, value, twin)
            try:
                new = twin.value(one.expression)
            except Exception:
                one.alive = False
                continue
            loop = isinstance(self._sites[number].slot.statement, ast.For)
            if not loop and not fits(kind(new), kind(before[scope])):
                one.alive = False
                continue
            if _is_finite(before[scope]) and not _is_finite(new):
                one.alive = False
                continue
            array = array_of(new)
            one.nothing = one.nothing and array is not None and not array.any()
            mark = digest(new)
            one.known = one.known and mark is not None
            one.seen.append(mark)

    def _before(self, number: int, scope: ast.expr, value: Any, twin: Twin) -> Any:
        site = self._sites[number]
        if scope is not site.slot.expression:
            if id(scope) not in self._original:
                one = Expression(site.text(scope), site.slot.owner)
                self._original[id(scope)] = (one, [])
            value = twin.value(self._original[id(scope)][0])
        self._original.setdefault(id(scope), (Expression("0"), []))[1].append(digest(value))
        return value

    def worth_a_run(self) -> list[Candidate]:
        """Return the candidates that compute something new: of equal ones the shortest."""
        kept: list[Candidate] = []
        for found in self._by_slot.values():
            alike: dict[Any, list[Candidate]] = {}
            for one in found:
                if not one.alive or (one.seen and one.nothing and one.edit.kind == "factor"):
                    continue  # a counter that is 0 where it is asked makes nothing of all
                if one.scope is None or not one.known:
                    kept.append(one)
                elif one.seen and one.seen != self._original[id(one.scope)][1]:
                    alike.setdefault((id(one.scope), *one.seen), []).append(one)
            for some in alike.values():
                some.sort(key=lambda one: one.edit.length)
                some[0].edit.equals.extend(other.edit for other in some[1:EQUALS])
                kept.append(some[0])
        return kept
