"""What a bank of mistakes is made of: mistaken passes, and mistaken sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.adjoint import Base
from bpttcheck.diagnosis.backward.flow import Flow

Make = Callable[[Base], Flow | None]


@dataclass(frozen=True)
class Pass:
    """A mistake that changes what every parameter's gradient is made of.

    ``about`` is what it makes a wrong gradient of first: a_i, the gate i, h; "" where the cause
    says it.
    """

    cause: str
    detail: str
    make: Make
    about: str = ""

    def flow(self, base: Base) -> Flow | None:
        """Return what the pass leaves; None where the mistake cannot be made."""
        try:
            with np.errstate(all="ignore"):
                return self.make(base)
        except ValueError:  # arrays that stand for others are of another size
            return None


@dataclass(frozen=True)
class Sum:
    """A mistake in one parameter's gradient, made from a pass that may be right."""

    cause: str
    detail: str
    make: Callable[[Flow], Array | None]
    about: str = ""

    def gradient(self, flow: Flow) -> Array | None:
        """Return the gradient; None where the mistake cannot be made."""
        try:
            with np.errstate(all="ignore"):
                return self.make(flow)
        except ValueError:  # arrays that stand for others are of another size
            return None
