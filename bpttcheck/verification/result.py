"""Everything that a run decides, and what claims make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpttcheck.claims import CLAIMS, Claim, ClaimReading
from bpttcheck.verification.decision import (
    ClaimDecision,
    IdentityDecision,
    ReadingDecision,
    StatementDecision,
)
from bpttcheck.verification.shards import Failure, Key


@dataclass
class Result:
    """Every decision of a run; what it did not come to is ``missing``."""

    identities: dict[str, IdentityDecision] = field(default_factory=dict)
    claims: dict[str, ClaimDecision] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Identities and claims that were asked for and are not decided."""
    failures: list[Failure] = field(default_factory=list)
    left: int = 0
    """Random cases that were asked for and not looked at, of all models together."""

    @property
    def complete(self) -> bool:
        """Whether everything was decided, on all the random cases that were asked for."""
        return not self.missing and not self.failures and not self.left


class Incomplete(Exception):
    """Something could not be decided. ``result`` has what was."""

    def __init__(self, result: Result) -> None:
        super().__init__("; ".join(f"{f.deciding}: {f.reason}" for f in result.failures))
        self.result = result


class VerifyInterrupted(KeyboardInterrupt):
    """Ctrl-C. ``result`` has what was decided before."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


def changed_keys(claim: Claim) -> list[Key]:
    """Return the statements of the readings that are not identities as they stand."""
    return [
        (claim.id, reading.name, identity.id)
        for reading in claim.readings
        if not reading.is_as_registered
        for identity, _ in reading.statements()
    ]


def collected(
    identities: Iterable[str],
    claims: Iterable[str],
    decided: Mapping[Key, Any],
    failures: list[Failure],
    left: int,
) -> Result:
    """Return what is decided of some identities and claims."""
    result = Result(failures=failures, left=left)
    for name in identities:
        if ("", "", name) in decided:
            result.identities[name] = decided["", "", name]
        else:
            result.missing.append(name)
    for name in claims:
        found = _claim(CLAIMS[name], decided)
        if found is None:
            result.missing.append(name)
        else:
            result.claims[name] = found
    return result


def _claim(claim: Claim, decided: Mapping[Key, StatementDecision]) -> ClaimDecision | None:
    """Return the decision on a claim; None if a statement that it leans on has none."""

    def key(reading: ClaimReading, identity: str) -> Key:
        return (
            ("", "", identity) if reading.is_as_registered else (claim.id, reading.name, identity)
        )

    try:
        readings = [
            ReadingDecision(r.name, [decided[key(r, i.id)] for i, _ in r.statements()])
            for r in claim.readings
        ]
        corrected = decided["", "", claim.corrected] if claim.corrected else None
    except KeyError:
        return None
    return ClaimDecision(claim.id, readings, corrected, claim.identities)
