"""What a check found of one parameter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpttcheck.check.locate import Walk


@dataclass(frozen=True)
class Block:
    """The gradient of one parameter.

    ``floor`` is the bound E on the slope along a direction: every error of one entry |Δg_i| ≥ 4E
    is found. For a wrong block, ``index``, ``got``, ``expected`` ± ``bound`` tell its worst entry;
    ``slices`` the positions along each axis at which it is wrong, ``walk`` every entry's error
    where all were walked. ``agreement`` is how closely the complex step agrees along a direction,
    where the code carries it.
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
    walk: Walk | None = field(default=None, repr=False, compare=False)

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
            "slices": {str(axis): list(where) for axis, where in self.slices.items()},
        }


def number(value: float | None) -> float | None:
    """Return a number that JSON has; what is infinite or NaN is None."""
    return value if value is not None and math.isfinite(value) else None
