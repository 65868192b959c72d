"""What somebody's function says at one point: the material of a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass

from bpttcheck.cases import Case
from bpttcheck.check.calls import Calls
from bpttcheck.check.contract import Broken
from bpttcheck.check.line import Point
from bpttcheck.check.report import Report

LARGEST = 20_000
"""More parameters, or states at all steps, are too many for hundreds of backward passes."""


@dataclass(frozen=True)
class Place:
    """The user's loss and gradients at a point, and what a check said of them, if one was made."""

    name: str
    calls: Calls
    params: Point
    value: float
    claim: Point
    unit: float
    case: Case | None = None
    report: Report | None = None


def place(
    name: str, calls: Calls, params: Point, unit: float, case: Case | None = None
) -> Place | None:
    """Return a point with what the user's function says there; None if it says nothing."""
    try:
        value, claim, _ = calls.value_and_grad(params)
    except Broken:
        return None
    return Place(name, calls, params, value, claim, unit, case)
