"""A point that a mend is asked at: the program made anew, and the true slopes of its loss."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.derivative.directions import direction, together
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.derivative.line_restriction import TINY
from bpttcheck.check.program.clock import OutOfTime, time_limit
from bpttcheck.check.program.kept import Kept
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.search.drawing import seed_by
from bpttcheck.mend import Failed, Misses, Ran, codes_of, jumps

DIRECTIONS = 2
"""Along which each gradient is asked at the first point; along one at the others."""

ROOM = 4.0
"""Times the bound of a slope: a gradient that is off by less may be right."""

LINES = 2
"""Along so many lines another loss is asked for its slope."""

STEP = 1e-5
"""Of a parameter's size: the quotient's error is some 1e-9 of the slope then."""

NEAR = 1e-6
"""Slopes that differ by less, of their size, may be the same."""

WIDTH = 0.5
"""Of a parameter's size: so far to either side a loss is asked whether it jumps."""

GONE = 1e-12
"""Of a gradient's size: what a difference of equal numbers leaves."""

COARSE = 1e-4
"""A slope whose bound is a larger share of its terms tells little."""

SLOW, LEAST = 20.0, 0.25
"""A run with an edit may take so many times what one without takes, and at least these seconds."""

COMPILED = 4.0
"""The same where JAX may compile an operation that was not there before."""

WATCHED = 20.0
"""Seconds for a run in which every edit is evaluated at every visit of its place."""


@dataclass(frozen=True)
class Slopes:
    """The derivatives of the loss along directions of one block, (k, entries), and their bounds."""

    ways: Array
    moduli: Array
    values: Array
    bounds: Array


class Point:
    """A point at which the program is made and run anew, with what is right there."""

    def __init__(
        self,
        here: ProbePoint,
        made: Callable[[], Callable[..., Any]],
        test: GradientTest,
        strict: bool,
    ) -> None:
        self.name = here.name
        self._here = here
        self._made = made
        self._kept = Kept(made())
        self._strict = strict
        ways = DIRECTIONS if strict else 1
        self._slopes = {n: _slopes(test, n, i, ways) for i, n in enumerate(test.params)}
        self.names = frozenset(self._slopes)
        self._limit: float | None = None
        self._loss = math.nan
        self._odd: list[str] = []
        self.right = self._first()

    def _first(self) -> frozenset[str]:
        started = time.perf_counter()
        self._limit = None
        self._loss, claim, self._odd = self._told()
        least = COMPILED if "jax" in sys.modules else LEAST
        self._limit = max(least, SLOW * (time.perf_counter() - started))
        misses = self._misses(claim)
        return self._right(claim, misses)

    @property
    def seen(self) -> bool:
        """Whether some gradient is known to be wrong here, and the rest are seen."""
        return self.right < self.names

    def run(self) -> Ran:
        """Run the program as it is now.

        Raises:
            Failed: it does not run through, or returns something of another form.
        """
        loss, gradients, odd = self._told()
        if odd != self._odd:
            raise Failed("something else is returned besides the gradients")
        kept = loss == self._loss
        if not kept:
            return Ran(False, frozenset())
        misses = self._misses(gradients)
        return Ran(True, self._right(gradients, misses), misses)

    def told(self) -> tuple[float, dict[str, Array]]:
        """Run the program; return its loss and its gradients.

        Raises:
            Failed: it does not run through.
        """
        loss, gradients, _ = self._told()
        return loss, gradients

    def jumps(self) -> bool:
        """Tell whether the loss jumps near the point, along a line through all that is asked."""
        rng = np.random.default_rng(9)
        way = together(rng, self._here.params, tuple(sorted(self.names)))

        def loss(t: float) -> float:
            there = {
                n: a + WIDTH * t * way[n] if n in way else a for n, a in self._here.params.items()
            }
            return self._told(params=there)[0]

        try:
            return jumps(loss)
        except Failed:
            return False

    def agrees(self) -> bool:
        """Tell whether the program has another loss now, whose derivative its gradients are.

        Raises:
            Failed: it does not run through.
        """
        loss, gradients, _ = self._told()
        params = self._here.params
        if loss == self._loss or any(self._depends(n) > gradients[n].any() for n in self.names):
            return False
        for seed in range(LINES):
            way = together(np.random.default_rng([8, seed]), params, tuple(sorted(self.names)))
            ends = [
                self._told(params={n: a + h * way[n] if n in way else a for n, a in params.items()})
                for h in (STEP, -STEP)
            ]
            slope = (ends[0][0] - ends[1][0]) / (2 * STEP)
            parts = [float((gradients[n] * way[n]).sum()) for n in way]
            if not abs(slope - math.fsum(parts)) <= NEAR * max(map(abs, (slope, *parts))):
                return False
        return True

    def _depends(self, name: str) -> bool:
        """Tell whether the loss changes with a parameter, or its gradient says so.

        Of a loss that does not, zeros would be the derivative.
        """
        slopes = self._slopes[name]
        return bool(self._here.claim[name].any() or (abs(slopes.values) > slopes.bounds).any())

    def codes(self) -> tuple[Any, list[CodeType]]:
        """Return the function that is made at the point, and the code that a call of it runs.

        Raises:
            Failed: it does not run through.
        """
        seen: list[CodeType] = []
        function: Any = self._made()

        def watched(params: Any) -> Any:
            returned: list[Any] = []
            seen.extend(codes_of(lambda: returned.append(function(params))))
            return returned[0]

        self._told(lambda: watched)
        return function, seen

    def call(self) -> None:
        """Run the program for somebody who watches it, and takes their time.

        Raises:
            Failed: it does not run through.
        """
        kept, self._limit = self._limit, WATCHED
        try:
            self._told()
        finally:
            self._limit = kept

    def _told(
        self, made: Callable[[], Callable[..., Any]] | None = None, params: Arrays | None = None
    ) -> tuple[float, dict[str, Array], list[str]]:
        here = self._here
        seed_by(here.case)
        self._kept.put_back()
        try:
            with time_limit(self._limit):
                return here.calls.told_by((made or self._made)(), params or here.params)
        except (OutOfTime, Exception, SystemExit) as error:
            raise Failed(f"{here.name}: {type(error).__name__}: {error}") from None

    def _right(self, gradients: dict[str, Array], misses: Misses) -> frozenset[str]:
        gone = {n for n in gradients if self._strict and self._is_gone(n, gradients[n])}
        right = (n for n, some in misses.items() if all(abs(miss) <= room for miss, room in some))
        return frozenset(right) - gone  # a gradient that is gone is none that is right

    def _is_gone(self, name: str, gradient: Array) -> bool:
        """Tell whether nothing but rounding is left of a gradient."""
        before, now = (
            float(np.abs(a).max(initial=0.0)) for a in (self._here.claim[name], gradient)
        )
        return now <= GONE * before and before > 0.0

    def _misses(self, gradients: dict[str, Array]) -> Misses:
        """Return by how much gradients are off along each direction, and the bound of that."""
        found = {}
        with np.errstate(all="ignore"):
            for name, slopes in self._slopes.items():
                entries = np.asarray(gradients[name], np.float64).reshape(-1)
                misses = slopes.ways @ entries - slopes.values
                # However a product of matrices adds, there are as many roundings as terms.
                rounding = slopes.moduli @ np.abs(entries) * (len(entries) * 2.0**-53)
                rooms = slopes.bounds + rounding + TINY * len(entries)
                found[name] = [*zip(misses.tolist(), rooms.tolist(), strict=True)]
        return found


def _slopes(test: GradientTest, name: str, number: int, ways: int) -> Slopes:
    """Return the derivatives along directions of a block; none where they are coarse."""
    rng = np.random.default_rng([7, number])
    found: list[tuple[Array, float, float]] = []
    for _ in range(ways):
        v = direction(rng, test.params, (name,))
        line = test.line(v)
        slope = test.quick(v)
        if slope is None:
            continue
        value, bound = line.slope + slope.value, ROOM * (slope.bound + line.rounding)
        largest = float(np.abs(test.claim[name] * v[name]).max(initial=0.0))
        if bound <= COARSE * max(largest, abs(value)) or bound == 0.0:
            found.append((np.asarray(v[name], np.float64).reshape(-1), value, bound))
    along = np.array([way for way, _, _ in found]).reshape(len(found), test.params[name].size)
    values, bounds = (np.array([one[i] for one in found]) for i in (1, 2))
    return Slopes(along, np.abs(along), values, bounds)
