"""Mistakes that are seen from the wrong gradient and the right one alone, whatever the code is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.linearised import sizes_of

EXACT = 1e-9
"""Two constants found at two points are the same if they agree to this share."""

EXTRA = (0.0, 1e-6, 1e-8, 1e-12)
"""What code adds to a norm before it divides by it."""


@dataclass(frozen=True)
class Part:
    """Which of the user's parameters a role is read from, if from a part of it, and how."""

    whole: str
    read: Callable[[Array], Array]


@dataclass(frozen=True)
class Scene:
    """The right gradients, the user's, the parameters of one point, and factors that sizes make.

    Of a parameter that several roles are parts of, ``truths``, ``thetas`` and ``claims`` have the
    whole too.
    """

    truths: Mapping[str, Array]
    thetas: Mapping[str, Array]
    factors: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    claims: Mapping[str, Array] = field(default_factory=dict)


Make = Callable[[Scene, str], Array | None]


@dataclass(frozen=True)
class Plain:
    """A mistaken gradient of one parameter: the cause, what exactly is done, and the doing."""

    cause: str
    detail: str
    make: Make
    about: str = ""


def of_whole(option: Plain) -> Plain:
    """Return the mistake made in the whole of which a parameter is a part."""

    def make(scene: Scene, label: str) -> Array | None:
        part = scene.parts[label]
        changed = option.make(scene, part.whole)
        fits = changed is not None and changed.shape == scene.truths[part.whole].shape
        return part.read(changed) if changed is not None and fits else None

    return Plain(option.cause, option.detail, make)


FACTORS = tuple(sizes_of(*[1] * 5))

_LEFT = "S the number of steps that the mask leaves"
COUNTED = ("S", "1/S", "S/TB", "TB/S")
"""Where a mask leaves S of T·B steps to the loss."""


def size_named(name: str, factors: Mapping[str, float]) -> float | None:
    """Return a factor by its name; None where a point has none of that name."""
    return {"½": 0.5, "2": 2.0, **factors}.get(name)


def _factor(name: str, sign: int, scene: Scene, label: str) -> Array | None:
    factor = size_named(name, scene.factors)
    return None if factor is None else sign * factor * scene.truths[label]


def clipped(most: float, g: Array) -> Array:
    """Return each entry between −most and most."""
    return np.clip(g, -most, most)


def to_norm(norm: float, g: Array) -> Array:
    """Return what is longer with that norm."""
    size = float(np.sqrt((g * g).sum()))
    return g * (norm / size) if size > norm else g


@cache
def plain() -> tuple[Plain, ...]:
    """Return those that need no number to be found first."""
    factors = [
        Plain("common-factor", f"times {said}{name}", partial(_factor, name, sign))
        for name in FACTORS
        for said, sign in (("", 1), ("−", -1))
    ]
    factors += [
        Plain("common-factor", f"times {name}, {_LEFT}", partial(_factor, name, 1))
        for name in COUNTED
    ]
    changed = [Plain(cause, told, _changed(change)) for cause, told, change in _changes()]
    return (*changed[:2], *factors, *changed[2:])


Change = Callable[[Array], Array]


def _changed(change: Callable[..., Array], *constants: float) -> Make:
    """Return what is made by changing the right gradient."""
    return partial(_of_truth, partial(change, *constants))


def _of_truth(change: Change, scene: Scene, label: str) -> Array | None:
    try:
        return change(scene.truths[label])
    except (ValueError, IndexError):  # no such axis, or no such parts
        return None


def _changes() -> Iterator[tuple[str, str, Change]]:
    yield "sign", "", np.negative
    yield "zero", "", lambda g: 0 * g
    yield "transposed-gradient", "", np.transpose
    for name, reduce in (("sum", np.sum), ("mean", np.mean)):
        told = f"the {name} of all entries in each"
        yield "axis-missing", told, partial(_in_each, reduce, None)
    for axis, name in enumerate(("columns", "rows")):
        yield "axis-missing", f"the sum over {name} kept", partial(_in_each, np.sum, axis)
    for name, function in (("absolute value", np.abs), ("square", np.square), ("sign", np.sign)):
        yield "changed-entrywise", f"its {name}", function
    for axis in range(3):
        yield "reversed", f"along axis {axis}", partial(np.flip, axis=axis)
        for shift in (1, -1):
            yield "rolled", f"by {shift} along axis {axis}", partial(_rolled, axis, shift)
    for axis, count in itertools.product(range(2), (2, 3, 4)):
        for order in list(itertools.permutations(range(count)))[1:]:
            told = f"order {list(order)} along axis {axis}"
            yield "gates-swapped", told, partial(_permuted, axis, order)


def _in_each(reduce: Callable[..., Any], axis: int | None, g: Array) -> Array:
    if axis is not None and g.ndim != 2:
        raise ValueError
    return np.asarray(reduce(g, axis=axis, keepdims=True) + 0 * g)


def _rolled(axis: int, shift: int, g: Array) -> Array:
    if g.ndim <= axis or g.shape[axis] < 3:
        raise ValueError  # of two, that is the reverse order
    return np.roll(g, shift, axis)


def _permuted(axis: int, order: tuple[int, ...], g: Array) -> Array:
    parts = np.split(g, len(order), axis=axis)
    return np.concatenate([parts[k] for k in order], axis=axis)


def proposed(scene: Scene, label: str, claim: Array, bound: Array | float) -> Iterator[Plain]:
    """Yield those with a constant that is read off one point; other points have to agree."""
    truth, theta = scene.truths[label], scene.thetas[label]
    error = claim - truth
    square = float((truth * truth).sum())
    if square > 0 and truth.size > 2:
        factor = float((claim * truth).sum()) / square
        yield Plain("common-factor", f"times {factor:.9g}", _changed(np.multiply, factor))
    most = float(np.abs(claim).max())
    if most > 0 and (np.abs(truth) > most + bound).any():
        yield Plain("clipped-result", f"each entry to {most:.9g}", _changed(clipped, most))
    norm = float(np.sqrt((claim * claim).sum()))
    if 0 < norm < np.sqrt(square):
        yield Plain("clipped-result", f"to the norm {norm:.9g}", _changed(to_norm, norm))
        yield from _jointly(scene, claim, truth)
    weight = float((theta * theta).sum())
    if weight > 0 and theta.size > 2:
        rate = float((error * theta).sum()) / weight
        yield Plain("weight-decay", f"{rate:+.9g} of the parameter", partial(_decayed, rate))
    for axis in range(truth.ndim):
        others = tuple(a for a in range(truth.ndim) if a != axis)
        missing = np.flatnonzero(
            (claim == 0).all(axis=others) & (np.abs(truth) > bound).any(axis=others)
        )
        for k in missing if 0 < missing.size < truth.shape[axis] and missing.size == 1 else ():
            length = truth.shape[axis]
            for index in (int(k), int(k) - length):
                told = f"zero at index {index} of axis {axis}"
                yield Plain("slice-missing", told, _changed(_without, axis, index))
    for other, g in scene.truths.items():
        if other != label and g.shape == truth.shape:
            yield Plain("names-swapped", f"that of {other}", partial(_that_of, other))


def _jointly(scene: Scene, claim: Array, truth: Array) -> Iterator[Plain]:
    """Yield the clips to a norm of all gradients that are shorter by the same factor."""
    factor = float((claim * truth).sum() / (truth * truth).sum())
    if not 0 < factor < 1:
        return
    wholes = {part.whole for part in scene.parts.values()}
    both = {k: (g, scene.truths[k]) for k, g in scene.claims.items() if k in scene.truths}
    names = tuple(
        name
        for name, (g, right) in both.items()
        if name not in wholes
        and g.shape == right.shape
        and np.abs(g - factor * right).max() <= EXACT * np.abs(g).max()
    )
    for extra in EXTRA:
        level = factor * (_joint_norm(names, scene) + extra)
        told = float(f"{level:.6g}")
        level = told if abs(told - level) <= EXACT * level else level
        told_so = f"all together to the norm {level:.9g}"
        yield Plain("clipped-result", told_so, partial(_to_joint_norm, names, level, extra))


def _joint_norm(names: tuple[str, ...], scene: Scene) -> float:
    return float(np.sqrt(sum((scene.truths[name] ** 2).sum() for name in names)))


def _to_joint_norm(
    names: tuple[str, ...], level: float, extra: float, scene: Scene, label: str
) -> Array:
    truth = scene.truths[label]
    if label not in names:
        return truth
    norm = _joint_norm(names, scene) + extra
    return truth * (level / norm if norm > level else 1.0)


def _decayed(rate: float, scene: Scene, label: str) -> Array:
    return scene.truths[label] + rate * scene.thetas[label]


def _without(axis: int, index: int, g: Array) -> Array:
    found = g.copy()
    found[(slice(None),) * axis + (index,)] = 0.0
    return found


def _that_of(other: str, scene: Scene, label: str) -> Array | None:
    return scene.truths.get(other)
