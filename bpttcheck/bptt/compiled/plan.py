"""What a cell's loops are compiled to at given sizes: lists of operations, and where things lie."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.compiled.operations import Operand
from bpttcheck.bptt.compiled.traced_step import TracedStep
from bpttcheck.bptt.compiled.traced_way_back import TracedWayBack
from bpttcheck.bptt.compiled.workspace import Workspace
from bpttcheck.cells.arrays import spans
from bpttcheck.cells.cell import Cell


class Weight(NamedTuple):
    """A weight: its shape, where it lies from the beginning, zeros where it may be left out."""

    shape: tuple[int, ...]
    own: slice
    zeros: Array | None


class Plan:
    """The loops of a cell at given sizes.

    Attributes:
        workspace, step, way_back: where things lie.
        size: how much there is to work on; ``there_size`` of it for the way there alone.
        there, back: the operations, and where their sections end.
        spans: first step and last of each block.
        weights: by name, in the order in which they lie.
        constants: rows of them.
        marks: where things begin and end, as the compiled loop is told.
    """

    def __init__(
        self, cell: Cell, sizes: dict[str, int], keep: bool, rows: int | None = None
    ) -> None:
        steps = np.broadcast_to(0.0, (sizes["T"], sizes["B"], 1))
        blocks = [slice(0, sizes["T"])] if keep else spans(steps, rows)
        self.spans = np.array([(b.start, b.stop) for b in blocks], dtype=np.int64)
        longest = max(b.stop - b.start for b in blocks)
        self.cell, self.workspace = cell, Workspace(cell, sizes | {"L": longest})
        self.step = TracedStep(self.workspace, keep)
        self.there_size = self.workspace.size
        self.way_back = TracedWayBack(self.step)
        self.size = self.workspace.size
        self.there = self.step.operations.table()
        self.back = self.way_back.operations.table()
        self.constants = self.workspace.constant_rows()
        self.weights = {}
        for name, shape in self.workspace.shapes.items():
            first = self.workspace.starts[name]
            zeros = np.zeros(shape) if len(shape) == 1 else None
            self.weights[name] = Weight(shape, slice(first, first + math.prod(shape)), zeros)
        self.no_state = {k: np.zeros(sizes["B"] * self.workspace.width(k)) for k in cell.states}
        step, back = self.step, self.way_back
        scores = sizes["T"] * sizes["B"] * sizes["p"]
        inputs = sizes["T"] * sizes["B"] * sizes["m"]
        s, x, end = step.s.base, back.dx.base, back.end if keep else back.sums_end
        marks = [0, self.workspace.given, step.a.base, s + scores, s, s + scores, back.sums, end]
        self.marks = np.array([*marks, x, x + inputs, sizes["p"]], dtype=np.int64)


@lru_cache(128)
def plan(
    cell: Cell,
    T: int,
    B: int,
    m: int,
    n: int,
    p: int,
    r: int,
    keep: bool = False,
    rows: int | None = None,
) -> Plan | None:
    """Return the plan, or None for a cell whose step does what no list of operations says.

    Arguments:
        cell: whose loops they are.
        T: steps.
        B: sequences.
        m: inputs.
        n: entries of a gate.
        p: scores.
        r: entries of the state that the output layer reads.
        keep: whether every pre-activation is kept, and ∂L/∂ of it and of every state, all steps
            one block on the way back.
        rows: of a block of steps, if not as many as NumPy's loops have: it changes no result.
    """
    sizes = {"T": T, "B": B, "m": m, "n": n, "p": p} | {cell.width("h"): r}
    try:
        return Plan(cell, sizes, keep, rows)
    except Exception:  # whatever a step does to arrays that a traced value does not know
        return None


def view(w: Array, at: Operand, *lead: int) -> Array:
    """Return what lies at a place, all rows of it: (T, B, n), or (T, n)."""
    rows = math.prod(lead)
    return w[at.base : at.base + rows * at.width].reshape(*lead, at.width)
