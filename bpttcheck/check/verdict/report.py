"""What a check found: a verdict, what it rests on, and what it could not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpttcheck import arguments
from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.verdict.block import Block, compared, number
from bpttcheck.check.verdict.text import text

if TYPE_CHECKING:
    from bpttcheck.check.verdict.saved import SavedCase
    from bpttcheck.mend.found import Mend

VERDICTS = ("right", "wrong", "undecided")

SCHEMA = 1
"""The version of what :meth:`Report.to_dict` returns."""


@dataclass(frozen=True)
class Report:
    """The outcome of a check: ``verdict`` is right, wrong or undecided, with the ``reason``.

    ``report["W"]`` is the :class:`Block` of a parameter, ``blocks`` has all that were asked.
    ``cause`` is the diagnosis of a wrong gradient, or None; ``mend`` is the edit of the code that
    makes it right, or None where none was looked for. ``case`` and ``search`` say where a search
    found it, ``total`` how many losses and gradients it took in all. ``point`` holds the
    parameters of a failing case as they were drawn, ``target`` the name of the problem.
    ``evidence`` asks further questions of the same point; it holds the code itself, and is left
    behind where a report is pickled.
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
    mend: Mend | None = None
    case: Any = None
    search: Mapping[str, Any] | None = None
    total: tuple[int, int] | None = None
    target: str = ""
    point: Mapping[str, Array] | None = field(default=None, repr=False, compare=False)
    evidence: GradientTest | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.evidence is not None:
            claim = self.evidence.claim
            blocks = tuple(compared(block, claim.get(block.name)) for block in self.blocks)
            object.__setattr__(self, "blocks", blocks)  # frozen, and made just now

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"evidence": None}

    @property
    def ok(self) -> bool:
        """Whether the verdict is ``right``."""
        return self.verdict == "right"

    def __getitem__(self, name: str) -> Block:
        found = self.get(name)
        if found is None:
            names = ", ".join(block.name for block in self.blocks) or "none"
            raise KeyError(f"{name!r}: no gradient of that name was asked, but {names}")
        return found

    @arguments.takes(name=arguments.text)
    def get(self, name: str) -> Block | None:
        """Return what was found of a parameter; None if its gradient was not asked.

        Raises:
            TypeError: ``name`` is no text.
        """
        return next((block for block in self.blocks if block.name == name), None)

    def __str__(self) -> str:
        return text(self)

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it."""
        from bpttcheck.check.verdict import html_report  # for those alone who look at one

        return html_report.fragment(self.to_dict())

    @arguments.takes(path=arguments.file)
    def save_case(self, path: str | Path) -> None:
        """Write the failing point to a small file, for :func:`~bpttcheck.check.replay`.

        Raises:
            TypeError, ValueError: no path, or the report has no failing point of a search.
            OSError: the file cannot be written.
        """
        self._kept().write(path)

    def as_test(self) -> str:
        """Return the failing case as a test for pytest, to be pasted.

        Raises:
            ValueError: the report has no failing point of a search.
        """
        return self._kept().as_test()

    def _kept(self) -> SavedCase:
        from bpttcheck.check.verdict.saved import SavedCase  # few reports are kept

        if self.point is None:
            raise ValueError(
                "report: expected a wrong one of check_problem, which keeps its point, "
                f"got one that is {self.verdict} and has none"
            )
        params = {name: array.copy() for name, array in self.point.items()}
        return SavedCase(params, self.case, self.seed, self.target, self.loss)

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads: numbers, strings, lists and dictionaries alone."""
        cause = self.cause
        losses, gradients = self.total or (self.losses, self.gradients)
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "ok": self.ok,
            "reason": self.reason,
            "kind": self.kind,
            "cause": cause.to_dict() if hasattr(cause, "to_dict") else cause,
            "mend": None if self.mend is None else self.mend.to_dict(),
            "loss": number(self.loss),
            "precision": self.precision,
            "blocks": [block.to_dict() for block in self.blocks],
            "notes": list(self.notes),
            "evaluations": {"loss": self.losses, "value_and_grad": self.gradients},
            "evaluations_in_all": {"loss": losses, "value_and_grad": gradients},
            "seed": self.seed,
            "case": self.case.to_dict() if hasattr(self.case, "to_dict") else self.case,
            "search": None if self.search is None else dict(self.search),
        }
