"""Which mistakes reproduce the user's gradients: at every point, in every parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Base, Flow
from bpttcheck.diagnosis.explanation.catalogue import said_better
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.mistake import Pass, Sum
from bpttcheck.diagnosis.mistakes.sums import sums
from bpttcheck.diagnosis.mistakes.whole_result import Plain, Scene, of_whole, plain, proposed
from bpttcheck.diagnosis.recognition.recognised import is_initial

TOGETHER = 2
"""So many mistakes at once are looked for."""

ALIKE = 3
"""So many explanations that coincide are told; of more, none is."""


@dataclass(frozen=True)
class Observation:
    """The user's gradient of one parameter at one point, and the bound it is compared within.

    ``role`` is the parameter's in the recognised network, or "". ``change`` is what is done to the
    result of the pass before it is returned, where that is known and looked through.
    """

    label: str
    role: str
    claim: Array
    bound: Array | float
    change: Callable[[Array], Array] | None = None

    def fitted(self, candidate: Array) -> Array:
        """Return a candidate as the user has it: one initial state for all sequences, say."""
        if is_initial(self.role) and candidate.shape != self.claim.shape:
            return np.asarray(candidate.sum(axis=0, keepdims=True))
        return candidate

    def is_met(self, candidate: Array | None) -> bool:
        """Tell whether a candidate is the user's gradient, within the bound."""
        if candidate is None:
            return False
        candidate = self.fitted(candidate)
        if candidate.shape != self.claim.shape:
            return False
        alone = self.change is None and isinstance(self.bound, float)
        if alone and abs(candidate.item(0) - self.claim.item(0)) > self.bound:
            return False  # one entry denies most of them
        with np.errstate(all="ignore"):
            candidate = candidate if self.change is None else self.change(candidate)
            return bool((np.abs(candidate - self.claim) <= self.bound).all())


@dataclass(frozen=True)
class Spot:
    """One point: what was observed, the right gradients, and the network if it is recognised."""

    name: str
    observations: Mapping[str, Observation]
    scene: Scene
    base: Base | None = None

    @cached_property
    def wrong(self) -> list[Observation]:
        """What the right gradients do not meet."""
        truths = self.scene.truths
        return [o for o in self.observations.values() if not o.is_met(truths[o.label])]

    def after(self, flow: Flow) -> Spot:
        """Return the point as if a pass were the right one."""
        seen = self.observations.values()
        truths = {o.label: o.fitted(flow.gradient(o.role)) for o in seen}
        return replace(self, scene=replace(self.scene, truths=truths, parts={}), base=None)


Passed = tuple[Spot, Flow | None]
"""A point, and what a pass leaves there; None where the network is not recognised."""


def labels_of(points: Iterable[Spot]) -> list[str]:
    """Return the parameters whose gradients were observed."""
    return list(dict.fromkeys(label for point in points for label in point.observations))


@dataclass(frozen=True)
class Mistake:
    """One mistake of an explanation, the parameters it is seen in, and what it is about."""

    cause: str
    detail: str
    labels: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True)
class Explanation:
    """Mistakes that together reproduce every gradient at every point."""

    mistakes: tuple[Mistake, ...]

    @property
    def causes(self) -> frozenset[str]:
        """The causes, without their details."""
        return frozenset(m.cause for m in self.mistakes)


Local = Sum | Plain


def explanations(
    points: Sequence[Spot], tick: Callable[[], object] = lambda: None
) -> list[Explanation]:
    """Return the explanations with the fewest mistakes, one for each set of causes.

    ``tick`` is called now and then, and may raise.
    """
    found: list[Explanation] = []
    for make in every_pass(points):
        tick()
        found += _of_pass(make, points)
    return fewest(found)


def fewest(found: Sequence[Explanation]) -> list[Explanation]:
    """Return those with the fewest causes, one for each set of them."""
    if not found:
        return []
    least = min(len(e.causes) for e in found)
    by_cause: dict[frozenset[str], Explanation] = {}
    for e in found:
        if len(e.causes) == least:
            known = by_cause.get(e.causes)
            if known is None or len(e.mistakes) < len(known.mistakes):
                by_cause[e.causes] = e
    return [e for e in by_cause.values() if not said_better(e.causes, by_cause)]


NO_PASS = Pass("", "", lambda base: base.right)


def every_pass(points: Sequence[Spot]) -> tuple[Pass, ...]:
    """Return the right pass, and the mistaken ones where the network is recognised."""
    base = points[0].base
    return (NO_PASS,) if base is None else (NO_PASS, *passes(base.cell))


def right(points: Sequence[Spot]) -> list[Passed]:
    """Return what the right pass leaves at every point."""
    return [(point, None if point.base is None else point.base.right) for point in points]


def passed(make: Pass, points: Sequence[Spot]) -> list[Passed] | None:
    """Return what a pass leaves at every point; None if it cannot be made, or is not plausible."""
    if not make.cause:
        return right(points)
    found: list[Passed] = []
    for point in points:
        flow = None if point.base is None else make.flow(point.base)
        if flow is None or not _plausible(flow, point):
            return None
        found.append((point, flow))
    return found


def _of_pass(make: Pass, points: Sequence[Spot]) -> Iterator[Explanation]:
    at = passed(make, points)
    if at is None:
        return
    labels = labels_of(points)
    unmet = [label for label in labels if not met(label, at)]
    first = []
    if make.cause:
        affected = tuple(label for label in labels if differs(label, at))
        first = [Mistake(make.cause, make.detail, affected, make.about)]
    if not unmet:
        if first:
            yield Explanation(tuple(first))
        return
    options: dict[str, list[Local]] = {}
    for label in unmet:
        options[label] = locals_of(label, at, bool(make.cause))
        if not options[label]:
            return
    for causes in _covers(options, TOGETHER - len(first)):
        chosen = {k: next(o for o in found if o.cause in causes) for k, found in options.items()}
        yield Explanation((*first, *gathered(chosen)))


def gathered(chosen: Mapping[str, Local]) -> Iterator[Mistake]:
    """Yield the mistakes that were chosen, those of several gradients once."""
    seen: dict[tuple[str, str], list[str]] = {}
    for label, option in chosen.items():
        seen.setdefault((option.cause, option.detail), []).append(label)
    for (cause, detail), labels in seen.items():
        yield Mistake(cause, detail, tuple(labels), chosen[labels[0]].about)


def _covers(options: Mapping[str, Sequence[Local]], most: int) -> Iterator[frozenset[str]]:
    """Yield the smallest sets of causes of which every parameter has one."""
    sets = [frozenset(o.cause for o in found) for found in options.values()]
    common = frozenset.intersection(*sets)
    if most >= 1 and common:
        yield from (frozenset([cause]) for cause in sorted(common))
        return
    if most >= 2:
        every = sorted(frozenset.union(*sets))
        for k, one in enumerate(every):
            for other in every[k + 1 :]:
                if all(one in s or other in s for s in sets):
                    yield frozenset([one, other])


def _plausible(flow: Flow, point: Spot) -> bool:
    """Tell whether some parameter behind the states is met: a pass explains more than one.

    Of a gated cell, with a dozen parameters, one that the right pass does not meet has to be.
    """
    if point.base is not None and not point.base.shape.plain and point.wrong:
        return any(o.is_met(flow.gradient(o.role)) for o in point.wrong)
    behind = [o for o in point.observations.values() if o.role not in ("V", "c")]
    return len(behind) <= 2 or any(o.is_met(flow.gradient(o.role)) for o in behind)


def differs(label: str, at: Sequence[Passed]) -> bool:
    """Tell whether a pass leaves another gradient of a parameter than the right one does."""
    return any(
        np.any(flow.gradient(seen.role) != point.base.right.gradient(seen.role))
        for point, flow in at
        if (seen := point.observations.get(label)) and flow is not None and point.base is not None
    )


def met(label: str, at: Sequence[Passed], option: Local | None = None) -> bool:
    """Tell whether a pass, and an option after it, reproduces a gradient at every point."""
    return all(
        point.observations[label].is_met(_candidate(point, flow, label, option))
        for point, flow in at
        if label in point.observations
    )


def _candidate(point: Spot, flow: Flow | None, label: str, option: Local | None) -> Array | None:
    if isinstance(option, Plain):
        return option.make(point.scene, label)
    if flow is None:
        return point.scene.truths[label] if option is None else None
    role = point.observations[label].role
    return flow.gradient(role) if option is None else option.gradient(flow)


def locals_of(label: str, at: Sequence[Passed], mistaken: bool) -> list[Local]:
    """Return what reproduces one parameter's gradient at every point."""
    here = [point for point, _ in at if label in point.observations]
    role, base = here[0].observations[label].role, here[0].base
    options: list[Local] = [] if base is None or not role else list(sums(role, base.cell))
    if not mistaken:
        options += plain()
        whole = all(label in point.scene.parts for point in here)
        options += (of_whole(option) for option in plain() if whole)
        for point in here:
            seen, scene = point.observations[label], point.scene
            if not seen.is_met(scene.truths[label]):
                options += proposed(scene, label, seen.claim, seen.bound)
                if whole:
                    name = scene.parts[label].whole
                    found = proposed(scene, name, scene.claims[name], float(np.max(seen.bound)))
                    options += map(of_whole, found)
    return [option for option in options if met(label, at, option)]
