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
from bpttcheck.diagnosis.explanation.explain import (
    Explanation,
    Mistake,
    Spot,
    every_pass,
    explanations,
    fewest,
    labels_of,
    met,
    right,
)
from bpttcheck.diagnosis.mistakes.mistake import Pass
from bpttcheck.diagnosis.mistakes.whole_result import (
    FACTORS,
    Plain,
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
    found: list[Explanation] = []
    for make in every_pass(points)[1:]:
        tick()
        found += _of_pass(make, points)
    return fewest(found)


def _of_pass(make: Pass, points: Sequence[Spot]) -> Iterator[Explanation]:
    first = _after(make, points[0])
    if first is None or not first.wrong:
        return
    seen = max(first.wrong, key=lambda o: o.claim.size)
    found = options_of(seen.label, [first])
    options = [o for o in found if seen.is_met(o.make(first.scene, seen.label))]
    if not options:
        return
    after = [first]
    for point in points[1:]:
        another = _after(make, point)
        if another is None:
            return
        after.append(another)
    affected = tuple(label for label in labels_of(points) if _differs(label, points, after))
    if not affected:
        return
    for option in options:
        labels = _changed(option, after)
        if labels:
            change = Mistake(option.cause, option.detail, labels)
            yield Explanation((Mistake(make.cause, make.detail, affected, make.about), change))
            return


def options_of(label: str, after: Sequence[Spot]) -> list[Plain]:
    """Return the changes that may have been made of a result which is wrong at some points."""
    seen = [(point.scene, o) for point in after for o in point.wrong if o.label == label]
    found = (proposed(scene, label, o.claim, o.bound) for scene, o in seen)
    return [option for option in itertools.chain(plain(), *found) if option.cause in CHANGES]


def _changed(option: Plain, after: Sequence[Spot]) -> tuple[str, ...]:
    """Return what the change is seen in; nothing unless it is as the user's at every point."""
    at = right(after)
    unmet = [label for label in labels_of(after) if not met(label, at)]
    return tuple(unmet) if all(met(label, at, option) for label in unmet) else ()


def _after(make: Pass, point: Spot) -> Spot | None:
    flow = None if point.base is None else make.flow(point.base)
    return None if flow is None else point.after(flow)


def _differs(label: str, points: Sequence[Spot], after: Sequence[Spot]) -> bool:
    """Tell whether a pass leaves another gradient of a parameter than the right one does."""
    return any(
        np.any(left.scene.truths[label] != point.scene.truths[label])
        for point, left in zip(points, after, strict=True)
        if label in point.observations
    )


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
        if not any(point.wrong for point in change.points):
            found.append(change.around(Explanation(())))
        else:
            found += [change.around(e) for e in explanations(change.points, tick)]
    return fewest(found)


def changes(points: Sequence[Spot]) -> Iterator[Changed]:
    """Yield the changes that are seen in some gradient, and may be made in all."""
    yield from _factors(points)
    limit = _limit(points)
    if limit is not None:
        yield limit


def _factors(points: Sequence[Spot]) -> Iterator[Changed]:
    """Yield the factors by name that one gradient is off by exactly, taken off all of them."""
    known: set[tuple[float, ...]] = set()  # sizes that are equal make equal factors
    for name in (*FACTORS, "−1"):
        by_point = [size_named(name, {"−1": -1.0} | dict(p.scene.factors)) for p in points]
        factors = [k for k in by_point if k is not None]
        if len(factors) < len(points) or all(k == 1 for k in factors) or tuple(factors) in known:
            continue
        known.add(tuple(factors))
        labels = labels_of(points)
        if any(_is_off_by(factors, label, points) for label in labels):
            detail, cause = (f"times {name}", "common-factor") if name != "−1" else ("", "sign")
            divided = tuple(_divided(p, k) for p, k in zip(points, factors, strict=True))
            said = f"{detail}, all of them".strip(", ")
            yield Changed(cause, said, tuple(labels), divided)


def _is_off_by(factors: Sequence[float], label: str, points: Sequence[Spot]) -> bool:
    """Tell whether a gradient is off by a factor at every point, and by one at some."""
    return any(seen.label == label for point in points for seen in point.wrong) and all(
        point.observations[label].is_met(k * point.scene.truths[label])
        for point, k in zip(points, factors, strict=True)
        if label in point.observations
    )


def _divided(point: Spot, factor: float) -> Spot:
    observations = {
        label: replace(seen, claim=seen.claim / factor, bound=seen.bound / abs(factor))
        for label, seen in point.observations.items()
    }
    claims = {name: claim / factor for name, claim in point.scene.claims.items()}
    return replace(point, observations=observations, scene=replace(point.scene, claims=claims))


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
    observed = point.observations.items()
    return replace(point, observations={k: replace(o, change=change) for k, o in observed})
