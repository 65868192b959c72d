"""All edits of a program, each run at the first point, and further where that is worth it."""

from __future__ import annotations

from collections.abc import Sequence

from bpttcheck.mend.asked import Asked
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edit import Edit, by_rank
from bpttcheck.mend.found import Suspect
from bpttcheck.mend.influence import before_loss, guilty, reaches
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.outcomes import Outcomes, Rights
from bpttcheck.mend.place import Misses, Place
from bpttcheck.mend.siblings import groups, joined, together
from bpttcheck.mend.suspects import Suspicion, suspects

SUSPECTING = 8.0
"""Seconds, at most, to find the lines that are suspected; their edits are tried first."""

PART = 0.15
"""Of the time that is left, at most, for that, and for what is tried after an edit is found."""

LOOKED_AT = 3
"""So many suspects are tried one by one, before all else together."""

PAIRED = 3
"""Of so many suspected statements edits are tried two at a time."""

PAIRING = 0.5
"""Of the time that is left, at most, for that: the forward pass is tried after it."""

ALONE = 8.0
"""For so many seconds after an edit was found others are tried: it may not be the only one."""

SHORT = 3
"""Points of one and two steps are among the first so many."""


class Scan:
    """The edits that make all right (``right``), or more of it and nothing wrong (``better``).

    ``base`` is what is right without any. What reaches the loss, or a gradient that is right, is
    edited last: it would change what has to stay as it is. ``thorough`` goes on where something
    was made better, in case that leads nowhere.
    """

    def __init__(
        self,
        asked: Asked,
        bench: Bench,
        places: Sequence[Place],
        base: Rights,
        thorough: bool = False,
    ) -> None:
        self._asked = asked
        self._places = places
        self._base = base
        self.bench = bench
        self.outcomes = Outcomes(bench, places, base)
        self.right: list[list[Edit]] = []
        self.better: list[list[Edit]] = []
        self.part: list[Edit] = []
        self.part_right: frozenset[str] = frozenset()
        self.suspects: dict[int, Suspect] = {}
        self._seen: list[Edit] = []
        self._harmless: list[Edit] = []
        self._thorough = thorough
        self._misses: dict[int, list[tuple[Edit, Misses]]] = {}
        self._found: float | None = None
        self._kept = frozenset[int]()

    def run(self) -> None:
        """Try the edits, those of suspected lines first.

        Raises:
            Failed: the program does not run through as it is.
        """
        place, base = self._places[0], self._base[0]
        reach = reaches(self.bench, place)
        self.bench.look(place)
        began = self._asked.left()
        enough = began - min(SUSPECTING, PART * began)
        short = [
            guilty(self.bench, there, self._base[i])
            for i, there in enumerate(self._places[1:SHORT], 1)
            if self._asked.left() > enough
        ]
        found, lacking, suspicion = suspects(
            self.bench, place, reach, base, lambda: self._asked.left() < enough, short
        )
        slots = self.bench.slots  # what an adaptor is given is not where somebody looks
        first = {n: s for n, s in found.items() if not self._asked.is_last(slots[n].key[0])}
        self.suspects = first or found
        unlikely = {n for n, r in reach.items() if r.loss or (r.single and r.gradients & base)}
        unlikely |= {n for n, r in reach.items() if not r.gradients}
        self._kept = before_loss(self.bench.order, reach)
        rest = {-1, *(slot.number for slot in self.bench.slots)} - unlikely
        likely = [{number} for number in [*self.suspects][:LOOKED_AT]]
        likely.append(rest - set().union(*likely))
        derived, beside = Lacking(terms=lacking.terms), Lacking(beside=lacking.beside)
        some = self._tried(rest.union(*likely), derived) if derived else []  # few, and likely
        some += [edit for slot in likely[:-1] for edit in self._tried(slot)]
        if not self.right and suspicion is not None:
            self._walk(suspicion)
        some += self._tried(likely[-1])
        if not self.right:
            self._combine(some + self._alike())
        for more in (beside, Lacking()) if beside else (Lacking(),):
            if self._goes_on:
                some = [edit for slots in likely for edit in self._tried(slots, more)]
                if not self.right:
                    self._combine(some)
        if self._goes_on:
            self._combine(self._at_short())
        if self._goes_on:
            self._add_up()
        for last in (None, Lacking()):
            if self._goes_on:
                self._combine(self._tried(unlikely, last))
        if self._goes_on:
            self._pairs()

    def _walk(self, suspicion: Suspicion) -> None:
        """Put one line after another right, until all is."""
        from bpttcheck.mend.line_by_line import LineByLine  # most mends do without

        way = LineByLine(self.bench, self._places[0], suspicion, self._asked.left)
        edits = way.walk()
        if edits is not None and self.outcomes.all_right(edits):
            self.right.append(edits)

    @property
    def _goes_on(self) -> bool:
        return not self.right and (self._thorough or not self.better)

    @property
    def _over(self) -> bool:
        found = self._found
        late = found is not None and self._asked.left() < found - min(ALONE, PART * found)
        return late or self._asked.over

    def _tried(self, slots: set[int], more: Lacking | None = None) -> list[Edit]:
        """Keep the edits of slots that make all right, and return those that make more right.

        ``more``: see :meth:`Bench.edits`.
        """
        if self._over:
            return []
        first, base = self._places[0], self._base[0]
        some = []
        for edit in sorted(self.bench.edits(first, slots, more), key=by_rank):
            if self._over:
                break
            if more is None:
                self._seen.append(edit)
            ran = self.bench.run(edit, first)
            if ran is None or not ran.loss_kept or not ran.right >= base:
                continue
            self._harmless.append(edit)
            self._misses.setdefault(0, []).append((edit, ran.misses))
            if not ran.right > base:
                continue
            one = self._all_right(edit) if ran.right == first.names else None
            if one is None:
                some.append(edit)
            else:
                self.right.append([one])
                self._found = self._found or self._asked.left()
        return some

    def _all_right(self, edit: Edit) -> Edit | None:
        """Return an edit, or one that came to the same here, that makes all right everywhere."""
        return next((one for one in (edit, *edit.equals) if self.outcomes.all_right([one])), None)

    def _alike(self) -> list[Edit]:
        """Return the edits of sibling statements that make more right together than each alone."""
        first, base, some = self._places[0], self._base[0], []
        for edits in groups(self.bench.slots, self._seen):
            if self._over or self.right:
                break
            ran = self.bench.run(edits, first)
            if ran is None or not ran.loss_kept or not ran.right > base:
                continue
            if ran.right == first.names and self.outcomes.all_right(edits):
                self.right.append(edits)
            else:
                some.append(together(edits))
        return some

    def _add_up(self) -> None:
        """Try what adds up: terms that count as often as they are missing, and two edits at once.

        Points of few steps first: what is handed back there is changed once.
        """
        from bpttcheck.mend.superposition import counts, pairs, written  # most mends do without
        from bpttcheck.mend.term_edits import both, counted

        for i in sorted(self._misses, key=lambda i: (i == 0, i)):
            ran = self.bench.run([], self._places[i])
            wrong = self._places[i].names - self._base[i]
            if ran is None or not wrong:
                continue
            tried = self._misses[i]
            for edit, count in counts(ran.misses, tried, wrong):
                site = self.bench.sites.get(edit.slot)
                for text in written(count, site.numbers if site is not None else {}):
                    self._take([counted(self.bench.slots, edit, text)])
            found = pairs(ran.misses, tried, wrong)
            for two in sorted(found, key=lambda two: sum(by_rank(edit) for edit, _ in two)):
                one, other = (
                    edit if sign > 0 else counted(self.bench.slots, edit, "- ")
                    for edit, sign in two
                )
                self._take(both(self.bench.slots, one, other))
            if self.right:
                return

    def _pairs(self) -> None:
        """Try two edits at once, of suspected statements, where one alone does nothing."""
        slots = [*self.suspects][:PAIRED]
        some = [edit for edit in self._harmless if edit.slot in slots and not edit.term]
        some.sort(key=by_rank)
        enough = self._asked.left() * (1 - PAIRING)
        for j, other in enumerate(some):
            for edit in some[:j]:
                if self._asked.left() < enough or self._take(
                    joined(self.bench.slots, [edit, other])
                ):
                    return

    def _take(self, edits: list[Edit] | None) -> bool:
        """Keep edits if they make more right together, and hide nothing; tell whether they do."""
        if edits is None or self._over or not self.outcomes.is_step(edits):
            return False
        if not self.outcomes.honest(edits):
            return False
        (self.right if self.outcomes.all_right(edits) else self.better).append(edits)
        return True

    def _at_short(self) -> list[Edit]:
        """Return the edits that make more right at another point, where fewer mistakes show."""
        some: dict[Edit, None] = {}
        for i, place in enumerate(self._places[1:SHORT], 1):
            for edit in self._harmless:
                if self._over:
                    break
                ran = self.bench.run(edit, place)
                if ran is None or not ran.loss_kept or not ran.right >= self._base[i]:
                    continue
                self._misses.setdefault(i, []).append((edit, ran.misses))
                if ran.right > self._base[i]:
                    some.setdefault(edit)
        return list(some)

    def _combine(self, some: list[Edit]) -> None:
        """Put together the edits that make something right, as long as more is right with each."""
        gains = {}
        for edit in (self.outcomes.step(one, lambda: self._over) for one in some):
            if self._over:
                break
            if edit is not None:
                gains[edit] = sum(map(len, self.outcomes.rights([edit]).values()))
        ranked = sorted(
            gains, key=lambda edit: (*self.order([edit])[:1], -gains[edit], edit.length)
        )
        self._keep_part(ranked)
        for first in ranked[:LOOKED_AT]:
            edits = [first]
            for other in ranked:
                more = None if other is first else joined(self.bench.slots, [*edits, other])
                if more is not None and not self._over:
                    edits = (
                        more if self.outcomes.is_step(more, self.outcomes.rights(edits)) else edits
                    )
            if self.outcomes.all_right(edits):
                self.right.append(edits)
                return
            self.better.append(edits)
        self.better.sort(key=lambda edits: -sum(map(len, self.outcomes.rights(edits).values())))

    def order(self, edits: list[Edit]) -> tuple[bool, bool, int]:
        """Return what edits are ordered by: those of an adaptor's last, the short ones first.

        What a backward pass does comes before what is kept for it: there somebody reads it.
        """
        last = any(self._asked.is_last(edit.function) for edit in edits)
        kept = any(edit.slot in self._kept for edit in edits)
        return last, kept, sum(edit.length for edit in edits)

    def _keep_part(self, ranked: list[Edit]) -> None:
        """Keep the edits that make some gradient right at every point, as a part of a mend."""
        known = frozenset.intersection(*self._base.values())
        for edit in ranked:
            more = joined(self.bench.slots, [*self.part, edit])
            if more is not None and not self._over:
                right = frozenset.intersection(*self.outcomes.rights(more).values())
                if right > known:
                    self.part, known = more, right
        self.part_right = known
