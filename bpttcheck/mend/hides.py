"""Edits that only keep something wrong from coming into play: a limit that nothing reaches."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edit import Edit, on_of
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.slots import Slot
from bpttcheck.mend.source import Piece
from bpttcheck.mend.values import array_of, is_array

NAME = "__bpttcheck_chosen__"

CHOOSING = frozenset(
    (
        "min",
        "max",
        "minimum",
        "maximum",
        "fmin",
        "fmax",
        "clip",
        "clip_",
        "clamp",
        "clamp_",
        "where",
    )
)
"""Functions that take one of several values: what they are given may not matter at all."""

SHIFT = 1e-3
"""Of a number's size: enough to be seen in every digit that depends on it."""

Told = Mapping[str, Array]


class Choice:
    """A comparison, or a number that a choosing function is given: ``span`` is its place."""

    def __init__(self, slot: Slot, node: ast.expr) -> None:
        self.slot, self.span = slot, slot.source.span(node)
        self.compared = isinstance(node, ast.Compare)


def hides(bench: Bench, edits: Sequence[Edit], places: Sequence[Place]) -> bool:
    """Tell whether edits do nothing but keep something wrong from coming into play.

    They change what choices are made by, and nothing else: without them, but with the choices made
    as with them, the gradients are the same. And what they put there does not matter: no entry
    reaches the limit, the comparison comes out the same for all.
    """
    choices = [one for slot in bench.slots for one in _choices(bench, slot)]
    if not choices:
        return False
    texts = _Texts(bench, choices)
    found = [one for one in (_hidden(texts, edits, place) for place in places) if one is not None]
    return bool(found) and all(found)


def _hidden(texts: _Texts, edits: Sequence[Edit], place: Place) -> bool | None:
    """Tell the same of one point; None where all choices are as they were."""
    old, before = texts.run(place, [])
    new, after = texts.run(place, edits)
    if before is None or after is None:
        return None
    moved = {i for i in new if i in old and _entries(old[i]) != _entries(new[i])}
    if not moved:
        return None

    def as_now(i: int, visit: int, value: Any) -> Any:
        return new[i][visit] if i in moved and visit < len(new[i]) else value

    _, chosen = texts.run(place, [], as_now)
    if chosen is None or not _equal(after, chosen):
        return False

    def shifted(sign: int) -> bool:
        """Tell whether the gradients stay as they are where the numbers are a little others."""

        def put(i: int, _: int, value: Any) -> Any:
            number = i in moved and not texts.choices[i].compared
            return value + sign * _little(value) if number else value

        _, now = texts.run(place, edits, put)
        return now is not None and _equal(after, now)

    if not (shifted(1) or shifted(-1)):  # at a tie one of them is chosen
        return False
    return all(len(set(_entries(new[i]))) == 1 for i in moved if texts.choices[i].compared)


def _little(value: Any) -> Any:
    """Return by how much a number is shifted: a whole number, which may count steps, by one."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return 1 if whole else SHIFT * (abs(value) or 1.0)


def _choices(bench: Bench, slot: Slot) -> Iterator[Choice]:
    site = bench.sites.get(slot.number)
    if slot.bound or site is None:
        return
    for node in ast.walk(slot.expression):
        if isinstance(node, ast.Compare):
            if any(is_array(site.kind(one)) for one in (node.left, *node.comparators)):
                yield Choice(slot, node)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in CHOOSING:
                for one in (*node.args, *(keyword.value for keyword in node.keywords)):
                    if not isinstance(one, ast.Starred | ast.GeneratorExp):
                        yield Choice(slot, one)


class _Texts:
    """The slots that choose, with what the choices are made by told and put in place."""

    def __init__(self, bench: Bench, choices: list[Choice]) -> None:
        self.choices = choices
        self._bench = bench
        self._slots = {one.slot.number: one.slot for one in choices}

    def run(
        self,
        place: Place,
        edits: Sequence[Edit],
        told: Callable[[int, int, Any], Any] = lambda _i, _visit, value: value,
    ) -> tuple[dict[int, list[Any]], Told | None]:
        """Return the values of every choice, by visit, and the gradients; None where it fails."""
        seen: dict[int, list[Any]] = {}

        def chosen(i: int, value: Any) -> Any:
            kept = seen.setdefault(i, [])
            array = np.asarray(value) if isinstance(value, int) else array_of(value)
            if not self.choices[i].compared and (array is None or array.ndim):
                return value  # what is chosen from, not by
            kept.append(value)
            return told(i, len(kept) - 1, value)

        on = on_of(edits)
        for number, slot in self._slots.items():
            pieces = [p for edit in edits if number in edit.on for p in edit.pieces]
            try:
                on[number] = _Chosen(self._text(slot, pieces), slot.owner, chosen)
            except SyntaxError:
                continue
        try:
            with self._bench.with_on(on):
                return seen, place.told()[1]
        except Failed:
            return seen, None

    def _text(self, slot: Slot, pieces: Sequence[Piece]) -> str:
        """Return a slot's text with pieces replaced, and every choice that is left in a call."""
        start, end = slot.source.span(slot.expression)
        marks: list[tuple[int, int, int, str, int]] = []
        for i, one in enumerate(self.choices):
            first, last = one.span
            gone = any(
                p.start <= first and last <= p.end and (p.start, p.end) != one.span for p in pieces
            )
            if one.slot is slot and not gone:
                marks.append((first, 1, first - last, f"{NAME}({i}, (", first))
                marks.append((last, 0, last - first, "))", last))
        marks += [(p.start, 2, 0, p.text, p.end) for p in pieces]
        found, here = "", start
        for first, _, _, text, last in sorted(marks):
            found += slot.source.text[here:first] + text
            here = max(here, last)
        return found + slot.source.text[here:end]


class _Chosen(Expression):
    """An expression in which ``NAME(i, value)`` is asked."""

    __slots__ = ("_chosen",)

    def __init__(self, text: str, owner: str, chosen: Callable[[int, Any], Any]) -> None:
        super().__init__(text, owner)
        self._chosen = chosen

    def value(self, names: Mapping[str, Any], local: Mapping[str, Any]) -> Any:
        """Return its value with the globals and locals of a frame."""
        return eval(self.code, {**names, **local, NAME: self._chosen})


def _entries(values: list[Any]) -> list[Any]:
    return [entry for value in values for entry in np.asarray(value).ravel().tolist()]


def _equal(one: Told, other: Told) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n]) for n in one)
