"""A cell's factors of all steps at once, with the slopes of its gates and the mask in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.arrays import where_taken
from bpttcheck.cells.factors import Values
from bpttcheck.cells.run import Run

Edge = tuple[str, str]


@dataclass(frozen=True)
class LocalDerivatives:
    """∂over/∂under of all steps by (over, under), (T, B, n) each, and the slope of each gate.

    Where no step takes place a state is what it was, and nothing depends on anything else.
    """

    factors: Mapping[Edge, Any]
    slopes: Mapping[str, Array]

    def into_gate(self, edge: Edge, out: Array | None = None) -> Array:
        """Return ∂over/∂a_k for an edge (over, k): the factor times the slope of the gate."""
        factor, slope = self.factors[edge], self.slopes[edge[1]]
        if out is None and isinstance(factor, int) and factor == 1:
            return slope
        return np.asarray(np.multiply(slope, factor, out=out))


def local_derivatives(weights: Mapping[str, Array], run: Run) -> LocalDerivatives:
    """Return what each thing in a step does to each other, of all steps."""
    cell, mask = run.cell, run.mask
    assert cell.factors is not None
    found: dict[Edge, Any] = {}
    for over, by in cell.factors(_values(weights, run)).items():
        like = run.made[over][1:] if over in cell.states else run.made[over]
        for under, factor in by.items():
            if type(factor) is not np.ndarray or factor.shape != like.shape:
                if under not in cell.gates:
                    factor = 0 * like + factor  # a number, or a weight: the same at every step
                elif np.ndim(factor):
                    factor = np.broadcast_to(factor, like.shape)
            found[over, under] = factor
    slopes = _slopes(run)
    if mask is not None:
        slopes = {k: where_taken(slope, mask) for k, slope in slopes.items()}
        found = {
            edge: factor if edge[1] in cell.gates else where_taken(factor, mask)
            for edge, factor in found.items()
        }
        for k in cell.states:
            zero = 0 * run.made[k][1:]
            rest = np.where(mask[..., None], zero, zero + 1)
            known = found.get((k, f"{k}-"))
            found[k, f"{k}-"] = rest if known is None else known + rest
    return LocalDerivatives(found, slopes)


def _values(weights: Mapping[str, Array], run: Run) -> Values:
    """Return what a cell's factors are made of."""
    cell = run.cell
    values = dict(run.made) | {k: weights[k] for k in cell.weights}
    for k in cell.states:
        values |= {k: run.made[k][1:], f"{k}-": run.made[k][:-1]}
    return Values(values, cell.squash)


def _slopes(run: Run) -> dict[str, Array]:
    """Return the derivative of each gate by what it squashes; of gates side by side at once."""
    order, gates = run.cell.graph.order, run.cell.gates
    n = run.stack.shape[-1] // len(order)
    slopes: dict[str, Array] = {}
    first = 0
    for j, k in enumerate(order):
        squash = gates[k].squash
        if j + 1 == len(order) or gates[order[j + 1]].squash is not squash:
            slope = squash.derivative(run.stack[..., first * n : (j + 1) * n])
            for i in range(first, j + 1):
                slopes[order[i]] = slope[..., (i - first) * n : (i - first + 1) * n]
            first = j + 1
    return slopes
