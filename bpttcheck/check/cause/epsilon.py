"""An epsilon in the loss that the gradient knows nothing of: named, and looked through."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bpttcheck.check.derivative.tolerance import Tolerances
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probed
from bpttcheck.check.program.renewed import Renewed
from bpttcheck.check.verdict.report import Report
from bpttcheck.diagnosis.explanation.cause import Cause
from bpttcheck.diagnosis.explanation.explain import Explanation, Mistake

Checked = Callable[..., tuple[Report, Calls]]
"""Checks a function at parameters, with a seed: the report, and the calls that were made."""

SECONDS = 60.0
"""The limit on one call."""

MOST = 8
"""So many constants are tried; each costs a loss."""

INFLUENCE = 0.1
"""What changes the loss by more of itself is no epsilon."""


@dataclass(frozen=True)
class Without:
    """Places at which the user's function runs without its epsilons, checked anew."""

    epsilons: tuple[float, ...]
    places: tuple[ProbePoint, ...]
    seen: Report
    """The report with the epsilons in place."""

    @property
    def reports(self) -> list[Report]:
        """The reports without."""
        return [place.report for place in self.places if place.report is not None]

    @property
    def right(self) -> bool:
        """Whether nothing is wrong without, and something right."""
        verdicts = {report.verdict for report in self.reports}
        return verdicts <= {"right", "undecided"} and self.reports[0].verdict == "right"

    def cause(self, behind: Cause | None = None) -> Cause:
        """Return the cause: the epsilons, and what else is wrong behind them."""
        labels = tuple(b.name for b in self.seen.blocks if b.verdict == "wrong")
        mistake = Mistake("loss-epsilon", self._told(behind is None), labels)
        if behind is None:
            entries = sum(
                math.prod(b.shape) for r in self.reports for b in r.blocks if b.verdict == "right"
            )
            explanation = Explanation((mistake,))
            return Cause((explanation,), "", len(self.reports), entries, labels)
        some = tuple(Explanation((*e.mistakes, mistake)) for e in behind.explanations)
        return replace(behind, explanations=some)

    def _told(self, alone: bool) -> str:
        told = " and ".join(f"{epsilon:g}" for epsilon in self.epsilons)
        if not alone:
            return told
        shares = [4 * b.floor / b.size for b in self.reports[0].blocks if b.size]
        off = [
            abs(b.got - b.expected) / max(b.size, abs(b.got))
            for b in self.seen.blocks
            if b.verdict == "wrong" and b.got is not None and b.expected is not None
        ]
        to = f", to {max(shares):.0e} of it" if shares else ""
        more = f"; with it, it is off by {max(off):.0e} of itself" if off else ""
        return f"{told}; the gradient is that of the loss without it{to}{more}"


def without_epsilons(
    report: Report,
    reported: ProbePoint,
    others: Callable[[], Sequence[ProbePoint]],
    checked: Checked,
) -> Without | None:
    """Return the code without its epsilons; None if none is found that the loss depends on.

    Arguments:
        report: of the failing point.
        reported: the failing point.
        others: further points, of which the first is checked too.
        checked: checks a function at parameters.
    """
    epsilons = _acting(reported)
    if not epsilons:
        return None
    first = _anew(reported, report.seed, epsilons, checked)
    if first is None or first.report is None or first.report.verdict == "undecided":
        return None
    found = [first]
    for k, place in enumerate(others()):
        another = (
            _anew(place, report.seed, epsilons, checked)
            if k == 0
            else _called(place, epsilons)
            if _is_wrong(found)
            else None
        )
        if another is not None:
            found.append(another)
    return Without(epsilons, tuple(found), report)


def _is_wrong(places: Sequence[ProbePoint]) -> bool:
    return any(one.report is not None and one.report.verdict == "wrong" for one in places)


def _acting(place: ProbePoint) -> tuple[float, ...]:
    """Return the epsilons that the loss depends on, a little."""
    whole = Renewed()
    try:
        whole.of(place.calls.function)
    except (AttributeError, TypeError, ValueError, RecursionError):
        return ()  # something in reach is of no kind that can be copied
    # An iteration whose tolerance is zero may never end, and its tolerance is no epsilon.
    tolerances = Tolerances(place).found
    found = []
    for epsilon in [c for c in whole.removed if c not in tolerances][:MOST]:
        try:
            value = _calls(place, (epsilon,)).value(place.params)
        except Broken:
            continue
        if math.isfinite(value) and 0 < abs(value - place.value) <= INFLUENCE * abs(place.value):
            found.append(epsilon)
    return tuple(found)


def _anew(
    place: ProbePoint, seed: int, epsilons: Sequence[float], checked: Checked
) -> ProbePoint | None:
    """Return a place without the epsilons, with its report."""
    given = place.calls.given(place.params)
    report, calls = checked(_function(place, epsilons), given, seed=seed)
    test = report.evidence
    if test is None:
        return None
    return replace(
        place,
        calls=calls,
        value=test.value,
        claim=test.claim,
        report=replace(report, case=place.case),
    )


def _called(place: ProbePoint, epsilons: Sequence[float]) -> ProbePoint | None:
    """Return what the function says at a place without the epsilons, unchecked."""
    calls = _calls(place, epsilons)
    known = {"name": place.name, "unit": place.unit, "case": place.case}
    return probed(calls, place.params, **known)


def _calls(place: ProbePoint, epsilons: Sequence[float]) -> Calls:
    function = _function(place, epsilons)
    loss = getattr(function, "loss", None)
    return Calls(function, loss, place.calls.given(place.params), SECONDS)


def _function(place: ProbePoint, epsilons: Sequence[float]) -> Any:
    function = place.calls.function
    for epsilon in epsilons:
        function = Renewed(epsilon).of(function)
    return function
