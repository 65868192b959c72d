"""The cells that a diagnosis knows: those declared, and further forms that people write them in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bpttcheck.activations import BY_NAME, Activation, tanh
from bpttcheck.cells import coupled_lstm, mgu
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.gru import RESETS, gru
from bpttcheck.cells.lstm import GATES, STATES, lstm
from bpttcheck.cells.rnn import rnn
from bpttcheck.cells.step import Step

HALVED = Activation(
    "tanh(a/2)", lambda a: np.tanh(a / 2), lambda a: np.asarray(tanh.derivative(a / 2)) / 2
)
"""What some write σ with, and some take for an activation."""


def lets_in(s: Step) -> None:
    """Make the coupled cell with the gate that lets in, and forgets as much."""
    o, i, g = s.gates("oig", s.before("h"))
    s.state("c", (1 - i) * s.carried("c") + i * g)
    s.state("h", o * s.squashed("c"))


def replaces(s: Step) -> None:
    """Make the mean of old and new whose gate replaces, the reset before the product."""
    h = s.before("h")
    z, r = s.gates("zr", h)
    g = s.gate("g", r * h)
    s.state("h", (1 - z) * s.carried("h") + z * g)


def replaces_after(s: Step) -> None:
    """Make the mean of old and new whose gate replaces, the reset after the product."""
    h = s.before("h")
    z, r = s.gates("zr", h)
    g = s.gate("g", plus=r * s.product("g", h))
    s.state("h", (1 - z) * s.carried("h") + z * g)


def _replacing(reset: str) -> Cell:
    step = replaces_after if reset == "after" else replaces
    return replace(gru(reset), step=step, factors=None)


_LETS_IN = Cell(
    "", "", {k: gate for k, gate in GATES.items() if k != "f"}, lets_in, STATES, path="c"
)
_WORDS = {
    **{rnn(phi): f"a vanilla RNN, {phi.name}" for phi in (*BY_NAME.values(), HALVED)},
    lstm(): "an LSTM",
    **{gru(r): f"a GRU, reset {r} the product, z keeps the state" for r in RESETS},
    **{_replacing(r): f"a GRU, reset {r} the product, 1 − z keeps the state" for r in RESETS},
    coupled_lstm.CELL: "an LSTM with coupled gates, f keeps the cell",
    lstm(forget=False): "an LSTM without forget gate",
    _LETS_IN: "an LSTM with coupled gates, 1 − i keeps the cell",
    mgu.CELL: "a minimal gated unit",
}

KNOWN = tuple(_WORDS)
"""The cells that are recognised unasked, the commonest first."""


def is_known(cell: Cell | None) -> bool:
    """Tell whether it is no cell of somebody's own: recognised unasked, or not at all."""
    return cell is None or cell in _WORDS


def said(cell: Cell) -> str:
    """Return what a cell is called in a sentence."""
    return _WORDS.get(cell) or f"the cell {cell.name!r}"
