"""What edits come to at all points: all right, more right than without, and nothing hidden.

Nor may a gradient be made of differences of losses: right by numbers, and no backward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edit import Edit, on_of
from bpttcheck.mend.hides import hides
from bpttcheck.mend.nudge import NAME, Nudged, signs
from bpttcheck.mend.place import Failed, Place

Rights = Mapping[int, frozenset[str]]
"""What is right at each point, by its number."""

SHIFT = 1e-3
"""Of a value's size, at every visit but the first: a quotient of differences multiplies it."""

CHANGED = 1.0
"""A gradient that changes by more than its own size was made of what was shifted."""


class Outcomes:
    """Asks a program with edits on at its points; ``base`` is what is right without any."""

    def __init__(self, bench: Bench, places: Sequence[Place], base: Rights) -> None:
        self._bench = bench
        self._places = places
        self._base = base
        self._known: dict[tuple[Edit, ...], Rights] = {}

    def all_right(self, edits: Sequence[Edit]) -> bool:
        """Tell whether edits make all right at all points, by a backward pass, hiding nothing."""
        right = all(right == self._places[i].names for i, right in self._at_all(edits))
        return right and self.honest(edits)

    def honest(self, edits: Sequence[Edit]) -> bool:
        """Tell whether edits hide nothing, and make no gradient of differences of losses."""
        if by_differences(self._bench, edits, self._places[0]):
            return False
        return not hides(self._bench, edits, self._places)

    def step(self, edit: Edit, over: Callable[[], bool]) -> Edit | None:
        """Return an edit that makes more right, or one that came to the same; None for none."""
        for one in (edit, *edit.equals):
            if over():
                return None
            if self.is_step([one], self._base) and not hides(self._bench, [one], self._places):
                return None if by_differences(self._bench, [one], self._places[0]) else one
        return None

    def is_step(self, edits: Sequence[Edit], base: Rights | None = None) -> bool:
        """Tell whether edits make more right at some point than is, and nothing wrong at any."""
        before = self._base if base is None else base
        more = False
        for i, right in self._at_all(edits):
            if not right >= before[i]:
                return False
            more = more or right > before[i]
        return more

    def rights(self, edits: Sequence[Edit]) -> Rights:
        """Return what is right at each point with edits on."""
        some = tuple(edits)
        if some not in self._known:
            self._known[some] = dict(self._at_all(edits))
        return self._known[some]

    def _at_all(self, edits: Sequence[Edit]) -> Iterator[tuple[int, frozenset[str]]]:
        for i, place in enumerate(self._places):
            ran = self._bench.run(edits, place)
            kept = ran is not None and ran.loss_kept
            yield i, (ran.right if ran is not None and kept else frozenset())


def by_differences(bench: Bench, edits: Sequence[Edit], place: Place) -> bool:
    """Tell whether gradients, with edits on, come from more than one evaluation of the loss.

    What is evaluated twice for every entry of some parameter is shifted after its first visit. A
    backward pass follows by as little; a difference over a tiny step is off by far more.
    """
    on = on_of(edits)
    try:
        with bench.with_on(on):
            _, before = place.told()
    except Failed:
        return True
    fewest = 2 * min((g.size for g in before.values()), default=1)

    def shift(array: Array, visit: int) -> Array | None:
        if not visit:
            return None
        size = float(np.abs(array).max(initial=0.0)) or 1.0
        return SHIFT * size * signs(array.shape, visit)

    for slot in bench.slots:
        site = bench.sites.get(slot.number)
        if site is None or site.visits <= fewest or slot.bound or slot.number in on:
            continue
        nudged = Nudged(f"{NAME}(({slot.text()}))", slot.owner, shift)
        try:
            with bench.with_on({**on, slot.number: nudged}):
                _, after = place.told()
        except (Failed, SyntaxError):
            continue
        for name, gradient in before.items():
            size = float(np.abs(gradient).max(initial=0.0))
            if name in after and float(np.abs(after[name] - gradient).max(initial=0.0)) > (
                CHANGED * size
            ):
                return True
    return False
