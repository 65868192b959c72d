"""The gradient test at one point: how far off the claimed gradient is along lines through it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from bpttcheck.arithmetic.base import Arrays
from bpttcheck.check.derivative.central_difference import (
    AMPLIFICATION,
    central_difference,
    table_noise,
)
from bpttcheck.check.derivative.directional_error import DirectionalError
from bpttcheck.check.derivative.directions import Direction, unit
from bpttcheck.check.derivative.line_restriction import ACCUMULATED, LineRestriction
from bpttcheck.check.derivative.step_consistency import agrees_below, denied_below, on_a_stair
from bpttcheck.check.derivative.step_selection import CLEAR, aim, climb
from bpttcheck.check.derivative.weighted_sums import length, summed, weighted_sum
from bpttcheck.check.derivative.working_precision import Precision
from bpttcheck.check.program.clock import Clock
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probed

if TYPE_CHECKING:
    from bpttcheck.check.derivative.tolerance import Tolerances

OBSTACLES = ("kink", "kink beside", "chaos", "stairs")
"""What forbids a verdict, whatever the differences say."""

VAGUE = 2.0**-10
"""A bound of this share of the claimed slope is no smooth loss's, unless its noise is large."""

SHARE = 1 / 8
"""Of its largest term: a gap below it is left undecided where units are saturated on purpose.

log(1 − y) is computed from the last bits of y there, and stands still between them; what is gone of
the slope then is gone at every step within reach. A mistake shows elsewhere too.
"""

GUESS = 2.0**-6
"""The step that is tried first, of the parameters' size.

Networks' best ones lie around 2⁻⁹. From there one window would do, but its bound is as good as the
noise that this window happens to show: the next direction's is many times as wide by chance, is
searched from tiny steps, and looked like a rejection there at one of twelve seeds of right code.
"""

AFAR = 2.0**8
"""So much further away a slope is looked for that is not seen where it was guessed."""

NEARBY = 2.0**-12
"""The noise of the claimed gradient is looked for no further away, times the parameters' unit."""

IMPRECISE = 2.0**-5
"""A gap of more than this share of the claimed gradient is no iteration's tolerance."""

CLOSE = 64.0
"""A gap of fewer deviations of the claimed gradient's own noise needs more than one table of it."""


class GradientTest:
    """Asks directions of one point about the claimed gradient."""

    def __init__(
        self,
        point: ProbePoint,
        precision: Precision,
        grains: Mapping[str, float] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.point = point
        self.calls, self.params = point.calls, point.params
        self.value, self.claim = point.value, point.claim
        self.precision = precision
        self.grains = dict(grains or {})
        self.clock = clock or Clock()
        self.narrow: tuple[float, Arrays] | None = None
        """Of a program that was given wider numbers: its own unit roundoff, the gradients' move."""
        self.saturated = False
        """Whether losses may have stairs of their own rounding: small gaps are no mistakes then."""
        self.suspicion = math.inf
        """The bound of a direction through several blocks by which some of them is wrong."""
        self.highest = abs(point.value)
        """The largest |L| on any line so far."""
        self._tolerances: Tolerances | None = None

    @property
    def tables(self) -> tuple[float, ...]:
        """What tables of differences at the point show of the noise of one loss."""
        return self.precision.tables

    def line(self, v: Direction) -> LineRestriction:
        """Return the loss along a direction."""
        return LineRestriction(
            self.calls.value,
            self.params,
            v,
            self.claim,
            self.value,
            self.precision.unit,
            self.grains,
        )

    def unit(self, v: Direction) -> float:
        """Return the step along v at which some parameter has moved by its own size."""
        return min(unit(self.params[n][v[n] != 0]) / _ceiling(v[n]) for n in v)

    def quick(
        self, v: Direction, step: float | None = None, known: bool = False
    ) -> DirectionalError | None:
        """Return the slope along v from a few evaluations: enough to accept.

        Enough to reject as well where the gap is large, and ``clear``: there at all smaller steps.
        """
        size = self.unit(v)
        line = self.line(v)
        found = aim(line, step or GUESS * size, self.tables, size, known)
        agrees = found is not None and found.agrees and not known
        if found is not None and agrees and 4 * found.bound > self._largest(v):
            # Among noise the next step cannot be told from truncation, and further away is a guess.
            further = aim(line, AFAR * found.step, self.tables, size)
            if further is not None and further.bound < found.bound:
                found = further
        self.highest = max(self.highest, line.highest)
        return found

    def _largest(self, v: Direction) -> float:
        """Return the largest term of the claimed slope along v."""
        return max(float(np.abs(self.claim[n] * w).max()) for n, w in v.items())

    def slow(
        self, v: Direction, quick: DirectionalError | None = None, best_before: float = 0.0
    ) -> DirectionalError | None:
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
        if found is None or found.agrees or found.obstacle in OBSTACLES:
            return found
        return found.sharpened(quick)

    def claim_noise(self, v: Direction, slope: DirectionalError) -> float:
        """Return what the rounding of the claimed gradient itself can do to its slope along v.

        At a quarter of the step of the difference its own truncation is far below that one's.
        A single table says little: where the gap is not many times its noise, more are taken.
        """
        # Nine slopes a step apart each: their eighth difference is noise, as that of losses is.
        line, step = self.line(v), min(slope.step / 4, NEARBY * self.unit(v))
        seen: list[float] = []
        for shift in (0, 9, -9):
            slopes = []
            for k in range(-4, 5):
                try:
                    slopes.append(self._claimed(v, line.point((k + shift) * step)))
                except Broken:
                    return 0.0
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
        grain = math.hypot(*(length(self.claim[n], w) for n, w in v.items()))
        apart = math.hypot(*(length(moved[n], w) for n, w in v.items()))
        return max(ACCUMULATED * step * grain, 4 * apart)

    def explained_by_tolerance(self, v: Direction, slope: DirectionalError) -> bool:
        """Tell whether a small gap goes away when the tolerance of an iteration is tightened."""
        largest = max(float(np.abs(g).max()) for g in self.claim.values())
        if abs(slope.value) > IMPRECISE * largest * max(_ceiling(w) for w in v.values()):
            return False
        if self._tolerances is None:
            from bpttcheck.check.derivative.tolerance import Tolerances  # not needed by right code

            self._tolerances = Tolerances(self.point)
        tighter = self._tolerances.tighter
        there = None if tighter is None else probed(tighter, self.params)
        if there is None:
            return False
        line = GradientTest(there, self.precision).line(v)
        found = central_difference(line, slope.step)
        if found is None:
            return False
        bound = found.bound(max(found.jitter, self._noise), line.rounding)
        left = max(abs(slope.value) / 4, 4 * bound)
        if bound > 4 * abs(slope.value) or abs(found.value) > left:
            return False
        self.calls.behaviour["tolerance"] = str(self._tolerances)
        return True

    def floor(self, slope: DirectionalError) -> float:
        """Return the bound of a slope; one that did not move hides its noise."""
        hidden = self.precision.unit * self.highest if slope.flat else 0.0
        return max(slope.bound, AMPLIFICATION * hidden / slope.step)

    def vague(self, v: Direction, slope: DirectionalError) -> bool:
        """Tell whether a slope is known to a few bits, not for noise, and shorter steps deny it.

        A staircase has slopes at long steps alone, and they agree with anything; so does a kink.
        """
        noise = AMPLIFICATION * self._noise / slope.step
        if slope.bound <= 4 * noise or slope.bound <= VAGUE * self._largest(v):
            return False
        return not agrees_below(self.line(v), slope, self._noise, self.unit(v))

    def misled(self, v: Direction, slope: DirectionalError) -> bool:
        """Tell whether a gap depends on the step: there are stairs, of rounding or on purpose."""
        if self.saturated and abs(slope.value) < SHARE * self._largest(v):
            return True
        line, size = self.line(v), self.unit(v)
        if self.saturated and self._right_from_afar(v, line, size):
            return True
        unlike = not slope.clear and abs(slope.value) > CLEAR * slope.bound
        if unlike and denied_below(line, slope, self._noise, size):
            return True
        return on_a_stair(line, slope, size)

    def _right_from_afar(self, v: Direction, line: LineRestriction, unit: float) -> bool:
        """Tell whether the claimed gradient, integrated along a line, makes the loss's difference.

        Then it is right on average over stairs on each of which differences say that it is wrong.
        """
        nodes, weights = np.polynomial.legendre.leggauss(32)
        for reach in (unit, unit / 4, unit / 16):
            rise = line.rise(reach)
            if not math.isfinite(rise):
                continue
            try:
                slopes = [self._claimed(v, line.point(reach * float(x))) for x in nodes]
            except Broken:
                continue
            made = reach * float(weights @ slopes)
            if math.isfinite(made):
                rounding = 64 * self.precision.unit * line.highest
                return abs(rise - made) <= max(SHARE * abs(rise), rounding)
        return False

    def _claimed(self, v: Direction, point: Arrays) -> float:
        _, gradient, _ = self.calls.value_and_grad(point)
        return summed(weighted_sum(gradient[n], w)[0] for n, w in v.items())

    @property
    def _noise(self) -> float:
        """What is known of the noise of one loss before any difference."""
        return max(self.precision.unit * self.highest, *self.tables, 0.0)


def _ceiling(v: np.ndarray) -> float:
    """Return the power of two at or above the largest modulus."""
    return 2.0 ** math.ceil(math.log2(float(np.abs(v).max())))
