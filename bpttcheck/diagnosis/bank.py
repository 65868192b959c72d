"""Every mistake that a diagnosis tries, of any cell: edges of its graph, and what happens there."""

from __future__ import annotations

from functools import cache

from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.another_gate import credits
from bpttcheck.diagnosis.messages import caches, clips, messages, skips, truncations
from bpttcheck.diagnosis.mistake import Pass
from bpttcheck.diagnosis.outputs import injections, losses
from bpttcheck.diagnosis.shape import shape_of
from bpttcheck.diagnosis.sharing import sharing
from bpttcheck.diagnosis.slopes import slopes
from bpttcheck.diagnosis.state_paths import paths
from bpttcheck.diagnosis.step_factors import factors
from bpttcheck.diagnosis.weights import weights


@cache
def passes(cell: Cell) -> tuple[Pass, ...]:
    """Return the mistaken passes of a cell."""
    shape = shape_of(cell)
    return (
        *losses(),
        *injections(),
        *factors(shape),
        *sharing(shape),
        *paths(shape),
        *slopes(shape),
        *weights(shape),
        *messages(),
        *truncations(shape),
        *skips(),
        *clips(shape),
        *caches(),
        *credits(),
    )
