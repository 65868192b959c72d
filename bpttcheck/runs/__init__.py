"""Runs: an evaluated example of a model, every quantity named, in any number system."""

from bpttcheck.runs import (
    activation_model,
    cells,
    clipping_model,
    compiled_model,
    functions_model,
    masked_model,
    rnn_model,
    scalar_rnn_model,
    softmax_nll_model,
    stack_model,
    symmetry_model,
    truncation_model,
)

# By the names of the models, as a pasted case has them: ``from bpttcheck.runs import rnn``.
activations, softmax_nll = activation_model, softmax_nll_model
scalar_rnn, rnn, symmetries = scalar_rnn_model, rnn_model, symmetry_model
clipping, truncation, stack = clipping_model, truncation_model, stack_model
masked, compiled, functions = masked_model, compiled_model, functions_model
lstm, gru, mgu, coupled_lstm = cells.lstm, cells.gru, cells.mgu, cells.coupled_lstm
peephole_lstm, projection_lstm = cells.peephole_lstm, cells.projection_lstm
flax_mgu = cells.flax_mgu

MODELS = {
    known.MODEL.name: known.MODEL
    for known in (
        activations,
        softmax_nll,
        scalar_rnn,
        rnn,
        symmetries,
        lstm,
        gru,
        clipping,
        truncation,
        masked,
        functions,
        compiled,
        stack,
        mgu,
        coupled_lstm,
        peephole_lstm,
        projection_lstm,
        flax_mgu,
    )
}
