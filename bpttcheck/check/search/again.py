"""A search asked again, of a program that may be another by now: what a mend rests on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any

from bpttcheck.arguments.wording import gradients_of
from bpttcheck.cases import Case
from bpttcheck.check.cause.diagnose import reported_point
from bpttcheck.check.program.clock import Clock, Spent, current, within
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.search import mending, tally
from bpttcheck.check.search.visits import Visits
from bpttcheck.check.verdict.further_points import further_points
from bpttcheck.check.verdict.report import Report
from bpttcheck.ranges import Ranges

CASES = (
    Case(T=3, B=2, m=5, n=7, p=11, regime="no zeros", seed=11),
    Case(T=1, B=2, m=3, n=5, p=7, regime="no zeros", seed=12),
    Case(T=2, B=3, m=5, n=7, p=11, regime="no zeros", seed=13),
    Case(T=7, B=3, m=2, n=5, p=11, regime="given", seed=14),
)
"""All sizes different, and so are their products: T·B is not p. Most edits are asked at the first,
which is short, alone."""


ENOUGH = 12
"""A check that time ends is right after so many cases: those always visited, and as many drawn."""


def places(
    visits: Visits, ranges: Ranges, report: Report, others: Callable[[Report], Sequence[ProbePoint]]
) -> list[ProbePoint]:
    """Return points of the code, the cheapest that tells edits apart first.

    Where a problem takes no case, ``others`` are asked besides the point that was reported.
    """
    if report.case is None:
        return [reported_point(report), *others(report)]
    cases = [case for case in ranges.all_clamped(CASES) if case != report.case]
    found = [visits.probed(report, case) for case in cases]
    return [*(place for place in found if place is not None), reported_point(report)]


def right(
    visits: Visits,
    planned: Sequence[Case | None],
    ranges: Ranges,
    seconds: float,
    names: Collection[str] | None = None,
    *,
    failed: list[Case | None],
) -> str | None:
    """Check the program as it is now at all cases; return what is right, None if not all is.

    ``visits`` are those of the program as it was, whose problem and options are asked again, for
    the gradients of ``names`` alone if there are any; ``failed`` takes the case that was wrong.
    """
    only = visits.only if names is None else tuple(sorted(names))
    options = {**visits.options, **({} if names is None else {"only": only})}
    now = Visits(visits.problem, visits.seed, options, only, visits.put)
    now.doubting = visits.doubting
    with suppress(Spent), within(Clock(min(seconds, current().left))):
        failed[:] = itertools.islice((case for case in planned if now.wrong(case)), 1)
        if failed:
            return None
    if len(now.seen) < min(ENOUGH, len(planned)):
        return None
    count, longest = now.count("right"), max((case.T for case in now.seen if case), default=0)
    what = "all gradients" if names is None else f"the {gradients_of(only)}"
    if not longest:
        return f"{what} right" if count else None
    if tally.summed_up(now, ranges, len(planned), "").verdict != "right":
        return None
    rest = len(planned) - len(now.seen)
    there = f"{what} right at {count} of {len(now.seen)} cases, T ≤ {longest}"
    return f"{there}; there was no time for the other {rest}" if rest else there


def failed_point(
    visits: Visits, report: Report, failed: Sequence[Case | None]
) -> ProbePoint | None:
    """Return the program as it was at the case that was wrong when it was checked again."""
    return visits.probed(report, failed[0]) if failed and failed[0] is not None else None


def function_mended(
    report: Report,
    function: Callable[..., Any],
    asked: Callable[..., tuple[Report, Any]],
    clock: Clock,
) -> Report:
    """Return the report of a function with its mend; ``asked`` checks it as it is then."""
    test = report.evidence
    if test is None:
        return report

    def confirmed(seconds: float, names: Collection[str] | None = None) -> str | None:
        only = None if names is None else tuple(sorted(names))
        what = "all gradients" if only is None else f"the {gradients_of(only)}"
        with suppress(Spent), within(Clock(max(seconds, 1e-3))):
            again, _ = asked(locate=False, afar=True, only=only)
            return f"{what} right, at the point and beside it" if again.ok else None
        return None

    points = [reported_point(report), *further_points(test.calls, report)]
    code = mending.UserCode(lambda _: function, confirmed)
    with suppress(Spent):
        return mending.mended(report, points, code, clock.left)
    return report
