"""What a slot's value reaches: the loss, and which gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.nudge import NAME, Nudged, signs
from bpttcheck.mend.place import Failed, Place
from bpttcheck.mend.slots import Slot

SHIFT = 1e-3
"""Of a value's size: enough to be seen in every digit that depends on it."""


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


def _reach(
    bench: Bench, place: Place, slot: Slot, loss: float, gradients: Mapping[str, Array]
) -> Reach | None:
    counts: dict[int, int] = {}

    def shift(array: Array, visit: int) -> Array:
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
