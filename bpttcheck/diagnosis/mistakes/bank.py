"""Every mistake that a diagnosis tries, of any cell: edges of its graph, and what happens there."""

from __future__ import annotations

from functools import cache

from bpttcheck.cells.cell import Cell
from bpttcheck.diagnosis.mistakes.messages import caches, clips, messages, skips, truncations
from bpttcheck.diagnosis.mistakes.mistake import Pass
from bpttcheck.diagnosis.mistakes.outputs import injections, losses
from bpttcheck.diagnosis.mistakes.sharing import sharing
from bpttcheck.diagnosis.mistakes.slopes import slopes
from bpttcheck.diagnosis.mistakes.state_paths import paths
from bpttcheck.diagnosis.mistakes.step_factors import factors
from bpttcheck.diagnosis.mistakes.weights import credits, weights
from bpttcheck.diagnosis.recognition.shape import shape_of


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
