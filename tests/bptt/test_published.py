"""The forward pass against worked examples that others have published, digit for digit."""

import numpy as np
import pytest

from bpttcheck import rnn, scalar_rnn


def test_a_relu_network_by_hand():
    """AI Stack Exchange, answer 45731 (after T. Yeh's exercise): whole numbers, two steps printed.

    It is the orientation of W and V that this pins: the states are columns, W acts on the left.
    """
    params = {"U": [[1], [2]], "W": [[1, -1], [1, 1]], "V": [[-1, 1]]}
    run = rnn.forward(params, [[3], [4]], phi="relu")
    assert run.h.tolist() == [[0, 0], [3, 6], [1, 17]]
    assert run.s.tolist() == [[3], [16]]
    transposed = rnn.forward({**params, "W": [[1, 1], [-1, 1]]}, [[3], [4]], phi="relu")
    assert transposed.h[2].tolist() != [1, 17]


def test_three_steps_of_tanh():
    """A. Paul's deep learning tutorial: x = 0.7, 0.5, 0.2 and h_0 = 0.1, three digits a state.

    Each printed state is cut off after three digits, and goes as printed into the next step: off
    by less than 10⁻³, of which w = 0.5 hands on half at most.
    """
    params = {"U": [[0.9]], "W": [[0.5]], "V": [[1.0]], "b": [0.3]}
    h = rnn.forward(params, [[0.7], [0.5], [0.2]], h0=[0.1]).h[1:, 0]
    error = 0.0
    for state, printed in zip(h, (0.753, 0.809, 0.708), strict=True):
        error = 1e-3 + 0.5 * error
        assert abs(state - printed) <= error
    # The scalar network has no bias; an input of 0.3/0.9 more stands for it.
    x = np.array([0.7, 0.5, 0.2]) + 0.3 / 0.9
    same = scalar_rnn.forward({"w": 0.5, "v": 0.9}, x, h0=0.1).h[1:]
    # At most 8 roundings of numbers below one go into the two pre-activations, tanh is right to
    # 4 ulp twice: 16 u a step, of which half is handed on.
    assert (np.abs(same - h) <= 32 * 2.0**-53).all()


@pytest.mark.parametrize("transpose", [False, True])
def test_a_matrix_of_input_weights(transpose):
    """PixelBank, exercise on a single step: tanh of (1.7, 2.3), to four digits."""
    U = np.array([[0.5, 0.6], [0.7, 0.8]])
    params = {"U": U.T if transpose else U, "W": [[0.1, 0.2], [0.3, 0.4]], "V": [[1, 1]]}
    h = rnn.forward(params, [[1, 2]]).h[1]
    assert (np.abs(h - [0.9354, 0.9801]) <= 0.5e-4).all() == (not transpose)
