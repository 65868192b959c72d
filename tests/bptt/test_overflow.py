"""What leaves the range of the dtype is refused in our words, whatever NumPy is told to do then."""

import numpy as np
import pytest

from bpttcheck import Activation, lstm, rnn
from tests.bptt.forms import problem
from tests.refusals import refuses

SQUARE = Activation("square", np.square, lambda a: 2 * a)
MOST = np.finfo(float).max


def overflowing(network):
    """Return calls that overflow, each by the beginning of its message."""
    _, params, x, *_ = problem(network.cell.name, 3, 2, 4, 5, 3, 0)
    steep = {k: 1e250 * a if k[0] in "WU" else a for k, a in params.items()}
    U = next(k for k in params if k[0] == "U")
    run, zero = network.forward(params, x), network.forward(steep, 0 * x)
    targets, many = np.full((3, 2, 3), 1e200), np.full((3, 2, 3), MOST)
    return {
        "forward: ": lambda: network.forward(steep, 1e100 * x),
        "backward: ": lambda: network.backward(params, run, many),
        "value_and_grad: ": lambda: network.value_and_grad(
            params, x, targets, loss="squared_error"
        ),
        "state_jacobian: ": lambda: network.state_jacobian(steep, zero, 3, 0),
        "total_derivative: ": lambda: network.total_derivative(steep, run, 3, U),
    }


@pytest.mark.parametrize("told", ["raise", "warn", "ignore"])
@pytest.mark.parametrize("network", [rnn, lstm], ids=["rnn", "lstm"])
def test_what_overflows_is_refused(network, told):
    for message, call in overflowing(network).items():
        with np.errstate(all=told):
            refuses(call, ArithmeticError, message)


def test_the_state_that_a0_makes_may_overflow():
    _, params, x, *_ = problem("rnn", 3, 2, 4, 5, 3, 0)
    with np.errstate(all="raise"):
        refuses(
            lambda: rnn.forward(params, x, a0=np.full((2, 5), 1e200), phi=SQUARE),
            OverflowError,
            "h0 = φ(a0): overflows float64",
        )
