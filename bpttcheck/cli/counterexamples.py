"""A counterexample as lines of a terminal."""

from __future__ import annotations

from bpttcheck.statements.judge import Finding
from bpttcheck.statements.trial import Counterexample
from bpttcheck.verification.paste import source_of


def failed(finding: Finding) -> str:
    """Return the two sides and the relation between them that should not be."""
    return f" {finding.relation} ".join(finding.sides)


def counterexample_lines(name: str, found: Counterexample) -> list[str]:
    """Return a failure in a form to paste, and both sides."""
    finding, model = found.finding, found.case.model
    lines = [f"  case  {source_of(found.case)}"]
    if finding.reason:
        lines.append(f"  why   {finding.reason}")
    if finding.sides:
        at = ", ".join(f"{symbol} = {i}" for symbol, i in (finding.at or {}).items())
        lines.append(f"  sides {failed(finding)}" + (f" at {at}" if at else ""))
    return [
        *lines,
        f"  paste from bpttcheck.runs import {model}",
        "        from bpttcheck.verification import replay",
        f"        replay({name!r}, {source_of(found.case)})",
    ]
