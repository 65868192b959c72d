"""What a check found: a verdict, what it rests on, and what it could not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpttcheck.check.ballot import Judge
from bpttcheck.check.block import Block, number
from bpttcheck.check.text import text

VERDICTS = ("right", "wrong", "undecided")


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
            "loss": number(self.loss),
            "precision": self.precision,
            "blocks": [block.to_dict() for block in self.blocks],
            "notes": list(self.notes),
            "evaluations": {"loss": self.losses, "value_and_grad": self.gradients},
            "seed": self.seed,
            "case": self.case.to_dict() if hasattr(self.case, "to_dict") else self.case,
            "search": None if self.search is None else dict(self.search),
        }
