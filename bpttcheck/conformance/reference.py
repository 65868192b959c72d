"""The reference cells over intervals: what rounding can make of outputs and gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from bpttcheck.activations import Activation, linear, relu
from bpttcheck.arithmetic.balls import precision
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.rounding import rounded, units
from bpttcheck.bptt import cell as declared
from bpttcheck.bptt import gru, lstm, rnn
from bpttcheck.bptt.recurrence import DECLARED
from bpttcheck.cells import cell as declared_cell
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.cells import rnn as rnn_cell
from bpttcheck.cells.rnn import Weights
from bpttcheck.conformance.layout import CELLS

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


def products(cell: str, T: int, B: int, m: int, n: int) -> int:
    """Return how many products the reference takes, forward and back."""
    gates = sum(name.startswith("W_") or name == "W" for name in CELLS[cell])
    return 3 * T * B * gates * n * (n + m)


def terms(cell: str, T: int, B: int, m: int, n: int) -> int:
    """Return the length of the longest sum: a pre-activation, a message back, or a gradient."""
    gates = sum(name.startswith("W_") or name == "W" for name in CELLS[cell])
    return max(m + n + 3, gates * n + 3, gates * m, T * B + 1)


def enclosed(
    cell: str, phi: str, weights: Mapping[str, list[Array]], x: Array, states: Mapping[str, Array],
    dh: Array, unit: float,
) -> Enclosure:  # fmt: skip
    """Return what programs with a unit roundoff can make of outputs and gradients.

    Arguments:
        cell: of ``CELLS``.
        phi: activation of a vanilla RNN.
        weights: by the names of the reference, what each is the sum of.
        x: inputs (T, B, m).
        states: ``h0`` (B, n), and ``c0`` of an LSTM.
        dh: cotangents of all states, (T, B, n).
        unit: 2⁻⁵³ for float64, 2⁻²⁴ for float32.

    Raises:
        Inapplicable: a ReLU whose argument lies within rounding of zero.
    """
    (T, B, m), n = x.shape, dh.shape[-1]
    wide = units(unit, terms(cell, T, B, m, n))
    with precision(BITS):
        own = {k: _sum([rounded(a, wide) for a in parts]) for k, parts in weights.items()}
        inputs, back = rounded(x, wide), rounded(dh, wide)
        start = {k: rounded(a, wide) for k, a in states.items()}
        readout = rounded(np.eye(n), wide)  # the loss reads h itself
        slopes = (_sigmoid_slope, _tanh_slope)
        if cell == "rnn":
            given = Weights(own["U"], own["W"], readout, own["b"])
            run = rnn_cell.equations(given, inputs, start["h0"], PHI[phi])
            found = rnn.recursion(given, run, back)
            gradients = {"U": found.dU, "W": found.dW, "b": found.db}
            return Enclosure(run.h[1:], gradients | {"x": found.dx, "h0": found.dh[0]})
        if cell == "lstm":
            own |= {"V": readout, "b_s": rounded(np.zeros(n), wide)}
            lstm_run = lstm_cell.equations(own, inputs, start["h0"], start["c0"])
            pulled = lstm.recursion(own, lstm_run, back, slopes=slopes)
            last = {"x": pulled.dx, "h0": pulled.dh[0], "c0": pulled.dc[0]}
            return Enclosure(lstm_run.h[1:], {**pulled.weights, **last})
        if cell in DECLARED:
            own |= {"V": readout, "b_s": rounded(np.zeros(n), wide)}
            return _declared(DECLARED[cell], own, inputs, start, back)
        own |= {"V": readout, "c": rounded(np.zeros(n), wide)}
        reset = "after" if cell.endswith("after") else "before"
        gru_run = gru_cell.equations(own, inputs, start["h0"], reset=reset)
        through = gru.recursion(own, gru_run, back, slopes=slopes)
        both = {**through.weights, "x": through.dx, "h0": through.dh[0]}
        return Enclosure(gru_run.h[1:], both)


def _declared(
    network: declared.Network, own: Mapping[str, Array], x: Array, states: Mapping[str, Array],
    dh: Array,
) -> Enclosure:  # fmt: skip
    """Return the same for a cell that is declared by its shape."""
    gates = {k: replace(gate, squash=PHI[gate.squash.name])
             for k, gate in network.cell.gates.items()}  # fmt: skip
    form = replace(network.cell, gates=gates, squash=PHI[network.cell.squash.name])
    run = declared_cell.equations(form, own, x, {k: states[f"{k}0"] for k in form.states})
    found = declared.recursion(form, network.back, own, run, dh)
    initial = {f"{k}0": found.steps[k][0] for k in form.states}
    return Enclosure(run.h[1:], {**found.weights, "x": found.dx, **initial})
