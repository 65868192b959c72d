"""The reference cells over intervals: what rounding can make of outputs and gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce

import numpy as np

from bpttcheck.activations import Activation, linear, relu
from bpttcheck.arithmetic.balls import precision
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.rounding import rounded, units
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.forward import equations
from bpttcheck.conformance.axes import Sizes

BITS = 160
"""Of the intervals' midpoints: far more than what they enclose."""

WORK = 300_000
"""At most so many products, forward and back: some seconds."""


def _tanh_slope(a: Array) -> Array:
    """Return 1 − tanh², as most programs have it."""
    h = np.tanh(a)
    return np.asarray(1 - h * h)


def _sigmoid(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)))


def _sigmoid_slope(a: Array) -> Array:
    s = _sigmoid(a)
    return np.asarray(s * (1 - s))


# What is more accurate, as our own slopes are, lies within as well.
PHI = {
    "tanh": Activation("tanh", np.tanh, _tanh_slope),
    "sigmoid": Activation("sigmoid", _sigmoid, _sigmoid_slope),
    "relu": relu,
    "linear": linear,
}


def _sum(parts: list[Array]) -> Array:
    """Return the sum of what a weight is made of: two biases, say, whose sum is rounded."""
    return reduce(np.add, parts)


@dataclass(frozen=True)
class Enclosure:
    """Intervals around all states h_1, …, h_T, and around each gradient."""

    h: Array
    gradients: Mapping[str, Array]


def products(cell: Cell, sizes: Sizes) -> int:
    """Return how many products the reference takes, forward and back."""
    matrices = [axes for axes in cell.axes.values() if len(axes) == 2 and "p" not in axes]
    return 3 * sizes["T"] * sizes["B"] * sum(sizes[a] * sizes[b] for a, b in matrices)


def terms(cell: Cell, sizes: Sizes) -> int:
    """Return the length of the longest sum: a pre-activation, a message back, or a gradient."""
    gates, m, n = len(cell.gates), sizes["m"], sizes["n"]
    weighed = m + sizes[cell.width("h")] + 3 + len(cell.weights)  # what a step may add, as well
    return max(weighed, gates * n + 3, gates * m, sizes["T"] * sizes["B"] + 1)


def enclosed(
    cell: Cell,
    phi: str,
    weights: Mapping[str, list[Array]],
    x: Array,
    states: Mapping[str, Array],
    dh: Array,
    unit: float,
) -> Enclosure:
    """Return what programs with a unit roundoff can make of outputs and gradients.

    Arguments:
        cell: the reference cell.
        phi: activation of a vanilla RNN.
        weights: by the names of the reference, what each is the sum of.
        x: inputs (T, B, m).
        states: by name, ``h0`` and the others, (B, n).
        dh: cotangents of all states, (T, B, n).
        unit: 2⁻⁵³ for float64, 2⁻²⁴ for float32.

    Raises:
        Inapplicable: a ReLU whose argument lies within rounding of zero.
    """
    n = len(weights[next(name for name, axes in cell.axes.items() if axes == ("n", "m"))][0])
    sizes = dict(zip("TBm", x.shape, strict=True)) | {"n": n, cell.width("h"): dh.shape[-1]}
    wide = units(unit, terms(cell, sizes))
    with precision(BITS):
        own = {k: _sum([rounded(a, wide) for a in parts]) for k, parts in weights.items()}
        inputs, back = rounded(x, wide), rounded(dh, wide)
        start = {k: rounded(a, wide) for k, a in states.items()}
        out = np.eye(dh.shape[-1])  # h itself
        own |= {"V": rounded(out, wide), "b_s": rounded(0 * out[0], wide)}
        form = _as_programs_have_it(cell, phi)
        run = equations(form, own, inputs, {k: start[f"{k}0"] for k in form.states})
        found = recursion(own, run, back)
        initial = {f"{k}0": found.steps[k][0] for k in form.states}
        return Enclosure(run.h[1:], {**found.weights, "x": found.dx, **initial})


@cache
def _as_programs_have_it(cell: Cell, phi: str) -> Cell:
    """Return a cell whose slopes are those that most programs compute, less accurate than ours."""
    gates = {
        k: replace(gate, squash=PHI[gate.squash.name if k else phi])
        for k, gate in cell.gates.items()
    }
    return replace(cell, gates=gates, squash=PHI[cell.squash.name])
