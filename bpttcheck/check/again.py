"""A search asked again, of a program that may be another by now: what a mend rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpttcheck.cases import Case
from bpttcheck.check import tally
from bpttcheck.check.clock import Clock, current, within
from bpttcheck.check.diagnose import reported_point
from bpttcheck.check.probe_point import ProbePoint
from bpttcheck.check.report import Report
from bpttcheck.check.visits import Visits
from bpttcheck.ranges import Ranges

CASES = (
    Case(T=3, B=2, m=4, n=5, p=6, regime="no zeros", seed=11),
    Case(T=1, B=2, m=3, n=4, p=5, regime="no zeros", seed=12),
    Case(T=2, B=3, m=2, n=4, p=5, regime="no zeros", seed=13),
    Case(T=7, B=3, m=2, n=4, p=5, regime="given", seed=14),
)
"""All sizes different, the first short: most edits are asked there alone."""


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
    visits: Visits, planned: Sequence[Case | None], ranges: Ranges, seconds: float
) -> str | None:
    """Check the program as it is now at all cases; return what is right, None if not all is.

    ``visits`` are those of the program as it was, whose problem and options are asked again.
    """
    now = Visits(visits.problem, visits.seed, visits.options, visits.only, visits.put)
    now.doubting = visits.doubting
    with within(Clock(min(seconds, current().left))):
        if any(now.wrong(case) for case in planned):
            return None
    count, longest = now.count("right"), max((case.T for case in planned if case), default=0)
    if not longest:
        return "all gradients right" if count else None
    if tally.summed_up(now, ranges, len(planned), "").verdict != "right":
        return None
    return f"all gradients right at {count} of {len(planned)} cases, T ≤ {longest}"
