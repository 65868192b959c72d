"""A probe point: parameters, with the loss and the gradients that somebody's function has there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Arrays
from bpttcheck.cases import Case
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken

UNIT = 2.0**-53
"""The unit roundoff of float64."""


@dataclass(frozen=True)
class ProbePoint:
    """A point, the calls of the function, and what it claims there, as float64.

    ``came`` has the loss and the gradients in the types that they came in. A point of a diagnosis
    has a ``name``, the ``unit`` roundoff of its losses, the ``case`` that it was drawn for, and the
    ``report`` of a check, if one was made.
    """

    calls: Calls
    params: Arrays
    value: float
    claim: Arrays
    came: tuple[Any, Arrays] | None = field(default=None, repr=False)
    name: str = ""
    unit: float = UNIT
    case: Case | None = None
    report: Any = None

    def claims_the_same(self, other: ProbePoint) -> bool:
        """Tell whether the gradients are those of another point, to the last bit."""
        return all(np.array_equal(other.claim[n], g) for n, g in self.claim.items())


def probe(calls: Calls, params: Arrays, **known: Any) -> ProbePoint:
    """Return a point with what the function says there, and what else is ``known`` of it.

    Raises:
        Broken: the function does not do what is asked of it.
    """
    value, claim, came = calls.value_and_grad(params)
    return ProbePoint(calls, params, value, claim, came, **known)


def probed(calls: Calls, params: Arrays, **known: Any) -> ProbePoint | None:
    """Return the same; None if the function says nothing."""
    try:
        return probe(calls, params, **known)
    except Broken:
        return None
