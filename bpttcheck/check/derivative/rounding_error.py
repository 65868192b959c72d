"""The program, apart from its formula: its rounding error, by stochastic arithmetic (CESTAC)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.dual import Dual, duals
from bpttcheck.arithmetic.stochastic import stochastic
from bpttcheck.check.derivative.directions import Direction
from bpttcheck.check.derivative.formula import SECONDS, Formula, single
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.derivative.weighted_sums import length, weighted_sum
from bpttcheck.check.program.contract import Broken

RUNS = 8
"""Randomly rounded runs of the same code."""

ALLOWED = 4.0
"""Times their spread: more is not rounding."""

UNDERFLOW = 2.0**-1022
"""What an operation on numbers below the smallest normal one may lose, with room for factors."""

SMALL = 2.0**-900
"""Below this size underflow may be at work within a gradient: its rounding is not relative."""

BEFORE = 2.0**5
"""Roundings that a constant may have seen before a parameter meets it: a trace, a mean of data.

They are float64's own, and stay when the rest runs over balls; no run of the code shows them.
"""


@dataclass(frozen=True)
class Rounding:
    """The largest error of a block over what rounding explains, and the largest that it does."""

    share: float
    allowed: float


class Runs:
    """The gradients of randomly rounded runs, made when they are first asked for."""

    def __init__(self, test: GradientTest) -> None:
        self._test = test
        self._gradients: list[dict[str, Array]] | None = None

    def gradients(self) -> list[dict[str, Array]]:
        """Return the gradients of each run; none where the code cannot run so."""
        if self._gradients is None:
            self._gradients = self._made()
        return self._gradients

    def _made(self) -> list[dict[str, Array]]:
        params, runs = self._test.params, []
        for seed in range(RUNS):
            drawn = {name: stochastic(theta, seed) for name, theta in params.items()}
            try:
                _, gradients = self._test.calls.raw_pair(drawn, SECONDS)
                run = {n: np.asarray(gradients[n], dtype=np.float64) for n in params}
            except (Broken, TypeError, ValueError, KeyError):
                return []
            if any(run[n].shape != params[n].shape for n in params):
                return []
            runs.append(run)
        return runs

    def slopes(self, v: Direction) -> list[float]:
        """Return the derivative of the loss along v of each run; none where it cannot run so."""
        found = []
        for seed in range(RUNS):
            moved = {
                name: duals(
                    stochastic(theta, seed),
                    stochastic(v.get(name, np.zeros(theta.shape)), RUNS + seed),
                )
                for name, theta in self._test.params.items()
            }
            try:
                loss = single(self._test.calls.raw_pair(moved, SECONDS)[0])
                found.append(float(loss.tangent) if isinstance(loss, Dual) else 0.0)
            except (Broken, TypeError, ValueError):
                return []
        return found


def errors(runs: Runs, test: GradientTest, formula: Formula) -> dict[str, Rounding] | None:
    """Return how each block's float gradient compares with its formula; None if it cannot run."""
    made = runs.gradients()
    if not made:
        return None
    found = {}
    for name, claim in test.claim.items():
        with np.errstate(invalid="ignore"):
            scatter = np.ptp(np.stack([run[name] for run in made]), axis=0)
        middle, radii = formula.midpoint(name)
        allowed = ALLOWED * scatter + radii + UNDERFLOW
        share = np.abs(claim - middle) / allowed
        if not np.isfinite(share).all():
            return None
        found[name] = Rounding(float(share.max()), float(allowed.max()))
    return found


def of_constants(formula: Formula, v: Direction) -> float:
    """Return what the rounding of constants, before a parameter meets them, may do along v.

    The signs of v are random: whatever the entries are off by, their sum has this deviation, and
    exceeds it twice with probability below 5 %, in every direction that has to agree.
    """
    moduli = math.hypot(*(length(formula.midpoint(name)[0], w) for name, w in v.items()))
    lost = UNDERFLOW * sum(float(np.abs(w).sum()) for w in v.values())
    return 2 * BEFORE * 2.0**-53 * moduli + lost


def explained(runs: Runs, formula: Formula, v: Direction) -> float:
    """Return how far rounding, that of constants included, may carry the two sides apart along v.

    Of a formula that is right, over the claimed gradient and over the derivative of the loss.
    """
    sides = (
        [math.fsum(weighted_sum(run[n], w)[0] for n, w in v.items()) for run in runs.gradients()],
        runs.slopes(v),
    )
    spread = ALLOWED * math.hypot(*(r for r in map(_range, sides) if math.isfinite(r)))
    return max(spread, of_constants(formula, v), formula.test.of_narrow_data(v))


def _range(numbers: Iterable[float]) -> float:
    listed = list(numbers)
    if not all(map(math.isfinite, listed)):
        return math.inf
    return max(listed) - min(listed) if listed else 0.0
