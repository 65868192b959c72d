"""What a check found of one parameter, and of every entry of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array

TOLD = 4096
"""Entries of a block whose errors are handed on, at most: of a larger one its worst is enough."""


@dataclass(frozen=True)
class EntryErrors:
    """Every entry of a block: the error of the gradient, ± a bound; NaN where none was found."""

    errors: Array
    bounds: Array

    @property
    def wrong(self) -> Array:
        """Where the error exceeds its bound."""
        return np.asarray(np.abs(self.errors) > self.bounds)

    @property
    def surely(self) -> Array:
        """Where it exceeds twice its bound: of many entries, some exceed the bound by chance."""
        return np.asarray(np.abs(self.errors) > 2 * self.bounds)


@dataclass(frozen=True)
class Block:
    """The gradient of one parameter.

    ``floor`` is the bound E on the slope along a direction: every error of one entry |Δg_i| ≥ 4E
    is found. For a wrong block, ``index``, ``got``, ``expected`` ± ``bound`` tell its worst entry;
    ``slices`` the positions along each axis at which it is wrong, ``walk`` every entry's error
    where all were walked; then ``angle`` (in degrees) and ``ratio`` (of lengths) compare the whole
    gradient with the derivative, unless that may be zero. ``agreement`` is how closely the complex
    step agrees along a direction, where the code carries it.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    reason: str
    oracle: str
    floor: float
    derived: str
    size: float
    agreement: float | None = None
    index: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None
    bound: float | None = None
    slices: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    walk: EntryErrors | None = field(default=None, repr=False, compare=False)
    angle: float | None = None
    ratio: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads: numbers, strings and lists alone."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "verdict": self.verdict,
            "reason": self.reason,
            "oracle": self.oracle,
            "floor": number(self.floor),
            "found_if_at_least": number(4 * self.floor),
            "derived": self.derived,
            "rms": self.size,
            "complex_step_agrees_to": number(self.agreement),
            "index": None if self.index is None else list(self.index),
            "got": self.got,
            "expected": self.expected,
            "bound": number(self.bound),
            "angle": self.angle,
            "ratio": self.ratio,
            "slices": {str(axis): list(where) for axis, where in self.slices.items()},
            "errors": None if self._walked is None else _numbers(self._walked.errors),
            "bounds": None if self._walked is None else _numbers(self._walked.bounds),
        }

    @property
    def _walked(self) -> EntryErrors | None:
        return self.walk if self.walk is not None and self.walk.errors.size <= TOLD else None


def compared(block: Block, claim: Array | None) -> Block:
    """Return a block with the angle between what is claimed and the derivative, if all is known."""
    if block.walk is None or block.angle is not None or claim is None or block.verdict != "wrong":
        return block
    derivative = claim + block.walk.errors
    got, right, off = _unit(claim), _unit(derivative), _unit(block.walk.bounds)
    if got is None or right is None:  # nothing to compare, or an entry of which nothing is known
        return block
    if off is not None and off[0] >= right[0]:  # it may be zero, as that of a staircase is
        return block
    (length, a), (true, b) = got, right
    angle = 2 * math.atan2(float(np.linalg.norm(a - b)), float(np.linalg.norm(a + b)))
    ratio = length / true if math.isfinite(length / true) else None
    return replace(block, angle=math.degrees(angle), ratio=ratio)


def _unit(array: Array) -> tuple[float, Array] | None:
    """Return the length of an array and its direction, whatever its magnitude."""
    largest = float(np.abs(array).max())
    if not 0 < largest < math.inf:
        return None
    length = float(np.linalg.norm(array / largest))
    return largest * length, array / largest / length


def _numbers(array: Array) -> list[float | None]:
    return [number(float(value)) for value in array.reshape(-1)]


def number(value: float | None) -> float | None:
    """Return a number that JSON has; what is infinite or NaN is None."""
    return value if value is not None and math.isfinite(value) else None
