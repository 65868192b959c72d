"""All edits of a program, each run at the first point, and further where that is worth it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bpttcheck.mend.asked import Asked
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.by_differences import by_differences
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.found import Suspect
from bpttcheck.mend.hides import hides
from bpttcheck.mend.influence import reaches
from bpttcheck.mend.place import Place
from bpttcheck.mend.siblings import groups, joined, together
from bpttcheck.mend.suspects import suspects

SUSPECTING = 8.0
"""Seconds, at most, to find the lines that are suspected; their edits are tried first."""

LOOKED_AT = 3
"""So many suspects are tried one by one, before all else together."""

PAIRED = 3
"""Of so many suspected statements edits are tried two at a time."""

ALONE = 8.0
"""For so many seconds after an edit was found others are tried, that it may be the only one."""

SHORT = 3
"""Points of one and two steps are among the first so many."""

RANKS = (
    *("transpose", "sign", "accumulation", "order", "index", "left out", "slice", "reversed"),
    *("name", "function", "axis", "sum", "product", "power", "factor", "term", "association"),
    *("slope", "einsum", "condition", "matrix", "message"),
)
"""The kinds of edits, the likeliest first."""

Rights = Mapping[int, frozenset[str]]
"""What is right at each point, by its number."""


def by_rank(edit: Edit) -> int:
    """Return where an edit's kind stands among all: edits are tried in this order."""
    return RANKS.index(edit.kind)


class Scan:
    """The edits that make all right (``right``), or more of it and nothing wrong (``better``).

    ``base`` is what is right without any. What reaches the loss, or a gradient that is right, is
    edited last: it would change what has to stay as it is.
    """

    def __init__(self, asked: Asked, bench: Bench, places: Sequence[Place], base: Rights) -> None:
        self._asked = asked
        self._places = places
        self._base = base
        self.bench = bench
        self.right: list[list[Edit]] = []
        self.better: list[list[Edit]] = []
        self.part: list[Edit] = []
        self.part_right: frozenset[str] = frozenset()
        self.suspects: dict[int, Suspect] = {}
        self._seen: list[Edit] = []
        self._harmless: list[Edit] = []
        self._found: float | None = None

    def run(self) -> None:
        """Try the edits, those of suspected lines first.

        Raises:
            Failed: the program does not run through as it is.
        """
        first, base = self._places[0], self._base[0]
        reach = reaches(self.bench, first)
        self.bench.look(first)
        began = self._asked.left()
        found = suspects(
            self.bench, first, reach, base, lambda: began - self._asked.left() > SUSPECTING
        )
        slots = self.bench.slots  # what an adaptor is given is not where somebody looks
        self.suspects = {n: s for n, s in found.items() if not self._asked.is_last(slots[n].key[0])}
        unlikely = {n for n, r in reach.items() if r.loss or (r.single and r.gradients & base)}
        unlikely |= {n for n, r in reach.items() if not r.gradients}
        rest = {-1, *(slot.number for slot in self.bench.slots)} - unlikely
        some: list[Edit] = []
        for number in [*self.suspects][:LOOKED_AT]:
            some += self._tried({number})
            rest.discard(number)
        some += self._tried(rest)
        if not self.right:
            self._combine(some + self._alike())
        if not self.right and not self.better:
            self._combine(self._at_short())
        if not self.right and not self.better:
            self._combine(self._tried(unlikely))
        if not self.right and not self.better:
            self._pairs()

    @property
    def _over(self) -> bool:
        late = self._found is not None and self._found - self._asked.left() > ALONE
        return late or self._asked.over

    def _tried(self, slots: set[int]) -> list[Edit]:
        """Keep the edits of slots that make all right, and return those that make more right."""
        if self._over:
            return []
        first, base = self._places[0], self._base[0]
        some = []
        for edit in sorted(self.bench.edits(first, slots), key=by_rank):
            if self._over:
                break
            self._seen.append(edit)
            ran = self.bench.run(edit, first)
            if ran is None or not ran.loss_kept or not ran.right >= base:
                continue
            self._harmless.append(edit)
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
        return next((one for one in (edit, *edit.equals) if self._everywhere([one])), None)

    def _alike(self) -> list[Edit]:
        """Return the edits of sibling statements that make more right together than each alone."""
        first, base, some = self._places[0], self._base[0], []
        for edits in groups(self._seen):
            if self._over or self.right:
                break
            ran = self.bench.run(edits, first)
            if ran is None or not ran.loss_kept or not ran.right > base:
                continue
            if ran.right == first.names and self._everywhere(edits):
                self.right.append(edits)
            else:
                some.append(together(edits))
        return some

    def _pairs(self) -> None:
        """Try two edits at once, of suspected statements, where one alone does nothing."""
        slots = [*self.suspects][:PAIRED]
        some = [edit for edit in self._harmless if edit.slot in slots]
        some.sort(key=by_rank)
        for j, other in enumerate(some):
            for edit in some[:j]:
                if self._over:
                    return
                two = joined(self.bench.slots, [edit, other])
                if two is None or not self._is_step(two, self._base) or self._hides(two):
                    continue
                if not self._is_difference(two):
                    (self.right if self._everywhere(two) else self.better).append(two)
                    return

    def _at_short(self) -> list[Edit]:
        """Return the edits that make more right at another point, where fewer mistakes show."""
        some: dict[Edit, None] = {}
        for i, place in enumerate(self._places[1:SHORT], 1):
            for edit in self._harmless:
                if self._over:
                    break
                ran = self.bench.run(edit, place)
                if ran is not None and ran.loss_kept and ran.right > self._base[i]:
                    some.setdefault(edit)
        return list(some)

    def _combine(self, some: list[Edit]) -> None:
        """Put together the edits that make something right, as long as more is right with each."""
        gains = {}
        for edit in (self._a_step(one) for one in some):
            if self._over:
                break
            if edit is not None:
                gains[edit] = sum(map(len, self.rights([edit]).values()))
        ranked = sorted(
            gains, key=lambda edit: (*self.order([edit])[:1], -gains[edit], edit.length)
        )
        self._keep_part(ranked)
        for first in ranked[:LOOKED_AT]:
            edits = [first]
            for other in ranked:
                more = None if other is first else joined(self.bench.slots, [*edits, other])
                if more is not None and not self._over:
                    edits = more if self._is_step(more, self.rights(edits)) else edits
            if self._everywhere(edits):
                self.right.append(edits)
                return
            self.better.append(edits)
        self.better.sort(key=lambda edits: -sum(map(len, self.rights(edits).values())))

    def order(self, edits: list[Edit]) -> tuple[bool, int]:
        """Return what edits are ordered by: those of an adaptor's last, the short ones first."""
        last = any(self._asked.is_last(edit.function) for edit in edits)
        return last, sum(edit.length for edit in edits)

    def _keep_part(self, ranked: list[Edit]) -> None:
        """Keep the edits that make some gradient right at every point, as a part of a mend."""
        known = frozenset.intersection(*self._base.values())
        for edit in ranked:
            more = joined(self.bench.slots, [*self.part, edit])
            if more is not None and not self._over:
                right = frozenset.intersection(*self.rights(more).values())
                if right > known:
                    self.part, known = more, right
        self.part_right = known

    def _everywhere(self, edits: list[Edit]) -> bool:
        """Tell whether edits make all right at all points, by a backward pass, hiding nothing."""
        right = all(right == self._places[i].names for i, right in self._at_all(edits))
        return right and not self._is_difference(edits) and not self._hides(edits)

    def _hides(self, edits: list[Edit]) -> bool:
        return hides(self.bench, edits, self._places)

    def _is_difference(self, edits: list[Edit]) -> bool:
        return by_differences(self.bench, edits, self._places[0])

    def _a_step(self, edit: Edit) -> Edit | None:
        """Return an edit that makes more right, and hides nothing, or one that came to the same."""
        for one in (edit, *edit.equals):
            if self._over:
                return None
            if self._is_step([one], self._base) and not self._hides([one]):
                return None if self._is_difference([one]) else one
        return None

    def _is_step(self, edits: list[Edit], base: Rights) -> bool:
        """Tell whether edits make more right at some point, and nothing wrong at any."""
        more = False
        for i, right in self._at_all(edits):
            if not right >= base[i]:
                return False
            more = more or right > base[i]
        return more

    def rights(self, edits: list[Edit]) -> Rights:
        """Return what is right at each point with edits on."""
        return dict(self._at_all(edits))

    def _at_all(self, edits: list[Edit]) -> Iterator[tuple[int, frozenset[str]]]:
        for i, place in enumerate(self._places):
            ran = self.bench.run(edits, place)
            kept = ran is not None and ran.loss_kept
            yield i, (ran.right if ran is not None and kept else frozenset())
