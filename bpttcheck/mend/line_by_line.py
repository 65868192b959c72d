"""Many mistakes, one after another on the way back: each line is put right by itself.

What a line of the backward pass should make is known, where all that it reads is a gradient: some
true adjoint. So the first suspected line is edited until its result is one, then the next that is
suspected, whatever is still wrong behind it. That its value is recognised is a hint and no more:
all edits together have to make all gradients right, at every point.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import Any

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.eager import Twin
from bpttcheck.mend.edit import Edit, by_rank, on_of
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.siblings import joined
from bpttcheck.mend.suspects import Suspicion, Visit, Watcher
from bpttcheck.mend.values import array_of, digest

SHARE = 0.5
"""Of the time that is left, at most, to put one line after another right."""

STEPS = 8
"""So many lines at most are put right one after another."""

CHOSEN = 60
"""Of so many edits that make a line's result a gradient it is asked what else they put right."""

TWICE = ("transpose", "sign", "index", "name", "function")
"""Kinds of slips that people make twice in a line."""

PAIRED = 130
"""Of so many edits of a kind two are tried at once in a line, where none does alone."""

CALLED = 400
"""Edits at most of the functions that a line calls, each of which takes a run."""

Good = tuple[bool, list[Edit]]
"""Edits that make a result a gradient, and whether it is one of some uses of a value alone."""


class LineByLine:
    """A program on its way to be right, at a point; ``edits`` are those that were chosen so far.

    ``left`` tells how many seconds are, of which a share is taken.
    """

    def __init__(
        self, bench: Bench, place: Place, suspicion: Suspicion, left: Callable[[], float]
    ) -> None:
        self._bench = bench
        self._place = place
        self._suspicion = suspicion
        self._left, self._enough = left, left() * (1 - SHARE)
        self.edits: list[Edit] = []

    def walk(self) -> list[Edit] | None:
        """Return the edits that were chosen, once all gradients of the point are right."""
        suspicious, seen = self._suspicious([])
        for _ in range(STEPS):
            if not suspicious or self._over():
                return None
            better = self._better(suspicious[0], seen)
            if better is None:
                return None
            self.edits, suspicious, seen = better
            ran = self._bench.run(self.edits, self._place)
            if ran is not None and ran.loss_kept and ran.right == self._place.names:
                return self.edits
        return None

    def _over(self) -> bool:
        return self._left() < self._enough

    def _suspicious(self, edits: Sequence[Edit]) -> tuple[list[int], list[Visit]]:
        """Return the visits whose results are no gradients, by their places among all visits."""
        watcher = Watcher(self._bench)
        try:
            with self._bench.listened(watcher), self._bench.with_on(on_of(edits)):
                self._place.call()
        except Failed:
            return [], []
        seen = watcher.seen
        found = {i: None for i, slot, _ in self._suspicion.suspected(seen) if slot is seen[i].slot}
        return [*found], seen

    def _better(
        self, where: int, seen: list[Visit]
    ) -> tuple[list[Edit], list[int], list[Visit]] | None:
        """Return the edits with one more, that makes the result of a visit a gradient.

        Of several the one that leads furthest: the next result that is none comes last. With it,
        what is suspicious then, and all visits.
        """
        visit = seen[where]
        own = sorted(self._bench.edits(self._place, {visit.slot.number}), key=by_rank)
        whole = [edit for edit in own if set(edit.on) == {visit.slot.number}]
        good = [*self._recognised(visit, [[edit] for edit in whole])]
        called = _called(where, seen)
        if called and not self._over():
            others = sorted(self._bench.edits(self._place, called), key=by_rank)
            good += [*self._run(visit, others[:CALLED])]
        if not good:
            good = [*self._recognised(visit, _twice(whole))]
        best, furthest = None, (False, where, 0)
        for part, some in sorted(good, key=lambda one: one[0])[:CHOSEN]:
            edits = joined(self._bench.slots, [*self.edits, *some])
            if edits is None or self._over():
                continue
            left, again = self._suspicious(edits)
            if not again or (left and left[0] <= where):
                continue
            far = (not part, left[0] if left else len(again), -len(left))
            if best is None or far > furthest:
                best, furthest = (edits, left, again), far
        return best

    def _recognised(self, visit: Visit, tried: Iterable[list[Edit]]) -> Iterator[Good]:
        """Return the edits of a slot that make its value at a visit a gradient."""
        site = self._bench.sites[visit.slot.number]
        if not site.pure:
            return
        one_line = []
        for edits in tried:
            some = joined(self._bench.slots, edits)
            if some is not None and len(some) == 1:
                one_line.append((edits, some[0].on[visit.slot.number]))
        values: list[Array | None] = []
        count = itertools.count()

        def evaluated(number: int, _: Any, frame: FrameType) -> None:
            if number != visit.slot.number or next(count) != visit.number:
                return
            twin = Twin(frame.f_globals, frame.f_locals)
            for _edits, expression in one_line:
                try:
                    assert expression is not None
                    values.append(array_of(twin.value(expression)))
                except Exception:
                    values.append(None)

        try:
            with self._bench.listened(evaluated), self._bench.with_on(on_of(self.edits)):
                self._place.call()
        except Failed:
            return
        for (edits, _), value in zip(one_line, values, strict=False):
            if (part := self._part(visit, value)) is not None:
                yield part, edits

    def _run(self, visit: Visit, others: Iterable[Edit]) -> Iterator[Good]:
        """Return the edits elsewhere that make the value of a slot at a visit a gradient."""
        values: list[Array | None] = []

        def watched(number: int, value: Any, _: FrameType) -> None:
            if number == visit.slot.number:
                made = array_of(value)
                values.append(None if made is None else made.copy())

        with self._bench.listened(watched):
            for edit in others:
                edits = joined(self._bench.slots, [*self.edits, edit])
                if edits is None or any(n >= len(self._bench.slots) for n in edit.on):
                    continue
                if self._over():
                    return
                values.clear()
                ran = self._bench.run(edits, self._place)
                if ran is None or not ran.loss_kept or len(values) <= visit.number:
                    continue
                if (part := self._part(visit, values[visit.number])) is not None:
                    yield part, [edit]

    def _part(self, visit: Visit, value: Array | None) -> bool | None:
        """Tell whether a value is the gradient of some uses alone; None if it is none at all.

        Or if it is one that is read already. What is added to a sum is of some uses, as it should.
        """
        assert visit.value is not None
        if value is None or value.dtype.kind != "f" or value.shape != visit.value.shape:
            return None
        if not value.any() or digest(value) in {digest(one) for one in visit.inputs.values()}:
            return None
        what = self._suspicion.known.recognised(value)
        if what is None or what.factor != 1.0:
            return None
        return bool(what.adjoint.left_out) and not isinstance(visit.slot.statement, ast.AugAssign)


def _twice(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Return two edits of a line at once, both of one kind."""
    for kind in TWICE:
        some = [edit for edit in edits if edit.kind == kind]
        yield from map(list, itertools.combinations(some[:PAIRED], 2))


def _called(where: int, seen: Sequence[Visit]) -> set[int]:
    """Return the slots of functions that ran while a visit's expression was evaluated."""
    found: set[int] = set()
    for visit in reversed(seen[:where]):
        if visit.slot.key == seen[where].slot.key:
            break
        found.add(visit.slot.number)
    return found
