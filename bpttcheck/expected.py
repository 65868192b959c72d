"""The committed table of verdicts, held against what the machine decided.

Nothing that decides imports this: it would only have to agree with it.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from bpttcheck.verification import Result
from bpttcheck.verification.decision import StatementDecision


def load() -> dict[str, Any]:
    """Return the table: ``identities`` and ``claims``, by ID."""
    return tomllib.loads((files("bpttcheck") / "expected.toml").read_text(encoding="utf-8"))


def surprises(result: Result, table: dict[str, Any]) -> list[str]:
    """Return a line for each decision that is not the expected one."""
    found = []
    for name, identity in result.identities.items():
        found += _differs(name, table["identities"].get(name), _held(identity))
        found += [f"{name}: a wrong version is not rejected: {s}" for s in identity.survivors]
    for name, claim in result.claims.items():
        row = table["claims"].get(name, {})
        found += _differs(name, row.get("verdict"), claim.verdict)
        for reading in claim.readings:
            expected = row.get("readings", {}).get(reading.name)
            found += _differs(f"{name}, read as {reading.name!r}", expected, reading.verdict)
    return found


def _held(decision: StatementDecision) -> str:
    """Return a verdict, with what it rests on: a level that is lost is a surprise as well."""
    if decision.verdict != "holds":
        return decision.verdict
    kernel = ", kernel" if decision.evidence.exact.kernel else ""
    return f"holds ({decision.evidence.level}{kernel})"


def _differs(name: str, expected: str | None, got: str) -> list[str]:
    if expected == got:
        return []
    return [f"{name}: expected {expected or 'no such row'}, decided {got}"]
