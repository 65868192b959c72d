"""Whether a loss jumps along a line: what is returned for its derivative there is a surrogate."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

SAMPLES = 64
"""Intervals of the line that are looked at."""

LARGEST = 3
"""Of these, so many are halved again and again: where it changes most unlike beside."""

HALVINGS = 30

STAYS = 0.25
"""A change that is still so large a part of itself after all halvings is a jump."""

SEEN = 1e-4
"""Of the range of the loss on the line: smaller jumps are those of rounding."""


def jumps(loss: Callable[[float], float]) -> bool:
    """Tell whether a function of t jumps somewhere in −1 ≤ t ≤ 1, as far as some samples show."""
    places = [2 * i / SAMPLES - 1 for i in range(SAMPLES + 1)]
    values = [loss(t) for t in places]
    if not all(map(math.isfinite, values)):
        return False
    seen = SEEN * (max(values) - min(values))
    changes = [after - before for before, after in pairwise(values)]
    found = []
    for i, change in enumerate(changes):
        beside = changes[max(0, i - 1) : i] + changes[i + 1 : i + 2]
        expected = sum(beside) / len(beside)
        found.append((abs(change - expected), i, expected * SAMPLES / 2))
    for change, i, slope in sorted(found, reverse=True)[:LARGEST]:
        flat = partial(_without, loss, slope)
        if change > seen and _stays(flat, places[i : i + 2], change):
            return True
    return False


def _without(loss: Callable[[float], float], slope: float, t: float) -> float:
    """Return a loss without the slope that it has beside."""
    return loss(t) - slope * t


def _stays(loss: Callable[[float], float], ends: list[float], change: float) -> bool:
    values = [loss(t) for t in ends]
    for _ in range(HALVINGS):
        middle = (ends[0] + ends[1]) / 2
        value = loss(middle)
        first = abs(value - values[0]) >= abs(values[1] - value)
        ends, values = (
            ([ends[0], middle], [values[0], value])
            if first
            else ([middle, ends[1]], [value, values[1]])
        )
        if not abs(values[1] - values[0]) > STAYS * change:
            return False
    return True
