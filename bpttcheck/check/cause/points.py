"""The points that mistakes are compared at: right gradients, the user's, and their bounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.verdict.report import Report
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.backward.linearised import sizes_of
from bpttcheck.diagnosis.explanation.explain import Observation, Spot
from bpttcheck.diagnosis.explanation.rounding_bound import rounding, rounding_of
from bpttcheck.diagnosis.mistakes.whole_result import Part, Scene
from bpttcheck.diagnosis.recognition.recognised import Arrays
from bpttcheck.diagnosis.recognition.roles import ArraySlot, Reading


def recognised_point(here: ProbePoint, reading: Reading, data: Arrays) -> Spot | None:
    """Return a point with the right gradients of the network; None if they contradict the check."""
    params = {name: a.astype(np.float64) for name, a in here.params.items()}
    base = Base(reading.network(params, data, here.value))
    roundings = rounding(base)
    observations: dict[str, Observation] = {}
    truths: dict[str, Array] = {}
    thetas: dict[str, Array] = {}
    claims: dict[str, Array] = {}
    parts: dict[str, Part] = {}
    idle = reading.idle
    slots = _tied([(role, slot) for role, slot in reading.slots if slot.of == "params"])
    slots = [*_shared(slots, dict(idle)), *((f"idle {role}", slot) for role, slot in idle)]
    names = [slot.name for _, slot in slots]
    # A mistake may let gradients grow that are bounded without it, and their rounding with them.
    sizes = [
        (_size(slot.layout.read(here.claim[slot.name])), _size(base.right.gradient(role)))
        for role, slot in slots
    ]
    unit = here.unit * max([1.0, *(got / right for got, right in sizes if right)])
    for role, slot in slots:
        block = None if here.report is None else here.report.get(slot.name)
        label = slot.name if names.count(slot.name) == 1 else f"{slot.name} ({role})"
        bound = unit * rounding_of(role, roundings) + (0.0 if block is None else 4 * block.floor)
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
    scene = Scene(truths, thetas, base.sizes, parts, claims)
    return Spot(here.name, observations, scene, base)


def _tied(slots: list[tuple[str, ArraySlot]]) -> list[tuple[str, ArraySlot]]:
    """Return the roles with one for those that one array plays whole, input and output."""
    of_output = {slot.name for role, slot in slots if role == "V"}
    twice = {
        slot.name: role for role, slot in slots if role in ("U", "E") and slot.name in of_output
    }
    return [
        (f"tied {twice[slot.name]}" if slot.name in twice else role, slot)
        for role, slot in slots
        if role == "V" or slot.name not in twice
    ]


def _shared(
    slots: list[tuple[str, ArraySlot]], idle: Mapping[str, ArraySlot]
) -> list[tuple[str, ArraySlot]]:
    """Return the roles with one for weights that two gates use: the own gate's first."""
    borrowers = {(slot.name, slot.layout.name): role for role, slot in slots if role in idle}
    found = []
    for role, slot in slots:
        if role not in idle:
            other = borrowers.get((slot.name, slot.layout.name))
            found.append((role if other is None else f"{role}+{other}", slot))
    return found


def _joined(shape: tuple[int, ...], parts: Mapping[str, Part], truths: Arrays) -> Array:
    """Return the array of which the parts are read."""
    whole = np.zeros(shape)
    places = np.arange(whole.size).reshape(shape)
    for label, part in parts.items():
        whole.reshape(-1)[part.read(places)] = truths[label]
    return whole


def _size(array: Array) -> float:
    return float(np.abs(array).max())


def called(report: Report) -> str:
    """Return what a report's point is called."""
    return "the point" if report.case is None else str(report.case)


def located_point(report: Report) -> Spot:
    """Return a point with the gradients that differences found right.

    What is wrong and was not walked whole is not observed, nor taken for right.
    """
    test = report.evidence
    assert test is not None
    observations: dict[str, Observation] = {}
    truths: dict[str, Array] = {}
    for block in report.blocks:
        claim = test.claim[block.name]
        bound: Array | float = 4 * block.floor
        truth = claim
        if block.verdict == "wrong":
            if block.walk is None or not np.isfinite(block.walk.bounds).all():
                continue
            truth, bound = claim + block.walk.errors, bound + block.walk.bounds
        if np.isfinite(bound).all():
            observations[block.name] = Observation(block.name, "", claim, bound)
        truths[block.name] = truth
    claims = {name: test.claim[name] for name in truths}
    scene = Scene(truths, test.params, _sizes(report), claims=claims)
    return Spot(called(report), observations, scene)


def may_be_idle(report: Report) -> bool:
    """Tell whether some parameter may not reach the loss: its right gradient may be zero."""
    test = report.evidence
    assert test is not None
    return any(
        b.walk is None
        or bool((np.abs(test.claim[b.name] + b.walk.errors) <= b.walk.bounds + 4 * b.floor).all())
        for b in report.blocks
        if b.verdict == "wrong"
    )


def _sizes(report: Report) -> Mapping[str, float]:
    if report.case is None:
        return {}
    return sizes_of(*(getattr(report.case, symbol) for symbol in "TBnmp"))
