"""The complex step through the user's own loss, where the code carries an imaginary part.

It knows no truncation and no cancellation, but code drops an imaginary part in silence (real
buffers, ``abs``, ``.real``). So it is believed only where it agrees with the differences, and it
never rejects: below their bound a difference may be honest rounding, as in 1 − h² from a rounded h.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.complex_step import STEP
from bpttcheck.check.derivative.directions import Direction, direction, together, unit
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.verdict.block import Block

ORACLE = "complex step"

GRAIN = 2.0
"""The points lie so many roundings of the parameters apart."""

ROUNDED = 2.0**-13
"""A gradient whose slope is off by this share of its largest entry is not called right by it."""

POINTS = 5
"""Points beside each other at which it is taken; their spread is its rounding noise."""


def carried(test: GradientTest, v: Direction) -> tuple[float, float] | None:
    """Return the error of the claimed gradient along v, and its bound; None if it is dropped."""
    line = test.line(v)
    grain = GRAIN * line.unit * test.unit(v)
    slopes = []
    for k in range(POINTS):
        values = {
            name: theta + 1j * (STEP * v[name]) if name in v else theta.astype(np.complex128)
            for name, theta in line.point((k - POINTS // 2) * grain).items()
        }
        slope = _imaginary_part(test, values)
        if slope is None:
            return None
        slopes.append(slope)
    middle = slopes[POINTS // 2]
    spread = float(np.std(slopes, ddof=1))
    return middle - line.slope, 3 * spread + line.unit * abs(middle) + line.rounding


def _imaginary_part(test: GradientTest, values: Mapping[str, Array]) -> float | None:
    try:
        loss = np.asarray(test.calls.raw(values))
    except Broken:
        return None
    # A real loss: the code dropped the imaginary part. A narrower one has no room for the step.
    if loss.size != 1 or loss.dtype != np.complex128:
        return None
    slope = float(loss.reshape(()).imag) / STEP
    return slope if math.isfinite(slope) else None


class Carried(NamedTuple):
    """The error of a claimed gradient along a direction, its bound, and that of differences."""

    error: float
    bound: float
    differences: float


def is_carried(test: GradientTest, v: Direction) -> Carried | None:
    """Return the error that the complex step sees, if differences bear it out; else None."""
    here = carried(test, v)
    quick = test.quick(v) if here is not None else None
    if here is None or quick is None:
        return None
    (error, bound), beside = here, quick
    if abs(error - beside.value) > bound + beside.bound:  # a guess; now with care
        beside = test.slow(v, beside) or beside
    lost = abs(error - beside.value) > bound + beside.bound
    return None if lost else Carried(error, bound, quick.bound)


def confirmed(
    test: GradientTest, blocks: dict[str, Block], rng: np.random.Generator, unseen: Collection[str]
) -> dict[str, Block]:
    """Return the blocks with how closely the complex step agrees, if it is carried.

    One direction through all of them tells; each that is ``unseen`` by differences is asked alone.
    """
    names = tuple(n for n, b in blocks.items() if b.verdict != "wrong" and math.isfinite(b.floor))
    if not names:
        return blocks
    v = together(rng, test.params, names)
    here = is_carried(test, v)
    if here is None:
        return blocks
    found = dict(blocks)
    for name in names:
        error, bound = here.error, here.bound
        size = unit(test.params[name])
        if name in unseen:
            alone = carried(test, direction(rng, test.params, (name,)))
            if alone is None:
                return blocks
            (error, bound), size = alone, 1.0
        largest = float(np.abs(test.claim[name]).max())
        off = max(0.0, abs(error) - bound) / size
        found[name] = _with(blocks[name], (abs(error) + bound) / size, largest, off)
    return found


def slopes(test: GradientTest, name: str) -> Array | None:
    """Return the error of every entry of a block, by a call each; None if one is not carried."""
    errors = np.empty(test.params[name].shape)
    for index in np.ndindex(errors.shape):
        values = {n: np.array(theta, np.complex128) for n, theta in test.params.items()}
        values[name][index] += 1j * STEP
        slope = _imaginary_part(test, values)
        if slope is None or test.clock.over:
            return None
        errors[index] = slope - test.claim[name][index]
    return errors


def _with(block: Block, agreement: float, largest: float, off: float) -> Block:
    """Return a block with the agreement; one too small for differences is decided by it.

    Not by one that is off: that may be honest rounding, or a mistake.
    """
    seen = replace(block, agreement=agreement)
    if 4 * block.floor <= largest or 4 * agreement > largest or off > ROUNDED * largest:
        return seen
    derived = f"the complex step at {POINTS} points, their spread"
    return replace(
        seen, verdict="right", reason="", oracle=ORACLE, floor=agreement, derived=derived
    )
