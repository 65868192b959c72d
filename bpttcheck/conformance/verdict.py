"""The verdict on a program, and where it is wrong, what else it may be."""

from __future__ import annotations

from bpttcheck.conformance.comparison import Conformance
from bpttcheck.conformance.judged import concluded
from bpttcheck.conformance.observed import Observed


def judged(seen: Observed) -> Conformance:
    """Return the verdict on what a program computed."""
    return concluded(seen.all(), seen.kind)
