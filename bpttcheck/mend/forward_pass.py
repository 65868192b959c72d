"""Edits of the forward pass: of the loss that they make, the gradients that came are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpttcheck.mend.asked import Asked
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edit import Edit, by_rank
from bpttcheck.mend.influence import reaches
from bpttcheck.mend.place import Failed, Place


def of_forward_pass(asked: Asked, bench: Bench, places: Sequence[Place]) -> Iterator[list[Edit]]:
    """Return edits with which the gradients at all places are the derivative of another loss.

    Raises:
        Failed: the program does not run through as it is.
    """
    first = places[0]
    slots = {number for number, reach in reaches(bench, first).items() if reach.loss}
    bench.look(first)
    for edit in sorted(bench.edits(first, slots), key=by_rank):
        if asked.over:
            return
        if all(_agrees(bench, edit, place) for place in places):
            yield [edit]


def _agrees(bench: Bench, edit: Edit, place: Place) -> bool:
    try:
        with bench.with_on(edit.on):
            return place.agrees()
    except Failed:
        return False
