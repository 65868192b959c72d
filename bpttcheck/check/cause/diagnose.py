"""From reports to a diagnosis: the points that mistakes are compared at, and the pattern."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, partial

from bpttcheck.cells.cell import Cell
from bpttcheck.check.cause.epsilon import Checked, without_epsilons
from bpttcheck.check.cause.points import called, located_point, may_be_idle, recognised_point
from bpttcheck.check.cause.reading import Readings, Unknown
from bpttcheck.check.program.clock import Clock, OutOfBudget, Spent, current, go_on
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.verdict.further_points import LARGEST
from bpttcheck.check.verdict.report import Report
from bpttcheck.diagnosis.explanation.cause import Cause, told
from bpttcheck.diagnosis.explanation.explain import Explanation, Spot, explanations
from bpttcheck.diagnosis.recognition.recognised import Arrays

COMPARED = "the mistakes that are known were compared with the gradients"

UNKNOWN = "the network is not one of ours, and its gradients are too many to be walked"

TOO_LARGE = f"there are more than {LARGEST:,} numbers; a smaller case of the same code would do"

More = Callable[[Report], Sequence[ProbePoint]]
Located = Callable[[], Sequence[Report]]


def diagnosed(
    report: Report,
    more: More,
    located: Located,
    data: Arrays | None = None,
    clock: Clock | None = None,
    checked: Checked | None = None,
    cells: Sequence[Cell] = (),
) -> Report:
    """Return a report that is wrong with its cause, or with a note why none is named.

    Arguments:
        report: of the failing point, located.
        more: further points of the same code: at each, a cause has to reproduce everything.
        located: reports of further points, for code that is not recognised.
        data: arrays that the loss reads besides its parameters, by any name.
        clock: the budget: when it is over, no cause is looked for any further.
        checked: checks a function at parameters; with it, epsilons in the loss are looked through.
        cells: the user's own, as which the code is read before those that are known.
    """
    if report.verdict != "wrong" or report.evidence is None:
        return report
    clock = clock or current()
    try:
        found = _found(report, more, located, data or {}, clock, checked, cells)
    except OutOfBudget as over:
        found = f"the budget was over while {over}"
    except Spent:
        found = "the budget was over while further points were asked"
    if isinstance(found, Cause):
        return replace(report, cause=found)
    return replace(report, notes=(*report.notes, f"no cause is named: {found}"))


def _found(
    report: Report,
    more: More,
    located: Located,
    data: Arrays,
    clock: Clock,
    checked: Checked | None,
    cells: Sequence[Cell],
) -> Cause | str:
    assert report.evidence is not None
    if sum(a.size for a in report.evidence.params.values()) > LARGEST:
        return TOO_LARGE
    go_on(clock, "further points were asked")
    reported = reported_point(report)
    others = cache(lambda: tuple(more(report)))
    if checked is not None:
        without = without_epsilons(report, reported, others, checked)
        if without is not None and without.right:
            return without.cause()
        if without is not None:
            first, *further = without.reports
            behind = _behind(without.places, first, lambda: further, data, clock, cells)
            if isinstance(behind, Cause):
                return without.cause(behind)
    return _behind([reported, *others()], report, located, data, clock, cells)


def _behind(
    places: Sequence[ProbePoint],
    report: Report,
    located: Located,
    data: Arrays,
    clock: Clock,
    cells: Sequence[Cell],
) -> Cause | str:
    """Return the cause of what is wrong at places, or why there is none."""
    found = structural(places, data, clock, cells)
    if found is None:
        go_on(clock, "the right gradients of further points were found")
        found = _from_outside(report, located, clock)
    return found or UNKNOWN


def reported_point(report: Report) -> ProbePoint:
    """Return the point of a report."""
    test = report.evidence
    assert test is not None
    known = {"name": called(report), "unit": test.precision.unit, "case": report.case}
    return replace(test.point, **known, report=report)


def structural(
    places: Sequence[ProbePoint],
    data: Arrays,
    clock: Clock | None = None,
    cells: Sequence[Cell] = (),
) -> Cause | str | None:
    """Compare with the mistaken passes of ours, if the code is a network that we know.

    Raises:
        OutOfBudget: there is no time left.
    """
    idle = all(one.report is None or may_be_idle(one.report) for one in places)
    readings = Readings(data, clock or Clock(), idle, cells)
    points: list[Spot] = []
    for here in sorted(places, key=_ambiguity):
        around = readings.around(here)
        try:
            reading = readings.read(here, around)
        except Unknown:
            return None
        if reading is None:
            continue
        if reading.run(here.params, around).h.size > LARGEST:
            return TOO_LARGE
        point = recognised_point(here, reading, around)
        if point is None:
            return None
        points.append(point)
    if not points:
        return None
    points.sort(key=lambda p: p.name != places[0].name)
    return _caused(points, str(readings.first), readings.clock)


def _ambiguity(here: ProbePoint) -> tuple[int, int]:
    """Return how few different sizes the parameters have: the fewer, the easier confused."""
    shapes = [array.shape for array in here.params.values()]
    return -len({size for shape in shapes for size in shape}), -sum(map(math.prod, shapes))


def _from_outside(report: Report, located: Located, clock: Clock) -> Cause | str | None:
    """Compare with what can be made of the right gradients, which the differences give.

    They cost many losses at every further point: none is asked where nothing fits the first.
    """
    from bpttcheck.diagnosis.explanation.partly import possible  # a known network does without

    first = located_point(report)
    if not possible(first):
        return told(Cause((), "", 1, 0))
    points = [first, *(located_point(r) for r in located() if r.evidence is not None)]
    wrong = (b.name for b in report.blocks if b.verdict == "wrong")
    unseen = [name for name in wrong if name not in first.observations]
    return _caused(points, "", clock, unseen)


def _caused(
    points: Sequence[Spot], network: str, clock: Clock, unseen: Sequence[str] = ()
) -> Cause | str:
    wrong = dict.fromkeys(seen.label for point in points for seen in point.wrong)
    if not wrong:
        return "the error is within the bound that causes are compared in"
    tick = partial(go_on, clock, COMPARED)
    cell = None if points[0].base is None else points[0].base.cell
    found = [] if unseen else _explained(points, tick)
    if found:
        entries = sum(o.claim.size for p in points for o in p.observations.values())
        telling = _telling(points, wrong)
        return told(Cause(tuple(found), network, telling, entries, tuple(wrong), cell=cell))
    from bpttcheck.diagnosis.explanation.partly import partly  # most causes explain all

    some = partly(points, tick)
    if some is None:
        return told(Cause((), network, len(points), 0))
    seen = [p.observations.get(label) for p in points for label in some.explained]
    entries = sum(o.claim.size for o in seen if o is not None)
    telling = _telling(points, some.explained)
    said = network, telling, entries, some.explained, (*some.unexplained, *unseen), cell
    return told(Cause(some.explanations, *said))


def _explained(points: Sequence[Spot], tick: Callable[[], object]) -> list[Explanation]:
    """Return what explains every gradient, a change of all results where nothing else does."""
    found = explanations(points, tick)
    if not found:
        from bpttcheck.diagnosis.explanation.changed import behind_changes, changed_passes

        found = changed_passes(points, tick) or behind_changes(points, tick)
    return found


def _telling(points: Sequence[Spot], labels: Collection[str]) -> int:
    """Return at how many points one of some gradients was seen, and could have denied a cause."""
    return sum(not point.observations.keys().isdisjoint(labels) for point in points)
