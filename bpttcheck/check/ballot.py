"""The verdict on a part of the parameters: right by two directions, wrong by three that agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from bpttcheck.check.calls import Calls
from bpttcheck.check.contract import Broken
from bpttcheck.check.directions import Direction, direction
from bpttcheck.check.line import Line, Point, weighted_sum
from bpttcheck.check.precision import Precision
from bpttcheck.check.quotient import AMPLIFICATION, table_noise
from bpttcheck.check.slope import Slope, aim, climb, tables

TO_ACCEPT, TO_REJECT, MOST = 2, 3, 5

BLUNT = 4.0
"""A bound that is so much wider than that of another direction deserves a search of its own."""

NEARBY = 2.0**-12
"""The noise of the claimed gradient is looked for no further away, times the parameters' unit."""

WHY = {
    "kink": "the loss has a kink at this very point (ReLU, abs or max at a tie): move off it",
    "chaos": "the loss is chaotic here: it looks like noise at every step",
    "overflow": "the loss is not finite beside this point",
}


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
        self, calls: Calls, params: Point, value: float, claim: Point, precision: Precision
    ) -> None:
        self.calls = calls
        self.params = params
        self.value = value
        self.claim = claim
        self.precision = precision
        self.highest = abs(value)
        """The largest |L| on any line so far."""
        self.tables: tuple[float, ...] = (precision.noise,) if precision.noise else ()
        """What tables of differences at the point show of the noise of one loss."""

    def listen(self, rng: np.random.Generator) -> None:
        """Take the noise of the loss at the point, along one direction through all blocks."""
        if not self.tables:
            v = direction(rng, self.params, tuple(self.params))
            self.tables = tables(self.line(v), self.unit(v))

    def line(self, v: Direction) -> Line:
        """Return the loss along a direction."""
        return Line(
            self.calls.value, self.params, v, self.claim, self.value, self.precision.unit
        )  # fmt: skip

    def unit(self, v: Direction) -> float:
        """Return the size of the parameters that a direction moves; 1 where all are zero."""
        largest = max(float(abs(self.params[n][v[n] != 0]).max(initial=0.0)) for n in v)
        return 2.0 ** math.floor(math.log2(largest)) if largest else 1.0

    def quick(self, v: Direction, step: float | None = None) -> Slope | None:
        """Return the slope along v from a few evaluations: enough to accept."""
        start = step or 2.0**-6 * self.unit(v)
        line = self.line(v)
        found = aim(line, start, self.tables)
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
        if found is None or found.agrees or found.obstacle in ("kink", "chaos"):
            return found
        found = found.sharpened(quick)
        # Only now is the noise of the claimed gradient itself worth its cost. At a quarter of the
        # step its own truncation is far below that of the quotient; a huge claim has long steps.
        step = min(found.step / 4, NEARBY * self.unit(v))
        return replace(found, bound=found.bound + self._gradient_noise(line, step))

    def _gradient_noise(self, line: Line, step: float) -> float:
        slopes = []
        for k in range(-4, 5):
            try:
                _, gradient, _ = self.calls.value_and_grad(line.point(k * step))
            except Broken:
                return 0.0
            slopes.append(
                math.fsum(weighted_sum(gradient[n], v)[0] for n, v in line.direction.items())
            )
        return 3 * table_noise(slopes)

    def floor(self, slope: Slope) -> float:
        """Return the bound of a slope; one that did not move hides its noise."""
        hidden = self.precision.unit * self.highest if slope.flat else 0.0
        return max(slope.bound, AMPLIFICATION * hidden / slope.step)

    def ask(self, draw: Callable[[], Direction], step: float | None = None) -> Ballot:
        """Return the verdict of independent directions on the entries that they move."""
        accepted: list[Slope] = []
        rejected: list[Slope] = []
        while len(accepted) + len(rejected) < MOST:
            v = draw()
            found = self.quick(v, step)
            others = [*accepted, *rejected]
            blunt = found is not None and any(found.bound > BLUNT * s.bound for s in others)
            if found is None or not found.agrees or blunt:
                found = self.slow(v, found, rejected[0].step if rejected else 0.0)
            if found is None:
                return Ballot("undecided", math.inf, 0.0, (), WHY["overflow"])
            if found.agrees:
                accepted.append(found)
                step = found.step
            elif found.obstacle in ("kink", "chaos"):
                return Ballot(
                    "undecided", math.inf, found.step, (found,), WHY[found.obstacle]
                )  # fmt: skip
            else:
                rejected.append(found)
            if len(accepted) == TO_ACCEPT and not rejected:
                break
            if len(rejected) == TO_REJECT:
                worst = max(s.bound for s in rejected)
                return Ballot("wrong", worst, rejected[-1].step, tuple(rejected))
        # Directions that disagree: the bound becomes what the worst of them allows.
        votes = (*accepted, *rejected)
        floor = max([self.floor(s) for s in accepted] + [abs(s.value) + s.bound for s in rejected])
        return Ballot("right", floor, votes[0].step, votes)
