"""Runs: an evaluated example of a model, every quantity named, in any number system."""

from bpttcheck.runs import (
    activations,
    clipping,
    gru,
    lstm,
    rnn,
    scalar_rnn,
    softmax_nll,
    symmetries,
)

MODELS = {
    module.MODEL.name: module.MODEL
    for module in (activations, softmax_nll, scalar_rnn, rnn, symmetries, lstm, gru, clipping)
}
