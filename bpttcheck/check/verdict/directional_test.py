"""Directional tests of some parameters: right by two directions, wrong by those that agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from bpttcheck.check.derivative.directional_error import DirectionalError
from bpttcheck.check.derivative.directions import Direction, unit
from bpttcheck.check.derivative.gradient_test import GradientTest

TO_ACCEPT, TO_REJECT, MOST = 2, 3, 5
"""Directions. Errors that cancel along one random direction hardly do along two; a bound of three
deviations fails once in some hundred directions, but not in three of at most five."""

TO_REJECT_CLEARLY = 2
"""Directions whose gaps are there at every step, many times their bound."""

BLUNT = 4.0
"""A bound so much wider than that of another direction deserves a search of its own."""

WHY = {
    "kink": "the loss has a kink at this very point (ReLU, abs or max at a tie): move off it",
    "kink beside": "the loss stands still here and has a kink beside this point: move off it",
    "chaos": "the loss is chaotic here: it looks like noise at every step",
    "stairs": "the loss has stairs here, by its own rounding: steps along them say nothing",
    "overflow": "the loss is not finite beside this point",
    "huge": "the gradient is so large that its slopes are not finite numbers",
}

NO_SLOPE = {
    "staircase": (
        "the loss is a staircase here: its derivative is 0, and what is returned a surrogate"
    ),
    "plateau": "the loss stands still here: its derivative is 0",
    "constant": "the loss does not depend on it here: its derivative is 0",
}
"""A loss that stands still beside the point: further away it jumps, or it does not move at all."""


@dataclass(frozen=True)
class DirectionalTest:
    """What directions say: the verdict, the bound E, and the slopes it rests on."""

    verdict: str
    floor: float
    step: float
    slopes: tuple[DirectionalError, ...]
    reason: str = ""


def accepts(test: GradientTest, draw: Callable[[], Direction]) -> DirectionalTest | None:
    """Return the verdict of two quick directions where both accept; else None."""
    slopes: list[DirectionalError] = []
    step: float | None = None
    while len(slopes) < TO_ACCEPT:
        v = draw()
        found = test.quick(v, step)
        if found is not None and not found.agrees:
            test.suspicion = min(test.suspicion, found.bound)
        if found is None or not found.agrees or test.vague(v, found):
            return None
        slopes.append(found)
        step = found.step
    floor = max(map(test.floor, slopes))
    if not math.isfinite(floor):
        return None
    return DirectionalTest("right", floor, slopes[0].step, tuple(slopes))


def ask(
    test: GradientTest, draw: Callable[[], Direction], step: float | None = None
) -> DirectionalTest:
    """Return the verdict of independent directions on the entries that they move."""
    accepted: list[DirectionalError] = []
    rejected: list[tuple[Direction, DirectionalError]] = []
    while len(accepted) + len(rejected) < MOST:
        v = draw()
        found = test.quick(v, step)
        others = [s.bound for s in (*accepted, *(s for _, s in rejected))]
        sharp = min([*others, test.suspicion / unit(test.params[next(iter(v))])])
        blunt = found is not None and (found.bound > BLUNT * sharp or test.vague(v, found))
        if found is None or blunt or not (found.agrees or found.clear):
            found = test.slow(v, found, rejected[0][1].step if rejected else 0.0)
        if found is None:
            return DirectionalTest("undecided", math.inf, 0.0, (), WHY["overflow"])
        if found.obstacle in NO_SLOPE:
            why = NO_SLOPE[found.obstacle]
            return DirectionalTest("wrong", found.bound, found.step, (found,), why)
        if not found.agrees and found.obstacle in WHY:
            return DirectionalTest("undecided", math.inf, found.step, (found,), WHY[found.obstacle])
        step = found.step
        if found.agrees:
            accepted.append(found)
        elif not rejected and test.misled(v, found):
            return DirectionalTest("undecided", math.inf, step, (found,), WHY["stairs"])
        else:
            rejected.append((v, found))
        if len(accepted) == TO_ACCEPT and not rejected:
            break
        clear = all(s.clear for _, s in rejected)
        if len(rejected) == (TO_REJECT_CLEARLY if clear else TO_REJECT):
            outcome = _rejection(test, rejected)
            if outcome is not None:
                return outcome
            break
    # Directions that disagree: the bound becomes what the worst of them allows.
    votes = (*accepted, *(s for _, s in rejected))
    if not all(math.isfinite(s.value) and math.isfinite(s.bound) for s in votes):
        return DirectionalTest("undecided", math.inf, 0.0, votes, WHY["huge"])
    floor = max([test.floor(s) for s in accepted] + [abs(s.value) + s.bound for _, s in rejected])
    return DirectionalTest("right", floor, votes[0].step, votes)


def _rejection(
    test: GradientTest, rejected: list[tuple[Direction, DirectionalError]]
) -> DirectionalTest | None:
    """Return the verdict wrong, unless what the code grants itself explains the gaps.

    The rounding of the claimed gradient, data in float32, the tolerance of an iteration.
    """
    v, last = min(rejected, key=lambda pair: abs(pair[1].value) / pair[1].bound)
    noise = test.claim_noise(v, last) + test.of_narrow_data(v)
    slopes = [replace(s, bound=s.bound + noise) for _, s in rejected]
    rejected[:] = [(w, s) for (w, _), s in zip(rejected, slopes, strict=True)]
    if any(s.agrees for s in slopes) or not any(s.rejects for s in slopes):
        return None
    if test.explained_by_tolerance(v, last):
        return None
    worst = max(s.bound for s in slopes)
    return DirectionalTest("wrong", worst, slopes[-1].step, tuple(slopes))
