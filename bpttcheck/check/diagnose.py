"""From reports to a diagnosis: the points that mistakes are compared at, and the pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from bpttcheck.check.budget import OutOfBudget, go_on
from bpttcheck.check.clock import Clock
from bpttcheck.check.place import LARGEST, Place
from bpttcheck.check.points import called, located_point, recognised_point
from bpttcheck.check.reading import Readings, Unknown
from bpttcheck.check.report import Report
from bpttcheck.diagnosis.cause import Cause, cause_of
from bpttcheck.diagnosis.changed import changed_passes
from bpttcheck.diagnosis.explain import Observation, Point, explanations
from bpttcheck.diagnosis.network import Arrays

COMPARED = "the mistakes that are known were compared with the gradients"

UNKNOWN = "the network is not one of ours, and its gradients are too many to be walked"

TOO_LARGE = f"there are more than {LARGEST:,} numbers; a smaller case of the same code would do"

More = Callable[[Report], Sequence[Place]]
Located = Callable[[], Sequence[Report]]


def diagnosed(
    report: Report,
    more: More,
    located: Located,
    data: Arrays | None = None,
    clock: Clock | None = None,
) -> Report:
    """Return a report that is wrong with its cause, or with a note why none is named.

    Arguments:
        report: of the failing point, located.
        more: further points of the same code: at each, a cause has to reproduce everything.
        located: reports of further points, for code that is not recognised.
        data: arrays that the loss reads besides its parameters, by any name.
        clock: the budget: when it is over, no cause is looked for any further.
    """
    if report.verdict != "wrong" or report.evidence is None:
        return report
    clock = clock or Clock()
    try:
        found = _found(report, more, located, data or {}, clock)
    except OutOfBudget as over:
        found = f"the budget was over while {over}"
    if isinstance(found, Cause):
        return replace(report, cause=found)
    return replace(report, notes=(*report.notes, f"no cause is named: {found}"))


def _found(
    report: Report, more: More, located: Located, data: Arrays, clock: Clock
) -> Cause | str:  # fmt: skip
    assert report.evidence is not None
    if sum(a.size for a in report.evidence.params.values()) > LARGEST:
        return TOO_LARGE
    go_on(clock, "further points were asked")
    found = structural([_reported(report), *more(report)], data, clock)
    if found is None:
        go_on(clock, "the right gradients of further points were found")
        reports = [report, *(r for r in located() if r.evidence is not None)]
        found = _from_outside(reports, clock)
    return found or UNKNOWN


def _reported(report: Report) -> Place:
    judge = report.evidence
    assert judge is not None
    return Place(
        called(report), judge.calls, judge.params, judge.value, judge.claim, judge.precision.unit,
        report.case, report,
    )  # fmt: skip


def structural(
    places: Sequence[Place], data: Arrays, clock: Clock | None = None
) -> Cause | str | None:  # fmt: skip
    """Compare with the mistaken passes of ours, if the code is a network that we know.

    Raises:
        OutOfBudget: there is no time left.
    """
    readings = Readings(data, clock or Clock())
    points: list[Point] = []
    for here in sorted(places, key=_ambiguity):
        around = readings.around(here)
        try:
            reading = readings.read(here, around)
        except Unknown:
            return None
        if reading is None:
            continue
        if reading.run(here.params, around)[3].h.size > LARGEST:
            return TOO_LARGE
        point = recognised_point(here, reading, around)
        if point is None:
            return None
        points.append(point)
    if not points:
        return None
    points.sort(key=lambda p: p.name != places[0].name)
    return _caused(points, str(readings.first), readings.clock)


def _ambiguity(here: Place) -> int:
    """Return how few different sizes the parameters have: the fewer, the easier confused."""
    return -len({size for array in here.params.values() for size in array.shape})


def _from_outside(reports: Sequence[Report], clock: Clock) -> Cause | str | None:
    """Compare with what can be made of the right gradients, which the differences give."""
    points = [p for p in map(located_point, reports) if p is not None]
    if not points or points[0].name != called(reports[0]):
        return None
    return _caused(points, "", clock)


def _caused(points: Sequence[Point], network: str, clock: Clock) -> Cause | str:
    if all(o.is_met(point.scene.truths[o.label]) for point, o in _all(points)):
        return "the error is within the bound that causes are compared in"
    entries = sum(o.claim.size for _, o in _all(points))
    found = explanations(points, partial(go_on, clock, COMPARED))
    found = found or changed_passes(points, partial(go_on, clock, COMPARED))
    return cause_of(found, network, len(points), entries)


def _all(points: Sequence[Point]) -> Iterator[tuple[Point, Observation]]:
    for point in points:
        for observation in point.observations.values():
            yield point, observation
