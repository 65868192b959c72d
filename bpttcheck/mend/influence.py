"""What a slot's value reaches: the loss, and which gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.nudge import NAME, Nudged, signs
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.slots import Slot

SHIFT = 1e-3
"""Of a value's size: enough to be seen in every digit that depends on it."""


VISITS = 16
"""One by one so many visits of a slot are looked at."""


@dataclass(frozen=True)
class Reach:
    """Whether a slot's value changes the loss, and which gradients it changes.

    ``single`` says that it is one array: an edit of a tuple may change one of several alone.
    """

    loss: bool
    gradients: frozenset[str]
    single: bool = True


def reaches(bench: Bench, place: Place) -> dict[int, Reach]:
    """Return the reach of every slot that holds real numbers, by a run for each.

    Raises:
        Failed: the program does not run through as it is.
    """
    loss, gradients = place.told()
    found = {}
    for slot in bench.slots:
        one = None if slot.bound else _reach(bench, place, slot, loss, gradients)
        if one is not None:
            found[slot.number] = one
    return found


def guilty(bench: Bench, place: Place, right: frozenset[str]) -> dict[int, set[int]]:
    """Return the visits of slots on which something wrong depends, and nothing that is right.

    Visits are counted from 0, and looked at one by one: an early step may reach everything.

    Raises:
        Failed: the program does not run through as it is.
    """
    loss, gradients = place.told()
    wrong = place.names - right
    found: dict[int, set[int]] = {}
    for slot in [slot for slot in bench.slots if wrong and not slot.bound]:
        for visit in range(VISITS):
            one = _reach(bench, place, slot, loss, gradients, visit)
            if one is None or one.loss:
                break
            if one.gradients & wrong and not one.gradients & right:
                found.setdefault(slot.number, set()).add(visit)
    return found


def before_loss(order: Sequence[int], reach: Mapping[int, Reach]) -> frozenset[int]:
    """Return the slots that run before the last that the loss needs, and that it does not need.

    What returns the loss together with gradients needs all there is.
    """
    needed = [i for i, n in enumerate(order) if n in reach and reach[n].loss and reach[n].single]
    before = order[: max(needed, default=0)]
    return frozenset(n for n in before if n not in reach or not reach[n].loss)


def _reach(
    bench: Bench,
    place: Place,
    slot: Slot,
    loss: float,
    gradients: Mapping[str, Array],
    only: int | None = None,
) -> Reach | None:
    """Return the reach of all visits, or of one; None where there is none, or no real number."""
    counts: dict[int, int] = {}

    def shift(array: Array, visit: int) -> Array | None:
        if only not in (None, visit):
            return None
        counts[visit] = counts.get(visit, 0) + 1
        size = float(np.abs(array).max(initial=0.0)) or 1.0
        return SHIFT * size * signs(array.shape, 0)

    nudged = Nudged(f"{NAME}(({slot.text()}))", slot.owner, shift)
    try:
        with bench.with_on({slot.number: nudged}):
            other, now = place.told()
    except Failed:
        return None
    if not counts:
        return None
    changed = (n for n, g in gradients.items() if n in now and not np.array_equal(g, now[n]))
    return Reach(other != loss, frozenset(changed), max(counts.values()) == 1)
