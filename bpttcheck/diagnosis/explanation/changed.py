"""Two mistakes at once: a mistaken pass, and one change of what it returns (a clip, a factor)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.explanation.explain import Explanation, Mistake, Observation, Spot, fewest
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.mistake import Pass
from bpttcheck.diagnosis.mistakes.whole_result import Plain, Scene, plain, proposed

CHANGES = ("common-factor", "clipped-result", "sign")
"""What people do to a whole gradient after the pass."""


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
