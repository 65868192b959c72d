"""What a bank of mistakes is made of: mistaken passes, and mistaken sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import At, Base, Flow, Message
from bpttcheck.diagnosis.recognition.shape import Edge

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


Change = Callable[[Flow, str], Array | None]
"""From a pass and a role to what stands there instead; None where the mistake cannot be made."""


@dataclass(frozen=True)
class Sum:
    """A mistake in one parameter's gradient, made from a pass that may be right."""

    cause: str
    detail: str
    make: Change
    about: str = ""
    role: str = ""

    def gradient(self, flow: Flow) -> Array | None:
        """Return the gradient; None where the mistake cannot be made."""
        try:
            with np.errstate(all="ignore"):
                return self.make(flow, self.role)
        except ValueError:  # arrays that stand for others are of another size
            return None


def switched(**changes: Callable[[Base], Any]) -> Make:
    """Return the making of a pass with switches, each found at the point; None where one is."""

    def make(base: Base) -> Flow | None:
        found = {name: change(base) for name, change in changes.items()}
        return None if any(a is None for a in found.values()) else base.propagate(**found)

    return make


def hearing(edges: Iterable[Edge], heard: Callable[[Flow, At], Array]) -> Make:
    """Return the making of a pass in which something else is heard along some edges."""
    along = dict.fromkeys(edges, heard)
    return lambda base: base.propagate(heard=along)


def sending(message: Message, state: str = "h") -> Make:
    """Return the making of a pass with another message to a state of the step before."""
    return lambda base: base.propagate(messages={state: message})
