"""Gradients of a gate that the forward pass made with another's weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from bpttcheck.diagnosis.backward.adjoint import Base
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.mistakes.mistake import Pass


def credits() -> Iterator[Pass]:
    """Yield the passes that credit each gate's own weights, though another's were used."""
    for own in (True, False):
        through = "" if own else ", what comes back goes through those that were used"
        told = f"its own weights get the gradient{through}"
        yield Pass("gate-from-another", told, partial(_credited, own))


def _credited(own: bool, base: Base) -> Flow | None:
    idle = base.net.idle
    if not idle:
        return None
    changed = {role: a for role, a in idle.items() if role[0] == "W"} if own else {}
    return replace(base.propagate(weights=changed), credited=True)
