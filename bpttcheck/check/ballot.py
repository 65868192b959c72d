"""The verdict on a part of the parameters: right by two directions, wrong by those that agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bpttcheck.check.calls import Calls
from bpttcheck.check.clock import Clock
from bpttcheck.check.contract import Broken
from bpttcheck.check.directions import Direction, unit
from bpttcheck.check.line import ACCUMULATED, Line, Point, summed, weighted_sum
from bpttcheck.check.persist import vanishes
from bpttcheck.check.precision import Precision
from bpttcheck.check.quotient import AMPLIFICATION, table_noise
from bpttcheck.check.slope import aim, climb
from bpttcheck.check.trail import Slope

TO_ACCEPT, TO_REJECT, MOST = 2, 3, 5

TO_REJECT_CLEARLY = 2
"""Directions whose gaps are there at every step, many times their bound."""

BLUNT = 4.0
"""A bound so much wider than that of another direction deserves a search of its own."""

AFAR = 2.0**8
"""So much further away a slope is looked for that is not seen where it was guessed."""

VAGUE = 2.0**-10
"""A bound of this share of the claimed slope is no smooth loss's, unless its noise is large."""

NEARBY = 2.0**-12
"""The noise of the claimed gradient is looked for no further away, times the parameters' unit."""

CLOSE = 64.0
"""A gap of fewer deviations of the claimed gradient's own noise needs more than one table of it."""

WHY = {
    "kink": "the loss has a kink at this very point (ReLU, abs or max at a tie): move off it",
    "chaos": "the loss is chaotic here: it looks like noise at every step",
    "stairs": "the loss has stairs here, by its own rounding: steps along them say nothing",
    "overflow": "the loss is not finite beside this point",
}

STAIRCASE = "the loss is a staircase here: its derivative is 0, and what is returned a surrogate"


@dataclass(frozen=True)
class Ballot:
    """What directions say: the verdict, the bound E, and the slopes it rests on."""

    verdict: str
    floor: float
    step: float
    slopes: tuple[Slope, ...]
    reason: str = ""


class Judge:
    """Asks directions of one point about the claimed gradient."""

    def __init__(
        self,
        calls: Calls,
        params: Point,
        value: float,
        claim: Point,
        precision: Precision,
        grains: Mapping[str, float] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.calls = calls
        self.params = params
        self.value = value
        self.claim = claim
        self.precision = precision
        self.grains = dict(grains or {})
        self.clock = clock or Clock()
        self.narrow: tuple[float, Point] | None = None
        """Of a program that was given wider numbers: its own unit roundoff, the gradients' move."""
        self.suspicion = math.inf
        """The bound of a direction through several blocks by which some of them is wrong."""
        self.highest = abs(value)
        """The largest |L| on any line so far."""
        self.tables = precision.tables
        """What tables of differences at the point show of the noise of one loss."""

    def line(self, v: Direction) -> Line:
        """Return the loss along a direction."""
        return Line(
            self.calls.value, self.params, v, self.claim, self.value, self.precision.unit,
            self.grains,
        )  # fmt: skip

    def unit(self, v: Direction) -> float:
        """Return the step along v at which some parameter has moved by its own size."""
        return min(unit(self.params[n][v[n] != 0]) / _ceiling(v[n]) for n in v)

    def quick(self, v: Direction, step: float | None = None, known: bool = False) -> Slope | None:
        """Return the slope along v from a few evaluations: enough to accept.

        Enough to reject as well where the gap is large, and ``clear``: there at all smaller steps.
        """
        size = self.unit(v)
        line = self.line(v)
        found = aim(line, step or 2.0**-6 * size, self.tables, size, known)
        if found is not None and found.agrees and not known:
            # Among noise the next step cannot be told from truncation, and further away is a guess.
            largest = max(float(np.abs(self.claim[n] * w).max()) for n, w in v.items())
            if 4 * found.bound > largest:
                further = aim(line, AFAR * found.step, self.tables, size)
                if further is not None and further.bound < found.bound:
                    found = further
        self.highest = max(self.highest, line.highest)
        return found

    def slow(
        self, v: Direction, quick: Slope | None = None, best_before: float = 0.0
    ) -> Slope | None:
        """Return the slope along v with the step searched upward.

        From tiny, if this is the first rejection, or if the search begun higher does not reject:
        what looks like noise or a kink there may look calm at tiny steps.
        """
        line = self.line(v)
        found = climb(line, self.unit(v), self.tables, best_before)
        if best_before and (found is None or found.agrees or found.obstacle):
            line = self.line(v)
            found = climb(line, self.unit(v), self.tables)
        self.highest = max(self.highest, line.highest)
        if found is None or found.agrees or found.obstacle in WHY:
            return found
        return found.sharpened(quick)

    def claim_noise(self, v: Direction, slope: Slope) -> float:
        """Return what the rounding of the claimed gradient itself can do to its slope along v.

        At a quarter of the quotient's step its own truncation is far below that of the quotient.
        A single table says little: where the gap is not many times its noise, more are taken.
        """
        line, step = self.line(v), min(slope.step / 4, NEARBY * self.unit(v))
        seen: list[float] = []
        for shift in (0, 9, -9):
            slopes = []
            for k in range(-4, 5):
                try:
                    _, gradient, _ = self.calls.value_and_grad(line.point((k + shift) * step))
                except Broken:
                    return 0.0
                slopes.append(summed(weighted_sum(gradient[n], w)[0] for n, w in v.items()))
            seen.append(table_noise(slopes))
            noise = math.hypot(*seen) / math.sqrt(len(seen))
            if noise * CLOSE < abs(slope.value):
                return 3 * noise
        return 8 * noise  # three tables tell a deviation to a factor of two or three

    def of_narrow_data(self, v: Direction) -> float:
        """Return what data in float32 may do along v to a program that was given float64.

        What else the code reads stays as it was rounded: 64 roundings, or four times what the
        gradient moved by when its parameters were widened.
        """
        if self.narrow is None:
            return 0.0
        step, moved = self.narrow
        grain = sum(weighted_sum(np.abs(self.claim[n]), np.abs(w))[0] for n, w in v.items())
        apart = sum(weighted_sum(np.abs(moved[n]), np.abs(w))[0] for n, w in v.items())
        return max(ACCUMULATED * step * grain, 4 * apart)

    def floor(self, slope: Slope) -> float:
        """Return the bound of a slope; one that did not move hides its noise."""
        hidden = self.precision.unit * self.highest if slope.flat else 0.0
        return max(slope.bound, AMPLIFICATION * hidden / slope.step)

    def _stuck(self, v: Direction, slope: Slope) -> bool:
        """Tell whether a loss whose slope is known to a few bits stands still beside the point.

        A staircase has slopes at long steps alone, and they agree with anything.
        """
        line = self.line(v)
        claimed = abs(line.slope)
        if slope.flat or not VAGUE * claimed < slope.bound < claimed:
            return False
        step = min(slope.step / 16, 2.0**-9 * self.highest / claimed)
        moves = step * claimed > 64 * self.precision.unit * self.highest
        return moves and line.stands(step)

    def accepts(self, draw: Callable[[], Direction], step: float | None) -> Ballot | None:
        """Return the verdict of two quick directions where both accept; else None."""
        slopes: list[Slope] = []
        while len(slopes) < TO_ACCEPT:
            v = draw()
            found = self.quick(v, step)
            if found is not None and not found.agrees:
                self.suspicion = min(self.suspicion, found.bound)
            if found is None or not found.agrees or self._stuck(v, found):
                return None
            slopes.append(found)
            step = found.step
        floor = max(map(self.floor, slopes))
        return Ballot("right", floor, slopes[0].step, tuple(slopes))

    def ask(self, draw: Callable[[], Direction], step: float | None = None) -> Ballot:
        """Return the verdict of independent directions on the entries that they move."""
        accepted: list[Slope] = []
        rejected: list[tuple[Direction, Slope]] = []
        while len(accepted) + len(rejected) < MOST:
            v = draw()
            found = self.quick(v, step)
            others = [s.bound for s in (*accepted, *(s for _, s in rejected))]
            sharp = min([*others, self.suspicion / unit(self.params[next(iter(v))])])
            blunt = found is not None and (found.bound > BLUNT * sharp or self._stuck(v, found))
            if found is None or blunt or not (found.agrees or found.clear):
                found = self.slow(v, found, rejected[0][1].step if rejected else 0.0)
            if found is None:
                return Ballot("undecided", math.inf, 0.0, (), WHY["overflow"])
            if found.obstacle == "staircase":
                return Ballot("wrong", found.bound, found.step, (found,), STAIRCASE)
            if not found.agrees and found.obstacle in WHY:
                return Ballot("undecided", math.inf, found.step, (found,), WHY[found.obstacle])
            step = found.step
            if found.agrees:
                accepted.append(found)
            elif not rejected and vanishes(self.line(v), found, self.unit(v)):
                return Ballot("undecided", math.inf, step, (found,), WHY["stairs"])
            else:
                rejected.append((v, found))
            if len(accepted) == TO_ACCEPT and not rejected:
                break
            clear = all(s.clear for _, s in rejected)
            if len(rejected) == (TO_REJECT_CLEARLY if clear else TO_REJECT):
                ballot = self._rejection(rejected)
                if ballot is not None:
                    return ballot
                break
        # Directions that disagree: the bound becomes what the worst of them allows.
        votes = (*accepted, *(s for _, s in rejected))
        floor = max(
            [self.floor(s) for s in accepted] + [abs(s.value) + s.bound for _, s in rejected]
        )
        return Ballot("right", floor, votes[0].step, votes)

    def _rejection(self, rejected: list[tuple[Direction, Slope]]) -> Ballot | None:
        """Return the verdict wrong, unless the gradient's own rounding explains the gaps."""
        v, last = min(rejected, key=lambda pair: abs(pair[1].value) / pair[1].bound)
        noise = self.claim_noise(v, last) + self.of_narrow_data(v)
        slopes = [replace(s, bound=s.bound + noise) for _, s in rejected]
        rejected[:] = [(w, s) for (w, _), s in zip(rejected, slopes, strict=True)]
        if any(s.agrees for s in slopes) or not any(s.rejects for s in slopes):
            return None
        worst = max(s.bound for s in slopes)
        return Ballot("wrong", worst, slopes[-1].step, tuple(slopes))


def _ceiling(v: np.ndarray) -> float:
    """Return the power of two at or above the largest modulus."""
    return 2.0 ** math.ceil(math.log2(float(np.abs(v).max())))
