"""Where a gradient is wrong: entry by entry in a small block, by bisection in a large one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.directional_error import DirectionalError
from bpttcheck.check.derivative.directions import part
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.verdict import complex_step_check
from bpttcheck.check.verdict.block import EntryErrors

ENTRIES = 400
"""A wrong block of at most so many entries is walked whole."""

SLICES = 64
"""An axis of at most so many positions is asked position by position."""


@dataclass(frozen=True)
class WorstEntry:
    """The worst entry that was found, and what is known of the others.

    ``slices`` maps an axis to the positions along it at which the gradient is wrong.
    """

    index: tuple[int, ...]
    error: float
    bound: float
    walk: EntryErrors | None
    slices: dict[int, tuple[int, ...]]


def entry(test: GradientTest, name: str, flat: int, step: float | None) -> DirectionalError | None:
    """Return the error of one entry."""
    v = np.zeros(test.params[name].size)
    v[flat] = 1.0
    return test.quick({name: v.reshape(test.params[name].shape)}, step, known=True)


def walk(test: GradientTest, name: str, rng: np.random.Generator) -> EntryErrors:
    """Return the error of every entry of a block: by a complex step where differences bear it out.

    They do along one direction, within their bound; no entry is known any better than that.
    """
    shape = test.params[name].shape
    v = part(rng, name, shape, np.arange(test.params[name].size))
    along = complex_step_check.is_carried(test, v)
    whole = complex_step_check.slopes(test, name) if along is not None else None
    if along is not None and whole is not None:
        return EntryErrors(whole, np.full(shape, max(along.differences, along.bound)))
    step: float | None = None
    errors, bounds = np.full(shape, np.nan), np.full(shape, np.inf)
    for flat in range(errors.size):
        if test.clock.over:  # what is known by then is reported
            break
        found = entry(test, name, flat, step)
        if found is not None:
            errors.flat[flat], bounds.flat[flat] = found.value, found.bound
            if not found.flat:  # where nothing moved, the step only grew
                step = found.step
    return EntryErrors(errors, bounds)


def locate(test: GradientTest, name: str, rng: np.random.Generator) -> WorstEntry | None:
    """Return the worst entry of a block that is wrong."""
    shape = test.params[name].shape
    size = test.params[name].size
    if size <= ENTRIES:
        walked = walk(test, name, rng)
        if not walked.wrong.any():
            return None
        wrong = walked.surely if walked.surely.any() else walked.wrong
        flat = int(np.argmax(np.where(wrong, np.abs(walked.errors), -1.0)))
        slices = {axis: _along(wrong, axis) for axis in range(len(shape))}
        return _worst(
            shape, flat, walked.errors.flat[flat], walked.bounds.flat[flat], walked, slices
        )
    flat, found = _bisect(test, name, rng)
    if found is None or found.agrees:
        return None
    slices = {
        axis: positions
        for axis, length in enumerate(shape)
        if length <= SLICES
        for positions in [_slices(test, name, rng, axis)]
    }
    return _worst(shape, flat, found.value, found.bound, None, slices)


def _worst(
    shape: tuple[int, ...],
    flat: int,
    error: float,
    bound: float,
    walked: EntryErrors | None,
    slices: dict[int, tuple[int, ...]],
) -> WorstEntry:
    index = tuple(int(i) for i in np.unravel_index(flat, shape))
    return WorstEntry(index, float(error), float(bound), walked, slices)


def _along(wrong: Array, axis: int) -> tuple[int, ...]:
    others = tuple(a for a in range(wrong.ndim) if a != axis)
    return tuple(int(i) for i in np.flatnonzero(wrong.any(axis=others)))


def _bisect(
    test: GradientTest, name: str, rng: np.random.Generator
) -> tuple[int, DirectionalError | None]:
    """Follow the half whose slope is off by more, relative to its bound, down to one entry."""
    shape = test.params[name].shape
    here = np.arange(test.params[name].size)
    while here.size > 1:
        halves = np.array_split(here, 2)
        found = [test.quick(part(rng, name, shape, half), known=True) for half in halves]
        margins = [abs(s.value) - s.bound if s is not None else -np.inf for s in found]
        here = halves[int(np.argmax(margins))]
    return int(here[0]), entry(test, name, int(here[0]), None)


def _slices(test: GradientTest, name: str, rng: np.random.Generator, axis: int) -> tuple[int, ...]:
    shape = test.params[name].shape
    order = np.arange(test.params[name].size).reshape(shape)
    wrong = []
    for position in range(shape[axis]):
        where = order.take(position, axis=axis).reshape(-1)
        found = test.quick(part(rng, name, shape, where), known=True)
        if found is not None and found.rejects:
            wrong.append(position)
    return tuple(wrong)
