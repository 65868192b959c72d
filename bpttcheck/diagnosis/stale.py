"""Mistaken passes that read everything of one step, whichever step they are at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Base, Flow, gradient, outer
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow, Parts
from bpttcheck.diagnosis.passes import Pass

STEPS = {"last": -1, "first": 0}


def caches() -> Iterator[Pass]:
    """Yield the passes of any network whose steps all read one step's cache."""
    for name, k in STEPS.items():
        yield Pass("cache-reused", f"that of the {name} step", partial(_reused, k))


def _reused(k: int, base: Any) -> Any:
    if isinstance(base, GatedBase):
        flow = base.propagate(parts=_parts(k, base.parts))
        return StaleGatedFlow(**vars(flow), k=k)
    assert isinstance(base, Base)
    return StaleFlow(**vars(base.propagate(slope=_same(k, base.slope))), k=k)


def _same(k: int, steps: Array) -> Array:
    """Return one step's values at every step."""
    return np.asarray(steps[k][None] + 0 * steps) if len(steps) else steps


def _parts(k: int, parts: Parts) -> Parts:
    return replace(
        parts,
        slopes={gate: _same(k, a) for gate, a in parts.slopes.items()},
        partners={gate: _same(k, a) for gate, a in parts.partners.items()},
        keep=_same(k, parts.keep), squash=_same(k, parts.squash), reset=_same(k, parts.reset),
        reads={gate: _same(k, a) for gate, a in parts.reads.items()},
        uses={edge: _same(k, a) for edge, a in parts.uses.items()},
    )  # fmt: skip


@dataclass(frozen=True)
class StaleFlow(Flow):
    """A pass whose sums read the input and the state before of one step."""

    k: int = -1

    def gradient(self, role: str) -> Array:
        """Return the gradient of one role."""
        if role in ("W", "U"):
            front = self.base.run.h[:-1] if role == "W" else self.base.net.x
            return outer(self.da, _same(self.k, front))
        return gradient(self, role)


@dataclass(frozen=True)
class StaleGatedFlow(GatedFlow):
    """A pass whose sums read the input and the state before of one step."""

    k: int = -1

    def right(self, role: str) -> Array:
        """Return what each step contributes from the front."""
        found = super().right(role)
        return found if role in ("V", "c") else _same(self.k, found)
