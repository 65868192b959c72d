"""Runs: an evaluated example of a model, every quantity named, in any number system."""

from bpttcheck.runs import activations, clipping, rnn, scalar_rnn, softmax_nll, symmetries

MODELS = {
    model.name: model
    for model in (
        activations.MODEL, softmax_nll.MODEL, scalar_rnn.MODEL, rnn.MODEL, symmetries.MODEL,
        clipping.MODEL,
    )
}  # fmt: skip
