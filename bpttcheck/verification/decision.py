"""Decisions: what the machine found, for a person and for a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bpttcheck.statements.evidence import Evidence
from bpttcheck.statements.trial import Counterexample, Verdict
from bpttcheck.verification.paste import source_of


@dataclass
class StatementDecision:
    """A decision on one statement: an identity, or a reading's version of one."""

    id: str
    verdict: Verdict
    evidence: Evidence
    counterexample: Counterexample | None = None
    undecided_cases: int = 0
    first_undecided: Counterexample | None = None
    """The first case that could not be settled."""
    says: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "evidence": self.evidence.to_dict(),
            "counterexample": counterexample_dict(self.counterexample),
            "undecided_cases": self.undecided_cases,
        }


@dataclass
class IdentityDecision(StatementDecision):
    """An identity's decision, and how its wrong versions fared."""

    rejected: dict[str, Counterexample] = field(default_factory=dict)
    generated: int = 0
    ill_typed: int = 0
    """Wrong versions, of both kinds, that are rejected because they do not compose."""
    survivors: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether it holds and every wrong version was rejected."""
        return self.verdict == "holds" and not self.survivors

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        versions = {name: counterexample_dict(c) for name, c in self.rejected.items()}
        return super().to_dict() | {
            "wrong_versions": versions,
            "generated_wrong_versions": self.generated,
            "ill_typed_wrong_versions": self.ill_typed,
            "survivors": self.survivors,
        }


@dataclass
class ReadingDecision:
    """A reading's decision: the parts it consists of, the worst of them deciding."""

    name: str
    parts: list[StatementDecision]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the parts."""
        order: tuple[Verdict, ...] = ("ill-typed", "refuted", "undecided", "holds")
        return min((p.verdict for p in self.parts), key=order.index)

    @property
    def counterexample(self) -> Counterexample | None:
        """The first part's that has one."""
        return next((p.counterexample for p in self.parts if p.counterexample), None)

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "statements": [p.id for p in self.parts],
            "counterexample": counterexample_dict(self.counterexample),
        }


@dataclass
class ClaimDecision:
    """A claim's decision: its readings, and what they add up to."""

    id: str
    readings: list[ReadingDecision]
    corrected: StatementDecision | None
    identities: list[str]

    @property
    def verdict(self) -> str:
        """``holds``, ``refuted`` or ``ill-typed`` if all readings agree, else ``holds-if``.

        ``undecided`` if a reading is, or if what is put in the claim's place does not hold.
        """
        verdicts = {r.verdict for r in self.readings}
        if "undecided" in verdicts or (self.corrected and self.corrected.verdict != "holds"):
            return "undecided"
        if len(verdicts) == 1:
            return verdicts.pop()
        return "holds-if" if "holds" in verdicts else "refuted"

    @property
    def counterexample(self) -> Counterexample | None:
        """The first reading's that has one."""
        return next((r.counterexample for r in self.readings if r.counterexample), None)

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        evidence = {p.id: p.evidence.to_dict() for r in self.readings for p in r.parts}
        return {
            "id": self.id,
            "verdict": self.verdict,
            "readings": [r.to_dict() for r in self.readings],
            "identities": self.identities,
            "evidence": evidence,
            "corrected": self.corrected.id if self.corrected else None,
            "counterexample": counterexample_dict(self.counterexample),
        }


def counterexample_dict(found: Counterexample | None) -> dict[str, Any] | None:
    """Return a counterexample for a program to read."""
    if found is None:
        return None
    finding = found.finding
    return {
        "case": source_of(found.case),
        "at": finding.at,
        "sides": list(finding.sides),
        "relation": finding.relation,
        "reason": finding.reason,
    }
