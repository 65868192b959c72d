"""What a check found: a verdict, what it rests on, and what it could not see."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpttcheck.check.ballot import Judge
from bpttcheck.check.locate import Walk

VERDICTS = ("right", "wrong", "undecided")


@dataclass(frozen=True)
class Block:
    """The gradient of one parameter.

    ``floor`` is the bound E on the slope along a direction: every error of one entry |Δg_i| ≥ 4E
    is found. For a wrong block, ``index``, ``got``, ``expected`` ± ``bound`` tell its worst entry;
    ``slices`` the positions along each axis at which it is wrong, ``walk`` every entry's error
    where all were walked.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    reason: str
    oracle: str
    floor: float
    derived: str
    size: float
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
            "floor": _number(self.floor),
            "found_if_at_least": _number(4 * self.floor),
            "derived": self.derived,
            "rms": self.size,
            "index": None if self.index is None else list(self.index),
            "got": self.got,
            "expected": self.expected,
            "bound": _number(self.bound),
            "slices": {str(axis): list(where) for axis, where in self.slices.items()},
        }


@dataclass(frozen=True)
class Report:
    """The outcome of a check: ``verdict`` is right, wrong or undecided, with the ``reason``.

    ``cause`` is the diagnosis of a wrong gradient, or None. ``evidence`` asks further questions of
    the same point; ``case`` and ``search`` say where a search found it.
    """

    verdict: str
    reason: str
    blocks: tuple[Block, ...] = ()
    loss: float | None = None
    precision: str = ""
    notes: tuple[str, ...] = ()
    losses: int = 0
    gradients: int = 0
    seed: int = 0
    kind: str = ""
    cause: Any = None
    case: Any = None
    search: Mapping[str, Any] | None = None
    evidence: Judge | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the verdict is ``right``."""
        return self.verdict == "right"

    def __getitem__(self, name: str) -> Block:
        return next(block for block in self.blocks if block.name == name)

    def __str__(self) -> str:
        from bpttcheck.check.text import text

        return text(self)

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads: numbers, strings, lists and dictionaries alone."""
        cause = self.cause
        return {
            "verdict": self.verdict,
            "ok": self.ok,
            "reason": self.reason,
            "kind": self.kind,
            "cause": cause.to_dict() if hasattr(cause, "to_dict") else cause,
            "loss": _number(self.loss),
            "precision": self.precision,
            "blocks": [block.to_dict() for block in self.blocks],
            "notes": list(self.notes),
            "evaluations": {"loss": self.losses, "value_and_grad": self.gradients},
            "seed": self.seed,
            "case": self.case.to_dict() if hasattr(self.case, "to_dict") else self.case,
            "search": None if self.search is None else dict(self.search),
        }


def _number(value: float | None) -> float | None:
    """Return a number that JSON has; what is infinite or NaN is None."""
    return value if value is not None and math.isfinite(value) else None
