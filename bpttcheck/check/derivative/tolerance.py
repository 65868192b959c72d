"""An iteration that stops at a tolerance: its gradient is that of the solution, up to there.

A deep-equilibrium layer iterates to a fixed point and differentiates it implicitly. The loss is
that of a few iterations too few, and its derivative another one by about the tolerance.
"""

from __future__ import annotations

import math
from typing import Any

from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint

LARGEST = 1e-2
"""Constants above it are taken for no tolerance."""

MOST = 8
"""So many constants are tried; each costs a loss, one that acts two more."""

TIGHTER = 2.0**-20
"""A tolerance is made so much smaller, and what it causes with it."""

TIGHTEST = 2.0**-46
"""No iteration is asked for more: rounding might keep it going for ever."""

LOOSER = 2.0**13
"""A tolerance that is so much larger stops the iteration earlier, whatever the point."""

BESIDE = (0.97, 1.03)
"""Times that one, the iteration stops at the same step, nearly always; an epsilon acts on."""

SEEN = 2.0**-44
"""What changes the loss by less of itself is not told from its rounding."""

SECONDS = 2.0
"""The limit on one call of a function with another tolerance: it may never end."""


class Tolerances:
    """The tolerances of a function at a point, and the function with smaller ones."""

    def __init__(self, point: ProbePoint) -> None:
        self.found: tuple[float, ...] = ()
        self.tighter: Calls | None = None
        if point.calls.separate_loss:
            return
        self._calls, self._params, self._value = point.calls, point.params, point.value
        self.found = tuple(c for c in self._constants()[:MOST] if self._stops(c))
        if self.found:
            self.tighter = self._with(*((c, _tighter(c)) for c in self.found))

    def __str__(self) -> str:
        told = " and ".join(f"{constant:g}" for constant in self.found)
        return f"an iteration stops at a tolerance of {told}: gradients are judged up to there"

    def _constants(self) -> list[float]:
        from bpttcheck.check.program.renewed import Renewed  # needed by few, and late

        whole = Renewed(factor=1.0, largest=LARGEST)
        try:
            whole.of(self._calls.function)
        except (AttributeError, TypeError, ValueError, RecursionError):
            return []  # something in reach is of no kind that can be copied
        return [c for c in whole.removed if c > 0]

    def _stops(self, constant: float) -> bool:
        """Tell whether the loss is a staircase of a constant: the steps of an iteration."""
        loose = self._loss(constant, LOOSER)
        if not SEEN * abs(self._value) < abs(loose - self._value) < math.inf:
            return False
        return any(self._loss(constant, LOOSER * factor) == loose for factor in BESIDE)

    def _loss(self, constant: float, factor: float) -> float:
        try:
            return self._with((constant, factor)).value(self._params)
        except Broken:
            return math.nan

    def _with(self, *changed: tuple[float, float]) -> Calls:
        from bpttcheck.check.program.renewed import Renewed

        function: Any = self._calls.function
        for constant, factor in changed:
            function = Renewed(constant, factor, LARGEST).of(function)
        loss = getattr(function, "loss", None)
        return Calls(function, loss, self._calls.given(self._params), SECONDS)


def _tighter(constant: float) -> float:
    return min(0.5, max(TIGHTER, TIGHTEST / constant))
