"""A loss that was rounded to be read: a staircase of decimals, of which no slope can be seen."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from bpttcheck.arithmetic.base import Arrays
from bpttcheck.check.derivative.directions import together
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken

DIGITS = 10
"""A float64 has sixteen; that several losses have no more than these is no accident."""

AWAY = (-1.0, -(2.0**-3), -(2.0**-6), 2.0**-6, 2.0**-3, 1.0)
"""Other losses are looked at so far away, in units of the parameters."""


DIFFERENT = 3
"""A loss that takes fewer values is no rounded one: it does not move, or counts."""


def refuse_rounded(calls: Calls, point: Arrays, value: float) -> None:
    """Refuse a loss that is rounded to few decimal digits, here and at other points.

    Which side of a stair a difference falls on is luck: of right code, one seed in six would say
    wrong. Losses that are exact in float32 are left alone: sums of halves have few digits, too.

    Raises:
        Broken: the loss is rounded.
    """
    if not _few(value):
        return  # as nearly always: no call is spent
    ways = together(np.random.default_rng(0), point, tuple(point))
    losses = {value}
    for t in AWAY:
        moved = {n: (a + t * ways[n]).astype(a.dtype) for n, a in point.items()}
        try:
            losses.add(calls.value(moved))
        except Broken:
            return
    if len(losses) >= DIFFERENT and all(map(_few, losses)) and not all(map(_binary, losses)):
        text = f"loss: rounded to few digits, {value!r}: return it as it was computed"
        raise Broken("rounded", text)


def _binary(value: float) -> bool:
    with np.errstate(over="ignore"):
        return float(np.float32(value)) == value


def _few(value: float) -> bool:
    """Tell whether a loss has few decimal digits, zeros at either end not counted."""
    if not math.isfinite(value):
        return False
    digits = Decimal(repr(value)).as_tuple().digits  # exact, whatever context somebody's code sets
    return len("".join(map(str, digits)).strip("0")) <= DIGITS
