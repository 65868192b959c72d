"""The scalar RNN's functions: values worked by hand, shapes, reductions, anything pluggable."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import Activation, Loss, scalar_rnn

PARAMS = {"w": 2.0, "v": 3.0}
EPS = np.finfo(float).eps


def test_worked_by_hand():
    # s_1 = 2·1 + 3·1 = 5, s_2 = 2·5 + 3·(−1) = 7; ŷ = (5, 7); L = ½(5−4)² + ½(7−9)² = 2.5
    # δ_2 = −2, δ_1 = 1 + 2·(−2) = −3; dw = −3·1 − 2·5; dv = −3·1 − 2·(−1); dh_0 = 2·(−3)
    loss, grads = scalar_rnn.value_and_grad(PARAMS, [1, -1], [4, 9], h0=1, phi="linear")
    assert loss == 2.5
    assert grads["w"] == -13
    assert grads["v"] == -1
    assert grads["h0"] == -6
    assert grads["x"].tolist() == [-9, -6]


def test_a_saturated_sigmoid_worked_by_hand():
    # h_1 = σ(0) = 1/2, ŷ_1 = 1/2, y = 0: L = 1/8, ∂L/∂s_1 = 1/2 · 1 · 1/4 = 1/8
    params = {"w": 0.0, "v": 1.0}
    loss, grads = scalar_rnn.value_and_grad(params, [0.0], [0.0], phi="sigmoid")
    assert loss == 0.125
    assert grads["x"].tolist() == [0.125]


def test_forward_names_every_intermediate():
    run = scalar_rnn.forward(PARAMS, [1.0, -1.0], h0=1.0, phi="relu", theta="linear")
    assert run.s.tolist() == [5, 7]
    assert run.h.tolist() == [1, 5, 7]
    assert run.y_hat.tolist() == [5, 7]


@given(T=st.integers(1, 20), B=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_a_batch_is_its_sequences(T, B, seed):
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((2, T, B))
    h0 = random.standard_normal(B)
    params = {"w": random.standard_normal(), "v": random.standard_normal()}
    loss, grads = scalar_rnn.value_and_grad(params, x, y, h0=h0)
    alone = [scalar_rnn.value_and_grad(params, x[:, b], y[:, b], h0=h0[b]) for b in range(B)]
    for b in range(B):
        assert (grads["x"][:, b] == alone[b][1]["x"]).all()
        assert grads["h0"][b] == alone[b][1]["h0"]
    # Sums over T·B terms, in another order.
    for name in ("w", "v"):
        terms = sum(abs(g[name]) for _, g in alone) + np.abs(grads["x"]).sum() * T
        assert abs(grads[name] - sum(g[name] for _, g in alone)) <= 4 * T * B * EPS * max(terms, 1)
    assert abs(loss - sum(value for value, _ in alone)) <= T * B * EPS * loss


def test_mean_is_the_sum_over_steps_and_sequences_divided():
    x = np.arange(6.0).reshape(3, 2) / 8
    loss, grads = scalar_rnn.value_and_grad(PARAMS, x, 0 * x)
    mean, mean_grads = scalar_rnn.value_and_grad(PARAMS, x, 0 * x, reduction="mean")
    assert abs(mean - loss / 6) <= EPS * loss
    for name, grad in grads.items():
        assert (np.abs(mean_grads[name] - grad / 6) <= 8 * EPS * np.abs(grad)).all()


def test_any_activation_and_any_loss():
    square = Activation("square", lambda a: a * a, lambda a: 2 * a)
    last = Loss("last", lambda y_hat, y: y_hat[-1] - y[-1], lambda y_hat, y: np.eye(len(y))[-1])
    # s_1 = 2·1 + 3·1 = 5, h_1 = 25, ŷ_1 = h_1² = 625: ∂ŷ/∂s = 2·25·2·5
    loss, grads = scalar_rnn.value_and_grad(
        PARAMS, [1], [25], h0=1, phi=square, theta=square, loss=last
    )
    assert loss == 600
    assert grads["x"].tolist() == [3 * 500]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_is_that_of_the_arrays(dtype):
    params = {"w": dtype(0.5), "v": dtype(0.25)}
    loss, grads = scalar_rnn.value_and_grad(params, np.ones(3, dtype), [0, 1, 2], h0=1.0)
    assert {loss.dtype, *(g.dtype for g in grads.values())} == {np.dtype(dtype)}


def test_arguments_are_left_alone():
    x, y, h0 = np.ones((3, 2)), np.zeros((3, 2)), np.ones(2)
    before = [a.copy() for a in (x, y, h0)]
    scalar_rnn.value_and_grad(PARAMS, x, y, h0=h0)
    for a, b in zip((x, y, h0), before, strict=True):
        assert (a == b).all()
