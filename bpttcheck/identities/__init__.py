"""The registry: every identity, declared once.

from bpttcheck.identities import REGISTRY
REGISTRY["scalar-rnn.terminal-state"]
"""

from bpttcheck.identities import (
    activation_functions,
    compiled_loops,
    coupled_lstm,
    flax_mgu,
    gradient_clipping,
    gru,
    gru_gradients,
    gru_jacobians,
    imported_functions,
    jacobians,
    layers,
    lstm,
    lstm_gradients,
    lstm_jacobians,
    masks,
    mgu,
    mgu_paths,
    output_loss,
    peephole_lstm,
    projection_lstm,
    readout,
    rescaled,
    rnn,
    scalar_algorithms,
    scalar_recursion,
    steps,
    symmetries,
    temporal,
    truncation,
    vanishing,
    witnesses,
)
from bpttcheck.statements.identity import Registry

REGISTRY = Registry()
REGISTRY.add(*activation_functions.ALL, *output_loss.ALL)
REGISTRY.add(*scalar_recursion.ALL, *scalar_algorithms.ALL)
REGISTRY.add(*rnn.ALL, *readout.ALL, *jacobians.ALL, *steps.ALL)
REGISTRY.add(*temporal.ALL, *vanishing.ALL, *gradient_clipping.ALL, *symmetries.ALL)
REGISTRY.add(*witnesses.ALL, *rescaled.ALL)
REGISTRY.add(*lstm.ALL, *lstm_gradients.ALL, *lstm_jacobians.ALL)
REGISTRY.add(*gru.ALL, *gru_gradients.ALL, *gru_jacobians.ALL)
REGISTRY.add(*truncation.ALL, *masks.ALL, *layers.ALL)
REGISTRY.add(*imported_functions.ALL, *compiled_loops.ALL)
REGISTRY.add(*mgu.ALL, *mgu_paths.ALL, *coupled_lstm.ALL)
REGISTRY.add(*peephole_lstm.ALL, *projection_lstm.ALL, *flax_mgu.ALL)
