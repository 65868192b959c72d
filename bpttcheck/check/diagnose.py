"""From reports to a diagnosis: the points that mistakes are compared at, and the pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.contract import Broken
from bpttcheck.check.place import LARGEST, Place
from bpttcheck.check.report import Report
from bpttcheck.diagnosis.cause import Cause, cause_of
from bpttcheck.diagnosis.changed import changed_passes
from bpttcheck.diagnosis.explain import Observation, Point, explanations
from bpttcheck.diagnosis.kinds import base_of, rounding
from bpttcheck.diagnosis.network import Arrays, Reading
from bpttcheck.diagnosis.plain import Part, Scene
from bpttcheck.diagnosis.reach import reachable
from bpttcheck.diagnosis.rebind import rebound
from bpttcheck.diagnosis.recognise import Sample, agrees, recognised

UNKNOWN = "the network is not one of ours, and its gradients are too many to be walked"

NO_TARGETS = {"0": np.zeros(()), "1": np.ones(())}
"""½ Σ ‖o_t‖² is the squared error of zero, Σ o_t a sum weighted by one."""

TOO_LARGE = f"there are more than {LARGEST:,} numbers; a smaller case of the same code would do"

SAMPLES = 4
"""Losses at so many points decide whether a network is recognised."""


More = Callable[[Report], Sequence[Place]]
Located = Callable[[], Sequence[Report]]


def diagnosed(
    report: Report, more: More, located: Located, data: Arrays | None = None
) -> Report:  # fmt: skip
    """Return a report that is wrong with its cause, or with a note why none is named.

    Arguments:
        report: of the failing point, located.
        more: further points of the same code: at each, a cause has to reproduce everything.
        located: reports of further points, for code that is not recognised.
        data: arrays that the loss reads besides its parameters, by any name.
    """
    if report.verdict != "wrong" or report.evidence is None:
        return report
    if sum(a.size for a in report.evidence.params.values()) > LARGEST:
        return replace(report, notes=(*report.notes, f"no cause is named: {TOO_LARGE}"))
    places = [_reported(report), *more(report)]
    found: Cause | str | None = structural(places, data or {})
    if found is None:
        found = _from_outside([report, *(r for r in located() if r.evidence is not None)])
    if isinstance(found, Cause):
        return replace(report, cause=found)
    return replace(report, notes=(*report.notes, f"no cause is named: {found or UNKNOWN}"))


def _reported(report: Report) -> Place:
    judge = report.evidence
    assert judge is not None
    return Place(
        _name(report), judge.calls, judge.params, judge.value, judge.claim, judge.precision.unit,
        report.case, report,
    )  # fmt: skip


def structural(places: Sequence[Place], data: Arrays) -> Cause | str | None:
    """Compare with the mistaken passes of ours, if the code is a network that we know."""
    readings: list[Reading] = []
    points: list[Point] = []
    for here in sorted(places, key=_ambiguity):
        found = {**NO_TARGETS, **data, **reachable(here.calls.function)}
        samples = _samples(here)
        if not samples:
            continue
        if not any(sample.value for sample in samples):
            continue  # a loss that is always zero, as NLL of one class, says nothing of its scale
        if readings:
            reading = rebound(readings[0], here.params, found)
            if reading is None or not agrees(reading, samples, found, here.unit):
                continue
        else:
            reading = recognised(samples, found, here.unit)
            if reading is None:
                return None
        if reading.run(here.params, found)[3].h.size > LARGEST:
            return TOO_LARGE
        readings.append(reading)
        point = _recognised_point(here, reading, found)
        if point is None:
            return None
        points.append(point)
    if not points:
        return None
    points.sort(key=lambda p: p.name != places[0].name)
    return _caused(points, str(readings[0]))


def _ambiguity(here: Place) -> int:
    """Return how few different sizes the parameters have: the fewer, the easier confused."""
    return -len({size for array in here.params.values() for size in array.shape})


def _samples(here: Place) -> list[Sample]:
    rng = np.random.default_rng(0)
    samples = [Sample(here.params, here.value)]
    for _ in range(SAMPLES - 1):
        moved = {
            name: a + (0.3 * rng.uniform(-1, 1, a.shape) * (np.abs(a) + 0.5)).astype(a.dtype)
            for name, a in here.params.items()
        }
        try:
            samples.append(Sample(moved, here.calls.value(moved)))
        except Broken:
            return []
    return samples


def _recognised_point(here: Place, reading: Reading, data: Arrays) -> Point | None:
    """Return a point with the right gradients of the network; None if they contradict the check."""
    params = {name: a.astype(np.float64) for name, a in here.params.items()}
    base = base_of(reading.network(params, data, here.value))
    roundings = rounding(base)
    observations: dict[str, Observation] = {}
    truths: dict[str, Array] = {}
    thetas: dict[str, Array] = {}
    claims: dict[str, Array] = {}
    parts: dict[str, Part] = {}
    slots = [(role, slot) for role, slot in reading.slots if slot.of == "params"]
    names = [slot.name for _, slot in slots]
    # A mistake may let gradients grow that are bounded without it, and their rounding with them.
    sizes = [(_size(slot.layout.read(here.claim[slot.name])), _size(base.right.gradient(role)))
             for role, slot in slots]  # fmt: skip
    unit = here.unit * max([1.0, *(got / right for got, right in sizes if right)])
    for role, slot in slots:
        block = None if here.report is None else here.report[slot.name]
        label = slot.name if names.count(slot.name) == 1 else f"{slot.name} ({role})"
        bound = unit * roundings[role] + (0.0 if block is None else 4 * block.floor)
        claim = slot.layout.read(here.claim[slot.name])
        seen = Observation(label, role, claim, bound)
        truth = base.right.gradient(role)
        if truth.shape != claim.shape:
            truth = truth.sum(axis=0, keepdims=True)
        if block is not None and block.verdict == "right" and not seen.is_met(truth):
            return None
        if np.isfinite(bound):
            observations[label] = seen
        truths[label], thetas[label] = truth, slot.layout.read(params[slot.name])
        claims[label] = claim
        if label != slot.name:
            parts[label] = Part(slot.name, slot.layout.read)
    for name in {part.whole for part in parts.values()}:
        of_it = {label: part for label, part in parts.items() if part.whole == name}
        truths[name] = _joined(params[name].shape, of_it, truths)
        thetas[name], claims[name] = params[name], here.claim[name]
    scene = Scene(truths, thetas, base.factors, parts, claims)
    return Point(here.name, observations, scene, base)


def _joined(shape: tuple[int, ...], parts: Mapping[str, Part], truths: Arrays) -> Array:
    """Return the array of which the parts are read."""
    whole = np.zeros(shape)
    places = np.arange(whole.size).reshape(shape)
    for label, part in parts.items():
        whole.reshape(-1)[part.read(places)] = truths[label]
    return whole


def _size(array: Array) -> float:
    return float(np.abs(array).max())


def _name(report: Report) -> str:
    return "the point" if report.case is None else str(report.case)


def _from_outside(reports: Sequence[Report]) -> Cause | str | None:
    """Compare with what can be made of the right gradients, which the differences give."""
    points = [p for p in map(_located_point, reports) if p is not None]
    if not points or points[0].name != _name(reports[0]):
        return None
    return _caused(points, "")


def _located_point(report: Report) -> Point | None:
    judge = report.evidence
    assert judge is not None
    observations: dict[str, Observation] = {}
    truths: dict[str, Array] = {}
    for block in report.blocks:
        claim = judge.claim[block.name]
        bound: Array | float = 4 * block.floor
        truth = claim
        if block.verdict == "wrong":
            if block.walk is None or not np.isfinite(block.walk.bounds).all():
                return None
            truth, bound = claim + block.walk.errors, bound + block.walk.bounds
        if np.isfinite(bound).all():
            observations[block.name] = Observation(block.name, "", claim, bound)
        truths[block.name] = truth
    scene = Scene(truths, judge.params, _sizes(report), claims=judge.claim)
    return Point(_name(report), observations, scene)


def _sizes(report: Report) -> Mapping[str, float]:
    if report.case is None:
        return {}
    T, B, n, m, p = (float(getattr(report.case, symbol)) for symbol in "TBnmp")
    sizes = {"T": T, "B": B, "TB": T * B, "n": n, "m": m, "p": p, "Tp": T * p, "Bp": B * p,
             "TBp": T * B * p}  # fmt: skip
    return sizes | {f"1/{name}": 1 / size for name, size in sizes.items()}


def _caused(points: Sequence[Point], network: str) -> Cause | str:
    if all(o.is_met(point.scene.truths[o.label]) for point, o in _all(points)):
        return "the error is within the bound that causes are compared in"
    entries = sum(o.claim.size for _, o in _all(points))
    found = explanations(points) or changed_passes(points)
    return cause_of(found, network, len(points), entries)


def _all(points: Sequence[Point]) -> Iterator[tuple[Point, Observation]]:
    for point in points:
        for observation in point.observations.values():
            yield point, observation
