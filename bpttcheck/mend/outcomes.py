"""What edits come to at all points: all right, more right than without, and nothing hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bpttcheck.mend.bench import Bench
from bpttcheck.mend.by_differences import by_differences
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.hides import hides
from bpttcheck.mend.place import Place

Rights = Mapping[int, frozenset[str]]
"""What is right at each point, by its number."""


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
