"""The verdict on a part of the parameters: right by two directions, wrong by three that agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from bpttcheck.check.calls import Calls
from bpttcheck.check.contract import Broken
from bpttcheck.check.directions import Direction
from bpttcheck.check.line import Line, Point, weighted_sum
from bpttcheck.check.precision import Precision
from bpttcheck.check.quotient import HAMMING, TABLE
from bpttcheck.check.slope import Slope, aim, climb

TO_ACCEPT, TO_REJECT, MOST = 2, 3, 5

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
        return aim(self.line(v), start, self.precision.noise)

    def slow(self, v: Direction) -> Slope | None:
        """Return the slope along v with the step searched upward from tiny."""
        line = self.line(v)
        found = climb(line, self.unit(v), self.precision.noise)
        if found is None or found.agrees or found.obstacle in ("kink", "chaos"):
            return found
        # Only now is the noise of the claimed gradient itself worth its cost.
        return replace(found, bound=found.bound + self._gradient_noise(line, found.step))

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
        table = math.fsum(c * s for c, s in zip(TABLE, slopes, strict=True))
        return 3 * HAMMING * abs(table)

    def ask(self, draw: Callable[[], Direction], step: float | None = None) -> Ballot:
        """Return the verdict of independent directions on the entries that they move."""
        accepted: list[Slope] = []
        rejected: list[Slope] = []
        while len(accepted) + len(rejected) < MOST:
            v = draw()
            found = self.quick(v, step)
            if found is None or not found.agrees:
                found = self.slow(v)
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
        floor = max([s.bound for s in accepted] + [abs(s.value) + s.bound for s in rejected])
        return Ballot("right", floor, votes[0].step, votes)
