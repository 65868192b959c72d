"""Step selection: the central difference on a line that can be trusted most, and how far."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

from bpttcheck.check.derivative.central_difference import (
    AMPLIFICATION,
    CentralDifference,
    central_difference,
)
from bpttcheck.check.derivative.directional_error import (
    HALF_PRECISION,
    Differences,
    DirectionalError,
)
from bpttcheck.check.derivative.line_restriction import LineRestriction
from bpttcheck.check.derivative.step_consistency import persists

STAGES = 4
"""Windows at a guessed step and better ones, for one difference."""

FURTHEST = 4.0
"""Times the parameters' size: a slope is not looked for any further away."""

MEASURED = 2
"""Windows for one entry of a gradient that is known to be wrong."""

CLEAR = 16.0
"""A gap of so many times its bound may be clear without a search from tiny steps."""

BUDGET = 150
"""Evaluations of the loss along one line."""

FIRST = 2.0**7
"""The search upward starts at so many roundings of the parameters."""

GRAINY = 2.0**12
"""Steps of so few roundings of the parameters leave stairs in the loss, not white noise."""

COARSE = 2.0**-22
"""Below this step (times the parameters' unit) the noise leaves little to see: go by 16, not 4."""

TABLES = 5
"""Tables of differences that the noise is taken from before anything is judged."""

STATIONARY = 64.0
"""Noise of one kind does not grow by this factor from table to table."""

KINKS = 3
"""Steps in a row at which the two sides have different slopes, before that is believed."""

BELOW = 2.0**-6
"""A search begins this far below the step that was best on another line from the same point."""

SLACK = 64.0
"""A bound that has grown by this factor is past its best."""

AFAR = (-1.0, -0.25, 0.25, 1.0)
"""Steps in units of the parameters, beyond any stair of rounding."""

MOVED, ASIDE = 4, 2.0**-10
"""Of so many steps at which a loss has moved, a neighbour this share away tells of a jump."""

OF_ONES = 2.0**10 * 2.0**-53
"""What is lost of a thousand probabilities near one, of which each is rounded."""

STAIRCASE = 80.0
"""Half-widths of the hull of a flat window and the first that moves, to reach the slope of a stair.

A stair of height H seen by one outermost point alone has a difference of H/(280 h); the next is
more than 7 h away, so that the slope is at most 40 differences, 80 halves of one.
"""


def aim(
    line: LineRestriction,
    step: float,
    tables: tuple[float, ...] = (),
    unit: float = 1.0,
    known: bool = False,
) -> DirectionalError | None:
    """Return the best difference near a guessed step, in few evaluations.

    Enough to accept: that a wrong gradient and a wrong difference agree to within a small bound is
    a coincidence. To reject, the gap has to be there at all smaller steps (``clear``), or else
    see :func:`climb`. Noise falls as 1/h and truncation grows as h⁶, so their ratio at one step
    tells the next. Where it is ``known`` that something is wrong, it is only to be measured.
    """
    differences = Differences(line, tables, unit)
    best: CentralDifference | None = None
    for _ in range(MEASURED if known else STAGES):
        q = differences.at(step)
        if q is None:
            step /= 16
            continue
        if best is None or differences.bound(q) < differences.bound(best):
            best = q
        if q.flat and line.slope == 0.0:
            break  # nothing moves, as is claimed: that something does further away says nothing
        # The table's jitter is truncation at long steps: the guess rests on rounding alone.
        least = differences.background(q)
        noise = AMPLIFICATION * least / step + line.rounding
        ratio = noise / (6 * q.truncation) if q.truncation else math.inf
        jump = round(2 * math.log2(ratio) / 7) / 2 if 0 < ratio < math.inf else 5.0
        target = min(step * 2.0 ** max(-5, min(5, jump)), FURTHEST * unit)
        if target in differences.seen or abs(jump) < 1:  # less is worth no further window
            break
        step = target
    if best is None:
        return None
    found = differences.slope(best)
    if known or abs(found.value) <= CLEAR * found.bound or found.flat or _of_ones(line, found):
        return found
    return replace(found, clear=persists(line, best, differences.noise(best.step), unit))


def climb(
    line: LineRestriction, unit: float, tables: tuple[float, ...] = (), best_before: float = 0.0
) -> DirectionalError | None:
    """Return the best difference, with the step searched upward from tiny.

    Intervals shrink as the step grows, until truncation, a kink or chaos throws one off the
    others: there the search stops. (Downward, a chaotic loss looks smooth at steps that are far
    too long.) Where another line through the same entries has been climbed from tiny steps to its
    best one, this one is searched from somewhat below that.
    """
    differences = Differences(line, tables, unit)
    found, still = _climbed(differences, unit, best_before)
    if still is None or not _is_stair(line, still, unit):
        if found is None or found.agrees or found.obstacle or not _of_ones(line, found):
            return found
        return replace(found, obstacle="stairs")
    # On a stair R = −g · s: the loss does not move where the claimed gradient says that it does.
    bound = differences.bound(still)
    evaluations = line.evaluations
    return DirectionalError(
        -line.slope,
        bound,
        still.step,
        differences.noise(still.step),
        bound,
        evaluations,
        _afar(line),
    )


def _is_stair(line: LineRestriction, still: CentralDifference, unit: float) -> bool:
    """Tell whether the loss stands still where no float type, be it float16, would hide a move.

    How large the terms are that were rounded on a stair, the loss tells far away alone: that of a
    probability near one is tiny, and its terms are not. Where it is tiny far away as well, they may
    be ones all the same.
    """
    predicted = 4 * still.step * abs(line.slope)
    if predicted <= max(4 * HALF_PRECISION * line.highest, OF_ONES):
        return False
    far = line.residuals([t * unit for t in AFAR])
    return all(map(math.isfinite, far)) and predicted > 4 * HALF_PRECISION * line.highest > 0


def _of_ones(line: LineRestriction, found: DirectionalError) -> bool:
    """Tell whether a tiny loss stands on stairs, and what is claimed would not show on them.

    They may be those of numbers near one, of which nothing else is left: log p, with p rounded.
    """
    stands = found.flat or line.stair(found.step) > 0.0
    moved = max(4 * found.step * abs(line.slope), line.largest(found.step))
    return stands and moved <= OF_ONES


def _afar(line: LineRestriction) -> str:
    """Return what a loss that stands still here does further away: jump, move, or nothing.

    A staircase stands still on most steps that it jumps to; a dead unit comes to life and moves.
    """
    moved = line.moved[-MOVED:]
    if not moved:
        return "constant"
    still = sum(line.rests(t, t * (1 + ASIDE)) for t in moved)
    return "staircase" if 2 * still >= len(moved) else "plateau"


def _climbed(
    differences: Differences, unit: float, best_before: float
) -> tuple[DirectionalError | None, CentralDifference | None]:
    """Return the best difference, and the widest window below it in which the loss stood still."""
    line = differences.line
    low, high = -math.inf, math.inf
    best: CentralDifference | None = None
    still: CentralDifference | None = None
    kinks = 0
    reach = 0.0
    for step in _ladder(max(FIRST * line.unit * unit, BELOW * best_before), COARSE * unit):
        if line.evaluations > BUDGET - 8:
            break
        q = differences.at(step)
        if q is None:
            break
        if q.flat and best is None:  # says little until it is known at which step L moves
            still, reach = q, step
            continue
        bound = differences.bound(q)
        low_here, high_here = q.value - bound, q.value + bound
        if low_here > high or high_here < low:
            if (
                best is not None
                and best.step <= GRAINY * line.unit * unit
                and _steady(differences, best, q)
            ):
                low, high, best = low_here, high_here, q
                continue
            if best is not None and not _resolved(differences, best):
                return _hull(differences, still, best, q), still
            break
        reach = step
        low, high = max(low, low_here), min(high, high_here)
        # A kink jitters too, so its own table cannot acquit it.
        kinks = kinks + 1 if q.has_kink(differences.background(q)) else 0
        if kinks >= KINKS:
            # Where nothing moved though such a kink would have moved it, the kink is not there.
            hidden = STATIONARY * line.unit * line.highest
            elsewhere = still is not None and abs(q.kink) * still.step > hidden
            return differences.slope(best or q, "kink beside" if elsewhere else "kink"), still
        if best is None or bound < differences.bound(best):
            best = q
        elif bound > SLACK * differences.bound(best):
            break
    if best is None:
        return (None if still is None else replace(differences.slope(still), reach=reach)), still
    if still is not None and abs(best.value - still.value) > differences.bound(
        best
    ) + differences.bound(still):
        return _hull(differences, still, best), still
    noisy = differences.noise(best.step) > HALF_PRECISION * best.largest and differences.chaotic(
        best.step
    )
    obstacle = "chaos" if noisy and not _resolved(differences, best) else ""
    return replace(differences.slope(best, obstacle), reach=reach), still


def tables(line: LineRestriction, unit: float) -> tuple[float, ...]:
    """Return the noise that tables of differences show at tiny steps, before anything is judged.

    Rounding noise is the same at every step; what grows faster is chaos, or no noise at all.
    """
    found: list[float] = []
    for step in itertools.islice(_ladder(FIRST * line.unit * unit, COARSE * unit), TABLES):
        q = central_difference(line, step)
        if q is None or (found and q.jitter > STATIONARY * max(line.unit * q.largest, *found)):
            break
        found.append(q.jitter)
    rising = len(found) > 2 and all(b > 4 * a for a, b in itertools.pairwise(found))
    return tuple(found[:1] if rising else found)  # |t| rises as the step does: a kink


def _ladder(step: float, coarse: float) -> Iterator[float]:
    while step < 2.0**40 * coarse:
        yield step
        step *= 16 if 4 * step < coarse else 4


def _steady(differences: Differences, small: CentralDifference, large: CentralDifference) -> bool:
    """Tell whether the noise at two steps is of one kind: no chaos, no kink between them."""
    return large.jitter <= STATIONARY * differences.noise(small.step)


def _resolved(differences: Differences, q: CentralDifference) -> bool:
    return abs(differences.line.slope + q.value) > 4 * differences.bound(q)


def _hull(differences: Differences, *some: CentralDifference | None) -> DirectionalError:
    """Return an interval around all answers: below some step the loss is flat, as on a stair."""
    found = [q for q in some if q is not None]
    low = min(q.value - differences.bound(q) for q in found)
    high = max(q.value + differences.bound(q) for q in found)
    middle, half = (low + high) / 2, STAIRCASE * (high - low) / 2
    noise = differences.noise(found[-1].step)
    return DirectionalError(
        middle, half, found[0].step, noise, half, differences.line.evaluations, "flat"
    )
