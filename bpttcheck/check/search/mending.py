"""The mend of a wrong report: its points are made, and the edits looked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import CodeType
from typing import Any

from bpttcheck.cases import Case
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.program.clock import Spent
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.memory_limit import memory_limit
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.program.process_state import undisturbed
from bpttcheck.check.program.side_effects import contained
from bpttcheck.check.search.mending_point import Point
from bpttcheck.check.verdict.report import Report
from bpttcheck.mend import Asked, Failed, Mend, compiled, mend, step_by_step

SECONDS = 60.0
"""A mend takes no longer, whatever the budget leaves."""

CONFIRMING = 0.25
"""Of its time, kept for the check of the program with the edit."""

SHARE = 0.25
"""Of its time, to learn the slopes at the points; two are enough where a run takes long."""

JUMPS = (
    "the loss jumps near the point: its gradient is a surrogate, "
    "and an edit that leaves it out would be none"
)


@dataclass(frozen=True)
class UserCode:
    """Somebody's program: made anew at a case, and checked as a whole as it is then.

    ``confirmed`` takes seconds and names of gradients, None for all, and returns what is right, or
    None where the verdict is another.
    ``maker`` is the qualified name of the problem, ``failed`` returns a point at which the whole
    check found something wrong, if it was asked.
    """

    made: Callable[[Case | None], Callable[..., Any]]
    confirmed: Callable[[float, Collection[str] | None], str | None]
    maker: str = ""
    failed: Callable[[], ProbePoint | None] = lambda: None


def mended(report: Report, places: Sequence[ProbePoint], code: UserCode, seconds: float) -> Report:
    """Return a wrong report with the mend of its code.

    Arguments:
        report: located.
        places: points of the code, the cheapest with all sizes different first.
        code: the program.
        seconds: at most so many.
    """
    end = time.monotonic() + min(seconds, SECONDS)
    try:
        with contained(), undisturbed(), memory_limit():
            found = _mend(report, places, code, lambda: end - time.monotonic())
    except Spent:
        found = Mend(note="the budget was over")
    except Failed as failed:
        found = Mend(note=str(failed))
    return replace(report, mend=found)


def _mend(
    report: Report, places: Sequence[ProbePoint], code: UserCode, left: Callable[[], float]
) -> Mend:
    test = report.evidence
    assert test is not None

    def point(here: ProbePoint, *, strict: bool) -> Point | None:
        there = GradientTest(here, test.precision, test.grains, test.clock)
        try:
            return Point(here, partial(code.made, here.case), there, strict)
        except (Failed, Broken):
            return None

    points: list[Point] = []
    enough = left() * (1 - SHARE)
    for here in places:
        if len(points) > 1 and left() < enough:
            break
        one = point(here, strict=not points)
        if one is not None and (one.seen or points):
            points.append(one)
    if not points:
        return Mend(note="no point was found at which it is seen clearly what is wrong")

    def confirmed(names: Collection[str] | None = None) -> str | None:
        return code.confirmed(left(), names)

    def further() -> Point | None:
        here = code.failed()
        return None if here is None else point(here, strict=False)

    kept = left() * CONFIRMING

    def searching() -> float:
        return left() - kept

    def searched(function: Any, codes: list[CodeType]) -> Mend:
        kept_out = partial(_is_adaptors, _adapted(function), code.maker)
        asked = Asked(codes, points, confirmed, searching, kept_out, code.maker, further)
        found = mend(asked)
        return Mend(note=JUMPS, tried=found.tried) if found.edits and points[0].jumps() else found

    function, codes = points[0].codes()
    if not compiled(points[0].call, codes):
        return searched(function, codes)
    with step_by_step():
        for one in points:
            one.begin()
        return searched(*points[0].codes())


def _adapted(function: Any) -> bool:
    """Tell whether a function is one of our adaptors, which runs functions of somebody's."""
    modules = (type(function).__module__, getattr(function, "__module__", None) or "")
    return any(module.startswith("bpttcheck.") for module in modules)


def _is_adaptors(adapted: bool, maker: str, code: CodeType) -> bool:
    """Tell whether code is that of a problem, or a function in it that an adaptor is given."""
    name = code.co_qualname
    return name == maker or (adapted and name.startswith(f"{maker}.<locals>."))
