"""Runs: an evaluated example of a model, every quantity named, in any number system."""

from bpttcheck.runs import (
    activations,
    cells,
    clipping,
    gru,
    lstm,
    rnn,
    scalar_rnn,
    softmax_nll,
    stack,
    symmetries,
    truncation,
)

WRITTEN = (activations, softmax_nll, scalar_rnn, rnn, symmetries, lstm, gru, clipping, truncation,
           stack)  # fmt: skip
MODELS = {module.MODEL.name: module.MODEL for module in WRITTEN} | {
    name: runs.MODEL for name, runs in cells.CELLS.items()
}

mgu, coupled_lstm = cells.mgu, cells.coupled_lstm  # as a pasted case names them
