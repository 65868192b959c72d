"""The error of a claimed gradient along a direction, from the central differences on a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bpttcheck.check.derivative.central_difference import CentralDifference, central_difference
from bpttcheck.check.derivative.line_restriction import LineRestriction

BEYOND = 2.0
"""A gap of so many times its bound is wrong; one between that and the bound widens the floor."""

HALF_PRECISION = 2.0**-11
"""The unit roundoff of float16: noise above it comes from no float type, but from chaos."""


@dataclass(frozen=True)
class DirectionalError:
    """R′(0) = value ± bound, from differences with a step; ``obstacle`` says why it may not be.

    ``reach`` is the longest step whose interval agreed with those of all shorter ones; ``flat``
    says that the loss did not move at all, ``clear`` that a large gap is there at every step;
    ``pair`` is what two losses at that step are off by.
    """

    value: float
    bound: float
    step: float
    noise: float
    truncation: float
    evaluations: int
    obstacle: str = ""
    reach: float = 0.0
    flat: bool = False
    clear: bool = False
    pair: float = 0.0

    @property
    def agrees(self) -> bool:
        """Tell whether the claimed gradient may be right."""
        return abs(self.value) <= self.bound

    @property
    def rejects(self) -> bool:
        """Tell whether the claimed gradient is off beyond doubt about the bound itself."""
        return abs(self.value) > BEYOND * self.bound

    def sharpened(self, quick: DirectionalError | None) -> DirectionalError:
        """Return the narrower of this interval and a guessed one that this one bears out."""
        if (
            quick is None
            or quick.bound >= self.bound
            or quick.step > self.reach
            or abs(quick.value - self.value) > quick.bound + self.bound
        ):
            return self
        return replace(quick, evaluations=self.evaluations, reach=self.reach)


class Differences:
    """The differences seen on one line, and the noise that they show."""

    def __init__(
        self, line: LineRestriction, tables: tuple[float, ...], unit: float = math.inf
    ) -> None:
        self.line = line
        self.tables = tables
        self.unit = unit
        self.seen: dict[float, CentralDifference | None] = {}

    def at(self, step: float) -> CentralDifference | None:
        """Return the difference with a step, computed once."""
        if step not in self.seen:
            self.seen[step] = central_difference(self.line, step)
        return self.seen[step]

    def background(self, q: CentralDifference) -> float:
        """Return the noise that is known without the table of this difference."""
        return max(self.line.unit * q.largest, self.line.least, _root_mean_square(self.tables))

    def noise(self, step: float) -> float:
        """Return the standard deviation of one loss: of all tables, at least u|L|.

        One table says little: its own jitter counts for what exceeds twice the deviation.
        """
        seen = [q for q in self.seen.values() if q is not None and q.step <= step]
        jitters = [*self.tables, *(q.jitter for q in seen)]
        largest = max(q.largest for q in seen)
        noise = max(self.line.unit * largest, self.line.least, _root_mean_square(jitters))
        noise = max(noise, *(q.jitter / 2 for q in seen))
        if not any(q.flat and q.step == step for q in seen):
            return noise
        # −log of a probability that rounds to one is zero, whatever its noise: where nothing
        # moves, the loss elsewhere on the line tells how finely its terms were rounded. The least
        # that moves there: more is the edge of a plateau, and so is what no float type rounds to.
        elsewhere = [q.jitter for q in self.seen.values() if q is not None and not q.flat]
        stairs = min(min(elsewhere, default=0.0), HALF_PRECISION * self.line.highest)
        return max(noise, self.line.unit * self.line.highest, stairs)

    def chaotic(self, step: float) -> bool:
        """Tell whether the losses themselves are noise at every step up to this one."""
        seen = [q for q in self.seen.values() if q is not None and q.step <= step]
        return all(q.restless > HALF_PRECISION * q.largest for q in seen)

    def bound(self, q: CentralDifference) -> float:
        """Return the bound of a difference, by what is known now.

        Where nothing moves, what was hidden from the difference is a slope nearby, not far away.
        """
        noise = self.noise(q.step)
        if q.flat:
            noise *= max(1.0, 4 * q.step / self.unit)
        return q.bound(noise, self.line.rounding, self.background(q))

    def slope(self, q: CentralDifference, obstacle: str = "") -> DirectionalError:
        """Return a difference as the answer."""
        noise = self.noise(q.step)
        rest = q.truncation + self.line.rounding
        return DirectionalError(
            q.value,
            self.bound(q),
            q.step,
            noise,
            rest,
            self.line.evaluations,
            obstacle,
            flat=q.flat,
            pair=q.pair,
        )


def _root_mean_square(numbers: Sequence[float]) -> float:
    return math.hypot(*numbers) / math.sqrt(len(numbers)) if numbers else 0.0
