"""The cells of the package as runs, made from their declarations."""

from __future__ import annotations

from dataclasses import replace

from bpttcheck.activations import Activation, sigmoid
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells import coupled_lstm as coupled
from bpttcheck.cells import flax_mgu as flax_cell
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.cells import mgu as mgu_cell
from bpttcheck.cells import peephole_lstm as peephole
from bpttcheck.cells import projection_lstm as projection
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.runs.cell_model import CellRuns

PEEPHOLES = {"i": "input", "f": "forget", "o": "output"}


def _open(a: Array) -> Array:
    return 0 * sigmoid.value(a) + 1  # of a symbol: 0 · a would have the degree of all before


def _never_closing(a: Array) -> Array:
    return 0 * sigmoid.value(a)


def _never_forgets() -> Cell:
    """Return the LSTM of 1997 as one whose forget gate is always open, f_t = 1.

    So f_t has a place in its statements. That it is what ``forget=False`` runs, a test holds.
    """
    always = Gate("forget gate", Activation("open", _open, _never_closing))
    full = lstm_cell.lstm()
    return replace(full, gates={**full.gates, "f": always})


lstm = CellRuns(
    lstm_cell.lstm(),
    __name__,
    kinds=("forget", {"gate": lstm_cell.lstm(), "none": _never_forgets()}),
    meanings={
        "i": "input gate: how much of the candidate enters the cell",
        "f": "forget gate: how much of the cell before stays",
        "g": "candidate: what may enter the cell",
        "o": "output gate: how much of the squashed cell is the state",
    },
    exact=(
        ("arbitrary", "gate", 1, 1, 1, 1, 1),
        ("arbitrary", "none", 2, 1, 1, 2, 1),
        ("arbitrary", "gate", 3, 1, 1, 2, 2),
        ("nll", "gate", 2, 2, 2, 1, 2),
    ),
    most_examples=None,
)

gru = CellRuns(
    gru_cell.gru("after"),
    __name__,
    kinds=("reset", {word: gru_cell.gru(word) for word in gru_cell.RESETS}),
    letters={"s": "o", "b_s": "c"},
    meanings={
        "z": "update gate: how much of the state before is kept",
        "r": "reset gate: how much of the state before the candidate sees",
        "g": "candidate for the new state",
        "b_Wg": "bias beside W_g that the reset gate scales too, n",
    },
    exact=(
        ("arbitrary", "before", 1, 1, 1, 1, 1),
        ("arbitrary", "after", 1, 1, 1, 1, 1),
        ("arbitrary", "before", 3, 1, 1, 2, 2),
        ("arbitrary", "after", 3, 1, 1, 2, 2),
        ("nll", "after", 2, 2, 2, 1, 2),
    ),
    most_examples=None,
)

mgu = CellRuns(mgu_cell.CELL, __name__)
coupled_lstm = CellRuns(coupled.CELL, __name__)
peephole_lstm = CellRuns(
    peephole.CELL,
    __name__,
    meanings={f"P_{k}": f"peephole of the {words} gate, n" for k, words in PEEPHOLES.items()},
)
projection_lstm = CellRuns(
    projection.CELL,
    __name__,
    meanings={"R": "projection of what the output gate lets out, r×n"},
    exact=(("arbitrary", 3, 1, 1, 2, 2, 1), ("nll", 2, 2, 2, 1, 2, 2)),
)
flax_mgu = CellRuns(
    flax_cell.CELL,
    __name__,
    meanings={"b_Wg": "bias beside W_g that the gate scales too, n"},
)

CELLS = {
    runs.cell.name: runs
    for runs in (lstm, gru, mgu, coupled_lstm, peephole_lstm, projection_lstm, flax_mgu)
}
