"""What explains some gradients exactly, where no mistake that is known explains them all.

A mistake of the pass has to explain every gradient behind it, or another one what is left of them:
else it is not named. A gradient's own mistake has to reproduce all of it, at points of different
sizes; but for a constant factor, which says no more than what is seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bpttcheck.diagnosis.explanation.catalogue import said_better
from bpttcheck.diagnosis.explanation.changed import changes, options_of
from bpttcheck.diagnosis.explanation.explain import (
    ALIKE,
    NO_PASS,
    Explanation,
    Local,
    Mistake,
    Passed,
    Spot,
    differs,
    every_pass,
    gathered,
    labels_of,
    locals_of,
    met,
    passed,
    right,
)
from bpttcheck.diagnosis.explanation.trusted import FACTS, trusted
from bpttcheck.diagnosis.mistakes.mistake import Pass


@dataclass(frozen=True)
class Partly:
    """Explanations of the same gradients, and the wrong ones that none is known for."""

    explanations: tuple[Explanation, ...]
    explained: tuple[str, ...]
    unexplained: tuple[str, ...]


def partly(points: Sequence[Spot], tick: Callable[[], object] = lambda: None) -> Partly | None:
    """Return what explains the most gradients with the fewest causes; None if none is explained.

    ``tick`` is called now and then, and may raise.
    """
    wrong = _wrong(points)
    found: list[tuple[frozenset[str], list[Explanation]]] = []
    alone = {label: _choices(label, right(points), NO_PASS) for label in wrong}
    for make in every_pass(points):
        tick()
        found += _of_pass(make, points, wrong, alone)
    if not found:
        return None
    most = max(len(labels) for labels, _ in found)
    best = [(labels, e) for labels, some in found for e in some if len(labels) == most]
    least = min(len(e.causes) for _, e in best)
    by_cause = {e.causes: (labels, e) for labels, e in reversed(best) if len(e.causes) == least}
    kept = [one for causes, one in by_cause.items() if not said_better(causes, by_cause)]
    if len(kept) > ALIKE or len({labels for labels, _ in kept}) > 1:
        return None
    labels = kept[0][0]
    unexplained = tuple(label for label in wrong if label not in labels)
    explained = tuple(filter(labels.__contains__, wrong))
    return Partly(tuple(e for _, e in kept), explained, unexplained)


def possible(point: Spot) -> bool:
    """Tell whether anything that is known may explain a gradient of a point, or nothing is wrong.

    The code is not recognised: what is known is made of the right gradients alone.
    """
    wrong = _wrong([point])
    fits = (locals_of(label, right([point]), False) for label in wrong)
    return not wrong or any(fits) or any(True for _ in changes([point]))


def _wrong(points: Sequence[Spot]) -> dict[str, bool]:
    """Return the wrong gradients, and whether each is so at points of different sizes."""
    sizes: dict[str, set[object]] = {}
    for point in points:
        for seen in point.wrong:
            sizes.setdefault(seen.label, set()).add(_size(point))
    return {label: len(some) > 1 for label, some in sizes.items()}


def _size(point: Spot) -> object:
    """Return what differs between points of different sizes."""
    shapes = tuple((label, seen.claim.shape) for label, seen in sorted(point.observations.items()))
    return shapes, tuple(sorted(point.scene.factors.items()))


def _of_pass(
    make: Pass,
    points: Sequence[Spot],
    wrong: Mapping[str, bool],
    alone: Mapping[str, Sequence[Local]],
) -> Iterator[tuple[frozenset[str], list[Explanation]]]:
    choices: dict[str, Sequence[Local]] = {}
    first: list[Mistake] = []
    behind: tuple[str, ...] = ()
    if make.cause:
        at = passed(make, points)
        if at is None:
            return
        behind = tuple(label for label in labels_of(points) if differs(label, at))
        direct = [label for label in behind if met(label, at)]
        if not any(wrong.get(label) for label in direct) or 2 * len(direct) <= len(behind):
            return
        for label in behind:
            if label not in direct:
                choices[label] = _choices(label, at, make)
                if not choices[label]:
                    return
        first = [Mistake(make.cause, make.detail, behind, make.about)]
    own = {label: alone[label] for label in wrong if label not in behind and alone[label]}
    choices |= trusted(own, [*choices, *behind], wrong, points)
    explained = frozenset(label for label in wrong if label in behind or label in choices)
    if explained:
        some = [
            Explanation((*first, *gathered(chosen)))
            for chosen in itertools.islice(_chosen(choices), ALIKE + 1)
        ]
        yield explained, some


def _chosen(choices: Mapping[str, Sequence[Local]]) -> Iterator[dict[str, Local]]:
    """Yield a choice for every gradient: a cause that several share before others."""
    counts: dict[str, int] = {}
    choices = {label: _best(some) for label, some in choices.items()}
    for some in choices.values():
        for cause in {option.cause for option in some}:
            counts[cause] = counts.get(cause, 0) + 1
    best = []
    for some in choices.values():
        most = max(counts[option.cause] for option in some)
        best.append([option for option in some if counts[option.cause] == most])
    for chosen in itertools.product(*best):
        yield dict(zip(choices, chosen, strict=True))


def _best(options: Sequence[Local]) -> list[Local]:
    """Return one option of each cause, without those that others say better."""
    by_cause = {frozenset([option.cause]): option for option in reversed(options)}
    return [option for cause, option in by_cause.items() if not said_better(cause, by_cause)]


def _choices(label: str, at: Sequence[Passed], make: Pass) -> list[Local]:
    """Return what reproduces one gradient, of the right pass or after a mistaken one."""
    found = locals_of(label, at, bool(make.cause))
    seen_at = [point for point, _ in at if label in point.observations]
    if make.cause:
        after = [point.after(flow) for point, flow in at if flow is not None]
        found += [o for o in options_of(label, after) if met(label, right(after), o)]
    wrong = [p for p in seen_at if any(o.label == label for o in p.wrong)]
    alike = len({_size(point) for point in wrong}) < 2
    found = [option for option in found if option.cause in FACTS or not alike]
    if _all_at_a_limit(label, seen_at):
        found = [option for option in found if option.cause != "clipped-result"]
    return found


def _all_at_a_limit(label: str, points: Sequence[Spot]) -> bool:
    """Tell whether what a clip would leave is but signs: any factor may be behind it."""
    claims = [np.abs(point.observations[label].claim) for point in points]
    most = max(float(claim.max(initial=0.0)) for claim in claims)
    return sum(int(((claim != most) & (claim != 0)).sum()) for claim in claims) < 2
