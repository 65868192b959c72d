"""The verdict on a program, and where it is wrong, what else it may be."""

from __future__ import annotations

from dataclasses import replace

from bpttcheck.conformance.accuracy import inaccurate
from bpttcheck.conformance.comparison import Conformance
from bpttcheck.conformance.judged import concluded
from bpttcheck.conformance.observed import Observed
from bpttcheck.conformance.other_layouts import fitting


def judged(seen: Observed) -> Conformance:
    """Return the verdict on what a program computed."""
    report = concluded(seen.all(), seen.kind)
    if report.verdict != "wrong":
        return report
    otherwise = inaccurate(seen, report)
    if otherwise is not None:
        return otherwise
    if report["outputs"].verdict == "wrong":
        return replace(report, reason=report.reason + fitting(seen))
    return report


def not_finite(seen: Observed, reason: str) -> Conformance:
    """Return the verdict on a program some gradient of which is no number."""
    outputs = concluded((seen.outputs(),), seen.kind)
    if outputs.verdict == "wrong":
        return outputs
    if seen.overflows():
        told = f"{reason}; numbers on the way leave the range of the float type"
        return Conformance("undecided", told, outputs.parts, seen.kind.unit)
    return Conformance("wrong", reason, outputs.parts, seen.kind.unit)
