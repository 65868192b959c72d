"""Two mistakes at once, one of them a change of every result: a clip, a factor, the sign.

The change is looked for after each mistaken pass, or looked through: what is behind it?
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.explanation.explain import (
    Explanation,
    Mistake,
    Observation,
    Spot,
    explanations,
    fewest,
)
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.mistake import Pass
from bpttcheck.diagnosis.mistakes.whole_result import (
    FACTORS,
    Plain,
    Scene,
    clipped,
    plain,
    proposed,
    size_named,
)

CHANGES = ("common-factor", "clipped-result", "sign")
"""What people do to a whole gradient after the pass."""

LIMITED = 3
"""So many entries at one limit, of all points, show that it is one."""


def changed_passes(
    points: Sequence[Spot], tick: Callable[[], object] = lambda: None
) -> list[Explanation]:
    """Return the passes that reproduce every gradient once their results are changed alike.

    ``tick`` is called now and then, and may raise.
    """
    first = points[0]
    if first.base is None:
        return []
    found: list[Explanation] = []
    for make in passes(first.base.cell):
        tick()
        found += _of_pass(make, points)
    return fewest(found)


def _of_pass(make: Pass, points: Sequence[Spot]) -> Iterator[Explanation]:
    flow = _flow(make, points[0])
    if flow is None:
        return
    scene = _after(flow, points[0])
    unmet = [o for o in points[0].observations.values() if not o.is_met(scene.truths[o.label])]
    if not unmet:
        return
    seen = max(unmet, key=lambda o: o.claim.size)
    options = [o for o in _options(scene, seen) if seen.is_met(o.make(scene, seen.label))]
    if not options:
        return
    scenes = [scene]
    for point in points[1:]:
        flow = _flow(make, point)
        if flow is None:
            return
        scenes.append(_after(flow, point))
    if not any(_differs(point, scene) for point, scene in zip(points, scenes, strict=True)):
        return
    for option in options:
        labels = _changed(option, points, scenes)
        if labels:
            affected = tuple(dict.fromkeys(o.label for p in points for o in p.wrong))
            change = Mistake(option.cause, option.detail, labels)
            yield Explanation((Mistake(make.cause, make.detail, affected, make.about), change))
            return


def _options(scene: Scene, seen: Observation) -> Iterator[Plain]:
    options = itertools.chain(plain(), proposed(scene, seen.label, seen.claim, seen.bound))
    return (option for option in options if option.cause in CHANGES)


def _changed(option: Plain, points: Sequence[Spot], scenes: Sequence[Scene]) -> tuple[str, ...]:
    """Return what the change is seen in; nothing unless it is as the user's at every point."""
    changed: list[str] = []
    for label in dict.fromkeys(label for point in points for label in point.observations):
        both = zip(points, scenes, strict=True)
        here = [(p.observations[label], s) for p, s in both if label in p.observations]
        if all(seen.is_met(scene.truths[label]) for seen, scene in here):
            continue
        if not all(seen.is_met(option.make(scene, label)) for seen, scene in here):
            return ()
        changed.append(label)
    return tuple(changed)


def _flow(make: Pass, point: Spot) -> Flow | None:
    return None if point.base is None else make.flow(point.base)


def _after(flow: Flow, point: Spot) -> Scene:
    """Return the scene in which the pass is taken for right."""
    seen = point.observations.items()
    truths = {label: o.fitted(flow.gradient(o.role)) for label, o in seen}
    return replace(point.scene, truths=truths, parts={})


def _differs(point: Spot, scene: Scene) -> bool:
    """Tell whether a pass leaves anything else than the right one does."""
    right = point.scene.truths
    return any(np.any(scene.truths[label] != right[label]) for label in point.observations)


@dataclass(frozen=True)
class Changed:
    """A change of results, in which gradients it is seen, and the points with it looked through."""

    cause: str
    detail: str
    labels: tuple[str, ...]
    points: tuple[Spot, ...]

    def around(self, behind: Explanation) -> Explanation:
        """Return an explanation of what is behind the change, with the change."""
        return Explanation((*behind.mistakes, Mistake(self.cause, self.detail, self.labels)))


def behind_changes(
    points: Sequence[Spot], tick: Callable[[], object] = lambda: None
) -> list[Explanation]:
    """Return the explanations of every gradient behind a change of all results.

    ``tick`` is called now and then, and may raise.
    """
    found = []
    for change in changes(points):
        if all(o.is_met(p.scene.truths[o.label]) for p in change.points for o in _seen(p)):
            found.append(change.around(Explanation(())))
        else:
            found += [change.around(e) for e in explanations(change.points, tick)]
    return fewest(found)


def _seen(point: Spot) -> list[Observation]:
    return list(point.observations.values())


def changes(points: Sequence[Spot]) -> Iterator[Changed]:
    """Yield the changes that are seen in some gradient, and may be made in all."""
    yield from _factors(points)
    limit = _limit(points)
    if limit is not None:
        yield limit


def _factors(points: Sequence[Spot]) -> Iterator[Changed]:
    """Yield the factors by name that one gradient is off by exactly, taken off all of them."""
    labels = dict.fromkeys(label for point in points for label in point.observations)
    known: set[tuple[float, ...]] = set()  # sizes that are equal make equal factors
    for name in (*FACTORS, "−1"):
        by_point = [size_named(name, {"−1": -1.0} | dict(p.scene.factors)) for p in points]
        factors = [k for k in by_point if k is not None]
        if len(factors) < len(points) or all(k == 1 for k in factors) or tuple(factors) in known:
            continue
        known.add(tuple(factors))
        seen = tuple(label for label in labels if _is_off_by(factors, label, points))
        if seen:
            detail, cause = (f"times {name}", "common-factor") if name != "−1" else ("", "sign")
            divided = tuple(_divided(p, k) for p, k in zip(points, factors, strict=True))
            said = f"{detail}, all of them".strip(", ")
            yield Changed(cause, said, tuple(labels), divided)


def _is_off_by(factors: Sequence[float], label: str, points: Sequence[Spot]) -> bool:
    """Tell whether a gradient is off by a factor at every point, and by one at some."""
    differs = False
    for point, k in zip(points, factors, strict=True):
        seen = point.observations.get(label)
        if seen is not None:
            truth = point.scene.truths[label]
            if not seen.is_met(k * truth):
                return False
            differs = differs or not seen.is_met(truth)
    return differs


def _divided(point: Spot, factor: float) -> Spot:
    observations = {
        label: replace(seen, claim=seen.claim / factor, bound=seen.bound / abs(factor))
        for label, seen in point.observations.items()
    }
    claims = {name: claim / factor for name, claim in point.scene.claims.items()}
    return Spot(point.name, observations, replace(point.scene, claims=claims), point.base)


def _limit(points: Sequence[Spot]) -> Changed | None:
    """Return the limit that the largest entries of all points share, looked through."""
    claims = [np.abs(seen.claim) for point in points for seen in point.observations.values()]
    most = max(float(claim.max(initial=0.0)) for claim in claims)
    at_limit = sum(int((claim == most).sum()) for claim in claims)
    if not 0 < most < np.inf or at_limit < LIMITED:
        return None
    clip = partial(clipped, most)
    changed = tuple(_with_change(point, clip) for point in points)
    seen = [(label, o) for point in points for label, o in point.observations.items()]
    labels = tuple(dict.fromkeys(label for label, o in seen if (np.abs(o.claim) == most).any()))
    return Changed("clipped-result", f"each entry to {most:.9g}", labels, changed)


def _with_change(point: Spot, change: Callable[[Array], Array]) -> Spot:
    observations: dict[str, Observation] = {
        label: replace(seen, change=change) for label, seen in point.observations.items()
    }
    return Spot(point.name, observations, point.scene, point.base)
