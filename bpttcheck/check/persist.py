"""Whether a gap between claim and quotient is there at all smaller steps: then it is no artefact.

A kink or a staircase beside the point, chaos, and a truncation that looked small all make a gap
that depends on the step. One that stays the same from a step that is good for the quotient down
to one at which noise hides it is an error of the claimed gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from bpttcheck.check.line import Line
from bpttcheck.check.quotient import DEVIATIONS, Quotient
from bpttcheck.check.trail import Slope

APART = 2.0**-8
"""From one step to the next."""

SCALES = 2
"""A gap has to be there at so many smaller steps at least."""

AFAR = (2.0**-6, 2.0**-4, 2.0**-2, 2.0**-1, 1.0)
"""Longer steps, in units of the parameters."""

GONE = 1 / 8
"""Of the gap, or less, is left where the claimed gradient is right from afar."""

SAME = 1 / 8
"""A gap that changes by this share is still one; the rest of it no kink between steps explains."""

HIDDEN = 1 / 8
"""Noise of more than this share of the gap hides it."""


def persists(line: Line, q: Quotient, noise: float, unit: float) -> bool:
    """Tell whether the gap of a quotient is there at all smaller steps, and has no kink in it.

    Arguments:
        line: the line of the quotient.
        q: the quotient, by which the claimed gradient is wrong.
        noise: the standard deviation of one loss.
        unit: the size of the parameters that the line moves.

    A pair of losses is off by q.pair (h/q.step)² at a smaller step h, twice that with room; its
    common part is a parabola's, in proportion to h, where there is no kink.
    """
    scales, size = 0, abs(q.value)
    for step in _descending(q.step, 2 * line.unit * unit):
        spread = DEVIATIONS * noise / (math.sqrt(2) * step)
        if spread > HIDDEN * size:
            break
        share = step / q.step
        ahead, behind = line.residual(step), line.residual(-step)
        if not (math.isfinite(ahead) and math.isfinite(behind)):
            return False
        gap, bend = (ahead - behind) / (2 * step), (ahead + behind) / (2 * step)
        rest = spread + line.rounding
        if abs(gap - q.value) > rest + q.bound(noise, 0.0) + 2 * share**2 * q.pair + SAME * size:
            return False
        if abs(bend) > 4 * rest + 2 * share * abs(q.bend):  # the loss at the point counts twice
            return False
        scales += 1
    return scales >= SCALES


def vanishes(line: Line, slope: Slope, unit: float) -> bool:
    """Tell whether a gap is gone at longer steps, at which a smooth loss would still have it.

    Then the loss has stairs that are wider than the step: log(1 − y) for a y of which 1 − y has a
    few bits left. What a quotient sees on one of them is not the slope that was meant.
    """
    gone = 0
    bent = max(0.0, slope.pair - slope.bound)  # what is not noise
    for share in AFAR:
        step = share * unit
        bends = 8 * (step / slope.step) ** 2 * bent > abs(slope.value)
        if bends or step <= 4 * slope.step:
            continue
        gap = (line.residual(step) - line.residual(-step)) / (2 * step)
        if not abs(gap) < abs(slope.value) / 2:
            return False
        gone += abs(gap) < GONE * abs(slope.value)
    return gone >= SCALES


def _descending(step: float, smallest: float) -> Iterator[float]:
    step *= APART
    while step > smallest:
        yield step
        step *= APART
