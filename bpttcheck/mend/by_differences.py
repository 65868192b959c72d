"""Gradients that are made of differences of losses: right by numbers, and no backward pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.edit import Edit
from bpttcheck.mend.nudge import NAME, Nudged, signs
from bpttcheck.mend.place import Failed, Place

SHIFT = 1e-3
"""Of a value's size, at every visit but the first: a quotient of differences multiplies it."""

CHANGED = 1.0
"""A gradient that changes by more than its own size was made of what was shifted."""


def by_differences(bench: Bench, edits: Sequence[Edit], place: Place) -> bool:
    """Tell whether gradients, with edits on, come from more than one evaluation of the loss.

    What is evaluated twice for every entry of some parameter is shifted after its first visit. A
    backward pass follows by as little; a difference over a tiny step is off by far more.
    """
    on = {slot: one for edit in edits for slot, one in edit.on.items()}
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
