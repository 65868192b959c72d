"""A point that a mend is asked at: the program made anew, and the true slopes of its loss."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.derivative.directions import together
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.program.clock import OutOfTime, time_limit
from bpttcheck.check.program.kept import Kept
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.search.drawing import seed_by
from bpttcheck.check.search.mending_slopes import DIRECTIONS, Off, Stacked, slopes_of
from bpttcheck.mend import Failed, Ran, codes_of, jumps

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

SLOW, LEAST = 20.0, 0.25
"""A run with an edit may take so many times what one without takes, and at least these seconds."""

COMPILED = 4.0
"""The same where JAX may compile an operation that was not there before."""

WATCHED = 20.0
"""Seconds for a run in which every edit is evaluated at every visit of its place."""


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
        self._slopes = {n: slopes_of(test, n, i, ways) for i, n in enumerate(test.params)}
        self._stacked = Stacked(self._slopes)
        self._sizes = {n: float(np.abs(g).max(initial=0.0)) for n, g in here.claim.items()}
        self.names = frozenset(self._slopes)
        self._limit: float | None = None
        self._loss = math.nan
        self._odd: list[str] = []
        self.right: frozenset[str] = frozenset()
        self.begin()

    def begin(self) -> None:
        """Run the program as it is, to which every run with an edit is compared.

        Raises:
            Failed: it does not run through.
        """
        started = time.perf_counter()
        self._limit = None
        self._loss, claim, self._odd = self._told()
        least = COMPILED if "jax" in sys.modules else LEAST
        self._limit = max(least, SLOW * (time.perf_counter() - started))
        self.right = self._right(claim, self._stacked.misses(claim))

    @property
    def seen(self) -> bool:
        """Whether some gradient is known to be wrong here, and the rest are seen."""
        return self.right < self.names

    def run(self) -> Ran:
        """Run the program as it is now.

        Raises:
            Failed: it does not run through, or returns something of another form.
        """
        loss, gradients, odd = self._told(wanted=self._loss)
        if loss != self._loss:
            return Ran(False, frozenset())
        if odd != self._odd:
            raise Failed("something else is returned besides the gradients")
        misses = self._stacked.misses(gradients)
        right = self._right(gradients, misses)
        other = self._here.calls.conjugated(gradients)
        if right != self.names and other is not gradients:  # where they differed, one was taken
            off = self._stacked.misses(other)
            if self._right(other, off) == self.names:
                return Ran(True, self.names, off)
        return Ran(True, right, misses)

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
        self,
        made: Callable[[], Callable[..., Any]] | None = None,
        params: Arrays | None = None,
        wanted: float | None = None,
    ) -> tuple[float, dict[str, Array], list[str]]:
        """Return the loss, the gradients and what is odd; the loss alone if it is not wanted."""
        here = self._here
        seed_by(here.case)
        self._kept.put_back()
        try:
            with time_limit(self._limit):
                function = (made or self._made)()
                return here.calls.told_by(function, params or here.params, wanted)
        except (OutOfTime, Exception, SystemExit) as error:
            said = str(error) or f"no answer within {self._limit:g} s"
            raise Failed(f"{here.name}: {type(error).__name__}: {said}") from None

    def _right(self, gradients: dict[str, Array], misses: Off) -> frozenset[str]:
        right = misses.right()
        if self._strict:  # a gradient that is gone is none that is right
            right = [name for name in right if not self._is_gone(name, gradients[name])]
        return frozenset(right)

    def _is_gone(self, name: str, gradient: Array) -> bool:
        """Tell whether nothing but rounding is left of a gradient."""
        before = self._sizes[name]
        return before > 0.0 and float(np.abs(gradient).max(initial=0.0)) <= GONE * before
