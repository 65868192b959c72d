"""Which lines are suspected: the first whose result is no gradient, while what it reads is one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.adjoints import Adjoint, Known, Recogniser, adjoints
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edits.accumulations import added_to
from bpttcheck.mend.found import Suspect
from bpttcheck.mend.influence import Reach, guilty
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.left_out import but_for, lacking
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.schemata import Expression
from bpttcheck.mend.site import ATOMS, scoped
from bpttcheck.mend.slots import Slot
from bpttcheck.mend.values import array_of, digest, is_array


@dataclass
class Visit:
    """A visit of a slot: its value, and the arrays that its expression reads, by their text."""

    slot: Slot
    number: int
    value: Array | None
    inputs: dict[str, Array] = field(default_factory=dict)


class Watcher:
    """Listens to a run, and keeps what slots read and made, in order."""

    def __init__(self, bench: Bench) -> None:
        self._sites = bench.sites
        self.seen: list[Visit] = []
        self._counts: dict[int, int] = {}

    def __call__(self, number: int, value: Any, frame: FrameType) -> None:
        """Take in a visit of a slot."""
        site = self._sites[number]
        made = array_of(value)
        count = self._counts[number] = self._counts.get(number, -1) + 1
        visit = Visit(site.slot, count, None if made is None else made.copy())
        hidden = scoped(site.slot.expression)
        for node in site.nodes:
            inner = isinstance(site.parents.get(id(node)), ATOMS)
            if not isinstance(node, ATOMS) or inner or id(node) in hidden:
                continue
            if not is_array(site.kind(node)):
                continue
            text = site.text(node)
            try:
                read = array_of(
                    Expression(text, site.slot.owner).value(frame.f_globals, frame.f_locals)
                )
            except Exception:
                continue
            if read is not None:
                visit.inputs[text] = read.copy()
        self.seen.append(visit)


@dataclass(frozen=True)
class Suspicion:
    """What suspicion rests on: the adjoints, the visits that may be guilty, what is no gradient."""

    known: Recogniser
    blamed: Mapping[int, Collection[int]]
    forward: set[Any]

    def suspected(self, seen: Iterable[Visit]) -> Iterator[tuple[int, Slot, str | Known]]:
        """Return the visits that make a slot suspect, by their places, with the slot and why."""
        made: dict[Any, Slot] = {}
        for i, visit in enumerate(seen):
            if visit.number in self.blamed.get(visit.slot.number, ()):
                for slot, why in _why(visit, self.known, self.forward, made):
                    yield i, slot, why
            if visit.value is not None:
                made[digest(visit.value)] = visit.slot


def suspects(
    bench: Bench,
    place: Place,
    reach: Mapping[int, Reach],
    right: frozenset[str],
    over: Callable[[], bool],
    short: Iterable[Collection[int]] = (),
) -> tuple[dict[int, Suspect], Lacking, Suspicion | None]:
    """Return the suspected slots, the likeliest first, what may be lacking, and what says so.

    ``short`` are the slots that may be guilty of what is wrong at points of few steps.
    """
    watcher = Watcher(bench)
    try:
        with bench.listened(watcher):
            place.call()
        blamed = guilty(bench, place, right)
        known = Recogniser(*adjoints(bench, place, reach, over))
    except Failed:
        return {}, Lacking(), None
    partial: list[Known] = []
    forward = _of_forward(watcher.seen, reach, known)
    found: dict[int, Suspect] = {}
    suspicion = Suspicion(known, blamed, forward)
    for _, slot, why in suspicion.suspected(watcher.seen):
        if isinstance(why, Known):
            partial.append(why)
            why = but_for(bench.slots, why)
        found.setdefault(slot.number, _suspect(slot, why))
    wrong = place.names - right
    kept = _kept(watcher.seen, reach)
    unclear = {one.slot.number for one in watcher.seen if _is_unclear(one, known, kept)}
    times = Counter(number for some in short for number in some)
    several = {number for number, its in reach.items() if not its.single}
    for slot in sorted(bench.slots, key=lambda slot: (slot.number in several, -times[slot.number])):
        its = reach.get(slot.number)
        if its is not None and not its.loss and its.gradients == wrong and slot.number in unclear:
            why = "all wrong gradients depend on it, and no right one does"
            found.setdefault(slot.number, _suspect(slot, why))
    found = {**_idle(watcher.seen, reach), **found}
    what = lacking(bench, partial, known, _gradients(watcher.seen, forward, known))
    return found or _all_zero(watcher.seen, reach, right), what, suspicion


def _gradients(seen: list[Visit], forward: set[Any], known: Recogniser) -> dict[str, list[Adjoint]]:
    """Return the gradients that are read, by what they are read as."""
    found: dict[str, list[Adjoint]] = {}
    for visit in seen:
        for text, array in visit.inputs.items():
            if {digest(array), digest(array.T)} & forward or not np.any(array):
                continue
            what = known.recognised(array)
            if what is not None and what.factor == 1.0:
                found.setdefault(text, []).append(what.adjoint)
    return found


def _idle(seen: list[Visit], reach: Mapping[int, Reach]) -> dict[int, Suspect]:
    """Return the slots that add to an array which nothing comes of: it was meant to be a part."""
    found: dict[int, Suspect] = {}
    for visit in seen:
        its, slot = reach.get(visit.slot.number), visit.slot
        name = added_to(slot.statement)
        shape = () if visit.value is None else visit.value.shape
        if name and shape and its is not None and not its.loss and not its.gradients:
            why = f"what is added to {name} here reaches no gradient"
            found.setdefault(slot.number, _suspect(slot, why))
    return found


def _all_zero(
    seen: list[Visit], reach: Mapping[int, Reach], right: frozenset[str]
) -> dict[int, Suspect]:
    """Return the first slot in which nothing but zeros is made of zeros: a term is missing there.

    Nothing else can be said where a gradient is lost before anything was made of it.
    """
    visits: dict[int, list[Visit]] = {}
    for visit in seen:
        visits.setdefault(visit.slot.number, []).append(visit)
    for number, mine in visits.items():
        its = reach.get(number)
        lost = its is None or not (its.loss or its.gradients & right)
        values = [visit.value for visit in mine if visit.value is not None]
        made_of_zeros = all(not one.any() for visit in mine for one in visit.inputs.values())
        floats = all(one.dtype.kind == "f" and one.ndim and not one.any() for one in values)
        if lost and values and floats and made_of_zeros and mine[0].inputs:
            why = "it is zero whenever it runs, and so is all that it is made of"
            return {number: _suspect(mine[0].slot, why)}
    return {}


def _is_unclear(visit: Visit, known: Recogniser, kept: set[Any]) -> bool:
    """Tell whether a value is neither one that the forward pass keeps, nor a gradient."""
    value = visit.value
    if value is None or not value.any() or {digest(value), digest(value.T)} & kept:
        return False
    what = known.recognised(value) if value.dtype.kind == "f" else None
    return known.complete if what is None else what.factor != 1.0


def _suspect(slot: Slot, why: str) -> Suspect:
    return Suspect(slot.source.file, slot.line, why)


def _kept(seen: list[Visit], reach: Mapping[int, Reach]) -> set[Any]:
    """Return the marks of values that the forward pass made, or was given.

    What it reads besides is not among them: a return of the loss reads the gradients too. Nor is
    what is made of its values alone: a wrong gradient may be.
    """
    made, read, elsewhere = set[Any](), set[Any](), set[Any]()
    for visit in seen:
        its = reach.get(visit.slot.number)
        of_loss = its is None or its.loss
        if of_loss:
            read |= {digest(one) for one in visit.inputs.values()}
        if visit.value is not None:
            (made if of_loss else elsewhere).add(digest(visit.value))
    return made | (read - elsewhere)


def _of_forward(seen: list[Visit], reach: Mapping[int, Reach], known: Recogniser) -> set[Any]:
    """Return the marks of values of the forward pass, and of what is made of those alone.

    But for gradients: at the last step they are made of nothing else.
    """
    forward: set[Any] = set()
    for visit in seen:
        its = reach.get(visit.slot.number)
        read = {digest(one) for one in visit.inputs.values()}
        if its is None or its.loss or (read and read <= forward):
            forward |= read
            value, passes = visit.value, its is None or its.loss
            if value is not None and (passes or _is_no_gradient(value, known)):
                forward.add(digest(value))
    return forward


def _is_no_gradient(value: Array, known: Recogniser) -> bool:
    return value.dtype.kind != "f" or not value.any() or known.recognised(value) is None


def _why(
    visit: Visit, known: Recogniser, forward: set[Any], made: Mapping[Any, Slot]
) -> Iterator[tuple[Slot, str | Known]]:
    """Return the slot that a visit makes suspect, and why; nothing where it does not.

    It is the one that ``made`` what is read, if that is the gradient of some uses of a value alone
    and no term of a sum here, where the others might come to it: what it is then says why.
    """
    if visit.value is None or visit.value.dtype.kind != "f" or not np.any(visit.value):
        return
    read: dict[str, Known] = {}
    for text, array in visit.inputs.items():
        if {digest(array), digest(array.T)} & forward or not np.any(array):
            continue
        what = known.recognised(array)
        if what is None or what.factor != 1.0:
            return
        read[text] = what
    if not read:
        return
    result = known.recognised(visit.value)
    if (result is None and not known.complete) or (result is not None and result.factor == 1.0):
        return
    terms = _terms(visit.slot.expression)
    parts = [text for text, what in read.items() if what.adjoint.left_out and text not in terms]
    makers = {text: made.get(digest(visit.inputs[text])) for text in parts}
    if any(maker is not visit.slot for maker in makers.values()):
        for text, maker in makers.items():
            if maker is not None:
                yield maker, read[text]
        return
    given = ", ".join(f"{text} is {what}" for text, what in read.items())
    told = "no gradient of anything" if result is None else str(result)
    yield visit.slot, f"{given}, but what is made of it here is {told}"


def _terms(expression: ast.expr) -> set[str]:
    """Return what is a term of a sum, or anything in one that is the whole."""
    sums = [n for n in ast.walk(expression) if isinstance(n, ast.BinOp)]
    sums = [n for n in sums if isinstance(n.op, ast.Add | ast.Sub)]
    whole = ast.walk(expression) if expression in sums else [expression]
    parts = [*whole, *(one for n in sums for one in (n.left, n.right))]
    return {ast.unparse(one) for one in parts if isinstance(one, ast.expr)}
