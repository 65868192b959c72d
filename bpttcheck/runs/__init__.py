"""Runs: an evaluated example of a model, every quantity named, in any number system."""

from bpttcheck.runs import (
    activations,
    cells,
    clipping,
    rnn,
    scalar_rnn,
    softmax_nll,
    stack,
    symmetries,
    truncation,
)

BEFORE = (activations, softmax_nll, scalar_rnn, rnn, symmetries)
AFTER = (clipping, truncation, stack)
lstm, gru = cells.lstm, cells.gru  # as a pasted case names them
mgu, coupled_lstm = cells.mgu, cells.coupled_lstm

MODELS = {
    known.MODEL.name: known.MODEL for known in (*BEFORE, lstm, gru, *AFTER, mgu, coupled_lstm)
}
