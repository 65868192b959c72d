"""How large gradients would be if no gate were saturated: what little of them is rounding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.cells.cell import of
from bpttcheck.conformance.back import Back
from bpttcheck.conformance.steps_forward import CellProgram, EnclosedSteps, Made


def unsaturated(
    program: CellProgram, run: EnclosedSteps, back: Back, met: Made, first: Made, x: Array
) -> dict[str, float]:
    """Return the size of the largest entry of each gradient, each slope of a step at its largest.

    Arguments:
        program: the cell.
        run: its steps.
        back: its steps back.
        met: ∂L/∂ of all that they made.
        first: ∂L/∂ of the initial states.
        x: inputs, (T, B, m).
    """
    cell, graph = program.cell, program.cell.graph
    d = back.steepest()({k: met[k] for k in cell.states})
    gates = {k: _rows(d[of("a", k)]) for k in graph.order}
    read = {
        k: _rows(run.before["h"] if r == "h-" else run.made[r]) for k, r in program.read.items()
    }
    found = {}
    for k, da in gates.items():
        found[of("U", k)] = _largest(da.T @ np.abs(x).reshape(len(da), -1))
        found[of("b", k)] = found[f"b_W{k}"] = _largest(da.sum(axis=0))
        if k in read:
            found[of("W", k)] = _largest(da.T @ read[k])
    for name, node in graph.linear:
        found[name] = _largest(_rows(d[node]).T @ _rows(run.made[f"read_{name}"]))
    everything = max(_largest(_rows(a)) for a in d.values())
    found |= {k: everything for k in cell.weights if k not in found}
    found |= {f"{k}0": max(_largest(_rows(d[k])), _largest(_rows(first[k]))) for k in cell.states}
    sizes: Mapping[str, Array] = {k: np.abs(program.weights[of("U", k)].mid) for k in gates}
    return found | {"x": _largest(sum(da @ sizes[k] for k, da in gates.items()))}


def _rows(a: MidRad) -> Array:
    return np.abs(a.mid).reshape(-1, a.shape[-1])


def _largest(a: Array | int) -> float:
    return float(np.max(a, initial=0.0))
