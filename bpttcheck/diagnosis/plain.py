"""Mistakes that are seen from the wrong gradient and the right one alone, whatever the code is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from bpttcheck.arithmetic.base import Array

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


def of_whole(option: Plain) -> Plain:
    """Return the mistake made in the whole of which a parameter is a part."""

    def make(scene: Scene, label: str) -> Array | None:
        part = scene.parts[label]
        changed = option.make(scene, part.whole)
        fits = changed is not None and changed.shape == scene.truths[part.whole].shape
        return part.read(changed) if changed is not None and fits else None

    return Plain(option.cause, option.detail, make)


def _of_truth(change: Callable[[Array], Array | None]) -> Make:
    return lambda scene, label: change(scene.truths[label])


FACTORS = (
    "½", "2", *(f"{p}{s}" for s in ("T", "B", "TB", "n", "m", "p", "Tp", "Bp", "TBp", "T²", "B²")
                for p in ("", "1/")),
    *(f"2/{s}" for s in ("TB", "T", "B", "p")), *(f"{s}/2" for s in ("TB", "T", "B", "p")),
)  # fmt: skip

COUNTED = ("S", "1/S", "S/TB", "TB/S")
"""Where a mask leaves S of T·B steps to the loss."""


def _factor(name: str, scene: Scene, label: str) -> Array | None:
    factor = {"½": 0.5, "2": 2.0, **scene.factors}.get(name)
    return None if factor is None else factor * scene.truths[label]


def _permuted(axis: int, order: tuple[int, ...], g: Array) -> Array | None:
    if g.ndim <= axis or g.shape[axis] % len(order) or g.shape[axis] == 0:
        return None
    parts = np.split(g, len(order), axis=axis)
    return np.concatenate([parts[k] for k in order], axis=axis)


def _whole(reduce: Callable[[Array], float], g: Array) -> Array:
    return np.full(g.shape, reduce(g))


@cache
def plain() -> tuple[Plain, ...]:
    """Return those that need no number to be found first."""
    return tuple(_static())


def _static() -> Iterator[Plain]:
    yield Plain("sign", "", _of_truth(lambda g: -g))
    yield Plain("zero", "", _of_truth(lambda g: 0 * g))
    for name in FACTORS:
        yield Plain("common-factor", f"times {name}", partial(_factor, name))
        yield Plain("common-factor", f"times −{name}", partial(_minus_factor, name))
    for name in COUNTED:
        told = f"times {name}, S the number of steps that the mask leaves"
        yield Plain("common-factor", told, partial(_factor, name))
    yield Plain("transposed-gradient", "", _of_truth(_transposed))
    yield Plain("axis-missing", "the sum of all entries in each",
                _of_truth(partial(_whole, lambda g: float(g.sum()))))  # fmt: skip
    yield Plain("axis-missing", "the mean of all entries in each",
                _of_truth(partial(_whole, lambda g: float(g.mean()))))  # fmt: skip
    for axis, name in ((0, "columns"), (1, "rows")):
        yield Plain("axis-missing", f"the sum over {name} kept",
                    _of_truth(partial(_kept_sum, axis)))  # fmt: skip
    yield Plain("changed-entrywise", "its absolute value", _of_truth(np.abs))
    yield Plain("changed-entrywise", "its square", _of_truth(np.square))
    yield Plain("changed-entrywise", "its sign", _of_truth(np.sign))
    for axis in range(3):
        yield Plain("reversed", f"along axis {axis}", _of_truth(partial(_flipped, axis)))
        for shift in (1, -1):
            yield Plain("rolled", f"by {shift} along axis {axis}",
                        _of_truth(partial(_rolled, axis, shift)))  # fmt: skip
        for count in (2, 3, 4):
            for order in itertools.permutations(range(count)):
                if order != tuple(range(count)) and axis < 2:
                    yield Plain("gates-swapped", f"order {list(order)} along axis {axis}",
                                _of_truth(partial(_permuted, axis, order)))  # fmt: skip


def _minus_factor(name: str, scene: Scene, label: str) -> Array | None:
    found = _factor(name, scene, label)
    return None if found is None else -found


def _transposed(g: Array) -> Array | None:
    return g.T if g.ndim == 2 and g.shape[0] == g.shape[1] else None


def _kept_sum(axis: int, g: Array) -> Array | None:
    return g.sum(axis=axis, keepdims=True) + 0 * g if g.ndim == 2 else None


def _flipped(axis: int, g: Array) -> Array | None:
    return np.flip(g, axis) if g.ndim > axis and g.shape[axis] > 1 else None


def _rolled(axis: int, shift: int, g: Array) -> Array | None:
    return np.roll(g, shift, axis) if g.ndim > axis and g.shape[axis] > 2 else None


def proposed(scene: Scene, label: str, claim: Array, bound: Array | float) -> Iterator[Plain]:
    """Yield those with a constant that is read off one point; other points have to agree."""
    truth, theta = scene.truths[label], scene.thetas[label]
    error = claim - truth
    square = float((truth * truth).sum())
    if square > 0 and truth.size > 2:
        factor = float((claim * truth).sum()) / square
        yield Plain("common-factor", f"times {factor:.9g}", partial(_times, factor))
    most = float(np.abs(claim).max())
    if most > 0 and (np.abs(truth) > most + bound).any():
        yield Plain("clipped-result", f"each entry to {most:.9g}", partial(_clipped, most))
    norm = float(np.sqrt((claim * claim).sum()))
    if 0 < norm < np.sqrt(square):
        yield Plain("clipped-result", f"to the norm {norm:.9g}", partial(_to_norm, norm))
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
                yield Plain("slice-missing", f"zero at index {index} of axis {axis}",
                            partial(_without, axis, index))  # fmt: skip
    for other, g in scene.truths.items():
        if other != label and g.shape == truth.shape:
            yield Plain("names-swapped", f"that of {other}", partial(_that_of, other))


def _jointly(scene: Scene, claim: Array, truth: Array) -> Iterator[Plain]:
    """Yield the clips to a norm of all gradients that are shorter by the same factor."""
    factor = float((claim * truth).sum() / (truth * truth).sum())
    if not 0 < factor < 1:
        return
    wholes = {part.whole for part in scene.parts.values()}
    names = tuple(
        name for name, g in scene.claims.items()
        if name in scene.truths and name not in wholes and g.shape == scene.truths[name].shape
        and np.abs(g - factor * scene.truths[name]).max() <= EXACT * np.abs(g).max()
    )  # fmt: skip
    for extra in EXTRA:
        level = factor * (_joint_norm(names, scene) + extra)
        told = float(f"{level:.6g}")
        level = told if abs(told - level) <= EXACT * level else level
        yield Plain("clipped-result", f"all together to the norm {level:.9g}",
                    partial(_to_joint_norm, names, level, extra))  # fmt: skip


def _joint_norm(names: tuple[str, ...], scene: Scene) -> float:
    return float(np.sqrt(sum((scene.truths[name] ** 2).sum() for name in names)))


def _to_joint_norm(
    names: tuple[str, ...], level: float, extra: float, scene: Scene, label: str
) -> Array:
    truth = scene.truths[label]
    if label not in names:
        return truth
    return truth * min(1.0, level / (_joint_norm(names, scene) + extra))


def _times(factor: float, scene: Scene, label: str) -> Array:
    return factor * scene.truths[label]


def _clipped(most: float, scene: Scene, label: str) -> Array:
    return np.clip(scene.truths[label], -most, most)


def _to_norm(norm: float, scene: Scene, label: str) -> Array:
    g = scene.truths[label]
    size = float(np.sqrt((g * g).sum()))
    return g * (norm / size) if size > norm else g


def _decayed(rate: float, scene: Scene, label: str) -> Array:
    return scene.truths[label] + rate * scene.thetas[label]


def _without(axis: int, index: int, scene: Scene, label: str) -> Array | None:
    g = scene.truths[label].copy()
    if not -g.shape[axis] <= index < g.shape[axis]:
        return None
    g[(slice(None),) * axis + (index,)] = 0.0
    return g


def _that_of(other: str, scene: Scene, label: str) -> Array | None:
    return scene.truths.get(other)
