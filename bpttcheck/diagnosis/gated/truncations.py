"""Mistaken passes of a gated cell that cut its messages off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow
from bpttcheck.diagnosis.message_passes import LONGEST, late_steps
from bpttcheck.diagnosis.passes import Pass


def cuts(two: bool) -> Iterator[Pass]:
    """Yield truncations; of both messages, of the state and of the cell, or of one of ``two``."""
    yield from late_steps()
    kinds = [("", True, True)]
    if two:
        kinds += [(", of the state alone", True, False), (", of the cell alone", False, True)]
    for also, state, cell in kinds:
        for k in range(2, LONGEST + 1):
            for r in range(k if state and cell else 1):
                for end in (False, True):
                    side = "the last step" if end else "the first step"
                    yield Pass("recurrent-truncated", f"every {k} steps, {r} from {side}{also}",
                               partial(_chunks, k, r, end, state, cell))  # fmt: skip


def _chunks(k: int, r: int, end: bool, state: bool, cell: bool, base: GatedBase) -> GatedFlow:
    def stops(t: int) -> bool:
        return (base.T - (t - 1) if end else t - 1) % k == r

    def message(t: int, flow: GatedFlow) -> Array:
        return 0 * flow.dh[t] if state and stops(t) else flow.send(t)

    def carried(t: int, flow: GatedFlow) -> Array:
        return 0 * flow.dc[t] if cell and stops(t) else flow.direct(t)

    return base.propagate(message=message, carried=carried)
