"""Step consistency: a gap that is the same at all smaller steps is an error, no artefact.

A kink or a staircase beside the point, chaos, and a truncation that looked small all make a gap
that depends on the step. One that stays the same from a step that is good for the difference down
to one at which noise hides it is an error of the claimed gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from bpttcheck.check.derivative.central_difference import DEVIATIONS, CentralDifference
from bpttcheck.check.derivative.directional_error import DirectionalError
from bpttcheck.check.derivative.line_restriction import LineRestriction

APART = 2.0**-8
"""From one step to the next."""

SCALES = 2
"""A gap has to be there at so many smaller steps at least."""

HALVINGS = 40
"""Of an interval in which a jump is looked for."""

SMOOTHLY = 64.0
"""From one step to one four times as long, a pair's error grows by 16; by this much with room."""

SAME = 1 / 8
"""A gap that changes by this share is still one; the rest of it no kink between steps explains."""

HIDDEN = 1 / 8
"""Noise of more than this share of the gap hides it."""


def persists(line: LineRestriction, q: CentralDifference, noise: float, unit: float) -> bool:
    """Tell whether the gap of a difference is there at all smaller steps, and has no kink in it.

    Arguments:
        line: the line of the difference.
        q: the difference, by which the claimed gradient is wrong.
        noise: the standard deviation of one loss.
        unit: the size of the parameters that the line moves.

    A pair of losses is off by q.pair (h/q.step)² at a smaller step h, twice that with room; its
    common part is a parabola's, in proportion to h, where there is no kink.
    """
    scales, size = 0, abs(q.value)
    for step in _descending(q.step, 2 * line.unit * unit):
        spread = _spread(noise, step)
        if spread > HIDDEN * size:
            break
        share = step / q.step
        ahead, behind = line.residuals((step, -step))
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


def denied_below(line: LineRestriction, slope: DirectionalError, noise: float, unit: float) -> bool:
    """Tell whether a gap of many times its bound is another one at some shorter step."""
    for step in _descending(slope.step, 2 * line.unit * unit):
        if _spread(noise, step) > HIDDEN * abs(slope.value):
            return False
        gap = line.pair(step)
        if not abs(gap - slope.value) <= abs(slope.value) / 2:
            return True
    return False


def on_a_stair(line: LineRestriction, slope: DirectionalError, unit: float) -> bool:
    """Tell whether a gap is another one beyond a jump at longer steps.

    Then the loss has stairs that are wider than the step: log(1 − y) for a y of which 1 − y has a
    few bits left, or a table in float32. A difference on one of them is not the slope meant.
    Where the loss is smooth, what a pair of losses is off by grows as the square of the step; a
    kink changes the slope and does not jump.
    """
    before, change = slope.value, max(0.0, slope.pair - slope.bound)
    step = 4 * slope.step
    while step <= unit:
        if slope.clear and SMOOTHLY * change > abs(slope.value) / 2:
            return False  # a smooth loss may do so, and at shorter steps it was one
        gap = line.pair(step)
        if not math.isfinite(gap):
            return False
        moved = abs(gap - before)
        if moved > max(abs(before), abs(slope.value) / 4) / 2 and (
            _jumps(line, slope, step / 4, step)
        ):
            return True
        before, change = gap, max(change, moved)
        step *= 4
    return False


def _jumps(line: LineRestriction, slope: DirectionalError, near: float, far: float) -> bool:
    """Tell whether what a loss is off by, between two steps ahead or behind, is off in one place.

    Half of it is looked for in half of the interval, again and again: where the loss is continuous,
    next to nothing is left of it in the end.
    """

    def off(t: float) -> float:
        return line.residual(t) - slope.value * t

    sign = max((1.0, -1.0), key=lambda s: abs(off(s * far) - off(s * near)))
    a, b = sign * near, sign * far
    whole = abs(off(b) - off(a))
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        if abs(off(b) - off(middle)) > abs(off(middle) - off(a)):
            a = middle
        else:
            b = middle
    left = abs(off(b) - off(a))
    rounding = 64 * line.unit * line.highest
    return left > max(rounding, whole / 16)  # steep, as chaos is, leaves less than that


def agrees_below(line: LineRestriction, slope: DirectionalError, noise: float, unit: float) -> bool:
    """Tell whether no shorter step contradicts a slope that is known to a few bits alone."""
    for step in _descending(slope.step, 2 * line.unit * unit):
        spread = _spread(noise, step)
        if spread > slope.bound:
            return True
        gap = line.pair(step)
        bent = 2 * (step / slope.step) ** 2 * slope.pair
        if not abs(gap) <= 2 * (spread + line.rounding) + bent:
            return False
    return True


def _spread(noise: float, step: float) -> float:
    """Return what noise of that standard deviation in one loss can do to a pair's difference."""
    return DEVIATIONS * noise / (math.sqrt(2) * step)


def _descending(step: float, smallest: float) -> Iterator[float]:
    step *= APART
    while step > smallest:
        yield step
        step *= APART
