"""bpttcheck: backpropagation through time, derived once and checked in every number system.

    from bpttcheck import scalar_rnn, softmax, nll, nll_gradient
    run = scalar_rnn.forward({"w": 0.5, "v": 1.0}, x=[1.0, -1.0])
    loss, grads = scalar_rnn.value_and_grad({"w": 0.5, "v": 1.0}, [1.0, -1.0], [0.0, 1.0])

Everything here needs NumPy alone. The registry of identities and the claims of the sources are in
``bpttcheck.identities`` and ``bpttcheck.claims``; what decides them is ``bpttcheck.verification``.
"""

from bpttcheck import adaptors
from bpttcheck.activations import Activation, identity, relu, sigmoid, tanh
from bpttcheck.bptt import gru, lstm, rnn, scalar_rnn, stack, truncated
from bpttcheck.bptt.coupled_lstm import coupled_lstm
from bpttcheck.bptt.initialisation import initial_weights, orthogonal
from bpttcheck.bptt.mgu import mgu
from bpttcheck.check import Report, assert_gradients, check_gradients
from bpttcheck.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from bpttcheck.losses import Loss, squared_error
from bpttcheck.softmax_nll import log_softmax, nll, nll_gradient, softmax

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Loss",
    "Report",
    "__version__",
    "adaptors",
    "assert_gradients",
    "check_gradients",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "coupled_lstm",
    "gru",
    "identity",
    "initial_weights",
    "log_softmax",
    "lstm",
    "mgu",
    "nll",
    "nll_gradient",
    "orthogonal",
    "relu",
    "rnn",
    "scalar_rnn",
    "sigmoid",
    "softmax",
    "squared_error",
    "stack",
    "tanh",
    "truncated",
]
