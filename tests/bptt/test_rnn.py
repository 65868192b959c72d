"""The vanilla RNN's functions: values worked by hand, shapes, masks, reductions, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import Activation, rnn
from tests.refusals import refuses

EPS = np.finfo(float).eps

# Two states, one input, two outputs, identity activation: everything is a small integer.
PARAMS = {
    "U": [[1.0], [2.0]],
    "W": [[0.0, 1.0], [1.0, 1.0]],
    "V": [[1.0, 0.0], [1.0, -1.0]],
    "b": [1.0, 0.0],
    "b_s": [0.0, 1.0],
}


def test_worked_by_hand():
    # h_0 = (1, 0): a_1 = (1, 0) + W h_0 (0, 1) + U (1, 2) = (2, 3); s_1 = (2, −1 + 1) = (2, 0)
    # a_2 = (1, 0) + W (2, 3) = (3, 5) + U·(−1) = (−1, −2) → (3, 3); s_2 = (3, 0 + 1) = (3, 1)
    # y_1 = (1, 0), y_2 = (3, 0): e_1 = (1, 0), e_2 = (0, 1), L = ½ + ½
    # g_2 = Vᵀ e_2 = (1, −1) = δ_2; g_1 = Vᵀ e_1 + Wᵀ δ_2 = (1, 0) + (−1, 0) = (0, 0)
    loss, grads = rnn.value_and_grad(
        PARAMS, [[1.0], [-1.0]], [[1.0, 0.0], [3.0, 0.0]],
        h0=[1.0, 0.0], phi="linear", loss="squared_error",
    )  # fmt: skip
    assert loss == 1
    assert grads["W"].tolist() == [[2, 3], [-2, -3]]
    assert grads["U"].tolist() == [[-1], [1]]
    assert grads["V"].tolist() == [[2, 3], [3, 3]]
    assert grads["b"].tolist() == [1, -1]
    assert grads["b_s"].tolist() == [1, 1]
    assert grads["h0"].tolist() == [0, 0]
    assert grads["x"].tolist() == [[0], [-1]]


def test_one_of_everything():
    params = {"U": [[2.0]], "W": [[3.0]], "V": [[1.0]]}
    loss, grads = rnn.value_and_grad(params, [[[1.0]]], [[0]], phi="linear")
    assert loss == 0  # one class is certain
    assert set(grads) == {"U", "W", "V", "h0", "x"}
    assert all((g == 0).all() for g in grads.values())


def random_problem(T, B, m, n, p, seed, dtype=float):
    random = np.random.default_rng(seed)
    shapes = {"U": (n, m), "W": (n, n), "V": (p, n), "b": (n,), "b_s": (p,)}
    params = {k: random.standard_normal(s).astype(dtype) / 2 for k, s in shapes.items()}
    x = random.standard_normal((T, B, m)).astype(dtype)
    return params, x, random.integers(0, p, (T, B)), random.standard_normal((B, n)).astype(dtype)


sizes = st.integers(1, 5)


@given(T=st.integers(1, 9), B=sizes, m=sizes, n=sizes, p=sizes, seed=st.integers(0, 2**32 - 1),
       phi=st.sampled_from(["tanh", "sigmoid", "relu", "linear"]))  # fmt: skip
def test_a_batch_is_its_sequences(T, B, m, n, p, seed, phi):
    params, x, y, h0 = random_problem(T, B, m, n, p, seed)
    loss, grads = rnn.value_and_grad(params, x, y, h0=h0, phi=phi)
    alone = [rnn.value_and_grad(params, x[:, i], y[:, i], h0=h0[i], phi=phi) for i in range(B)]
    # Products of the same numbers in another order: each of T steps adds rounding of relative
    # size (n + m + p + B) u, amplified by at most (1 + ‖W‖)^T on the way back.
    scale = (1 + np.abs(params["W"]).sum(axis=1).max()) ** T * (1 + np.abs(x).max()) ** 2
    bound = 64 * T * B * (n + m + p + B) * EPS * scale**2
    assert abs(loss - sum(value for value, _ in alone)) <= bound
    for name in params:
        assert np.abs(grads[name] - sum(g[name] for _, g in alone)).max() <= bound
    for i in range(B):
        assert np.abs(grads["h0"][i] - alone[i][1]["h0"]).max() <= bound
        assert np.abs(grads["x"][:, i] - alone[i][1]["x"]).max() <= bound


@given(T=st.integers(1, 9), B=sizes, n=sizes, seed=st.integers(0, 2**32 - 1), data=st.data())
def test_a_mask_is_a_shorter_sequence(T, B, n, seed, data):
    params, x, y, h0 = random_problem(T, B, 2, n, 3, seed)
    lengths = data.draw(st.lists(st.integers(1, T), min_size=B, max_size=B))
    mask = np.arange(T)[:, None] < np.array(lengths)
    for reduction in ("sum", "mean"):
        loss, grads = rnn.value_and_grad(params, x, y, h0=h0, mask=mask, reduction=reduction)
        total = sum(lengths) if reduction == "mean" else 1
        short = [
            rnn.value_and_grad(params, x[:k, i], y[:k, i], h0=h0[i]) for i, k in enumerate(lengths)
        ]
        scale = (1 + np.abs(params["W"]).sum(axis=1).max()) ** T * (1 + np.abs(x).max()) ** 2
        bound = 64 * T * B * (n + 5 + B) * EPS * scale**2
        assert abs(loss - sum(value for value, _ in short) / total) <= bound
        for name in params:
            assert np.abs(grads[name] - sum(g[name] for _, g in short) / total).max() <= bound
        assert not grads["x"][~mask].any()


@given(T=st.integers(1, 9), n=sizes, seed=st.integers(0, 2**32 - 1), data=st.data())
def test_a_mask_with_holes_is_the_sequence_without_them(T, n, seed, data):
    params, x, y, h0 = random_problem(T, 1, 2, n, 3, seed)
    steps = data.draw(st.lists(st.booleans(), min_size=T, max_size=T).filter(any))
    taken = np.array(steps)
    loss, grads = rnn.value_and_grad(params, x, y, h0=h0, mask=taken[:, None])
    short_loss, short = rnn.value_and_grad(params, x[taken], y[taken], h0=h0)
    scale = (1 + np.abs(params["W"]).sum(axis=1).max()) ** T * (1 + np.abs(x).max()) ** 2
    bound = 64 * T * (n + 5) * EPS * scale
    assert abs(loss - short_loss) <= bound
    for name in (*params, "h0"):
        assert np.abs(grads[name] - short[name]).max() <= bound
    assert np.abs(grads["x"][taken] - short["x"]).max() <= bound
    assert not grads["x"][~taken].any()


def test_masked_steps_hold_the_state():
    params, x, _, h0 = random_problem(4, 2, 2, 3, 2, 0)
    mask = [[1, 1], [0, 1], [0, 1], [1, 1]]
    run = rnn.forward(params, x, h0=h0, mask=mask)
    assert (run.h[1, 0] == run.h[2, 0]).all()
    assert (run.h[1, 0] == run.h[3, 0]).all()
    assert (run.h[3, 0] != run.h[4, 0]).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_is_that_of_the_arrays(dtype):
    params, x, y, h0 = random_problem(3, 2, 2, 3, 2, 0, dtype)
    loss, grads = rnn.value_and_grad(params, x, y, h0=h0)
    assert {loss.dtype, *(g.dtype for g in grads.values())} == {np.dtype(dtype)}
    loss, grads = rnn.value_and_grad(params, x, y, reduction="mean")
    assert {loss.dtype, *(g.dtype for g in grads.values())} == {np.dtype(dtype)}


P, X, Y, _ = random_problem(3, 2, 4, 5, 3, 0)


def call(params=P, x=X, y=Y, **options):
    return lambda: rnn.value_and_grad(params, x, y, **options)


CASES = [
    (call(params={**P, "W": P["W"][:, :4]}), "params['W']: expected (n, n) = (5, 5), got (5, 4)"),
    (call(params={**P, "b": [0.0]}), "params['b']: expected (n,) = (5,), got (1,)"),
    (call(params={k: P[k] for k in "UW"}), "params: expected exactly the keys U, W, V, got U, W"),
    (call(params={**P, "Q": 1}), "params: expected exactly the keys U, W, V, b, b_s, got"),
    (call(x=X[:, :, :3]), "params['U']: expected (n, m) = (n, 3), got (5, 4)"),
    (call(x=X[:0]), "x: expected T ≥ 1 time steps, got 0"),
    (call(x=X[:, :0]), "x: expected B ≥ 1 sequences, got 0"),
    (call(h0=[1.0, 2.0]), "h0: expected (B, n) = (2, 5), got (2,)"),
    (call(y=Y[:2]), "targets: expected class indices (…) = (3, 2), got (2, 2)"),
    (call(y=Y + 3), "targets: expected class indices 0 … 2, got"),
    (call(y=np.zeros((3, 2, 2))), "targets: expected weights (…, p) = (3, 2, 3), or class"),
    (call(y=np.zeros((3, 2, 2)), loss="squared_error"),
     "targets: expected numbers (…, p) = (3, 2, 3), got (3, 2, 2)"),
    (call(loss="mse"), "loss: expected one of nll, squared_error, got 'mse'"),
    (call(mask=[True]), "mask: expected (T, B) = (3, 2), got (1,)"),
    (call(mask=np.full((3, 2), 2)), "mask: expected True or False, got 2"),
    (call(mask=[[1, 0]] * 3), "mask: expected at least one step in every sequence"),
    (call(phi=Activation("sum", lambda a: a.sum(), lambda a: a)),
     "phi 'sum': expected the shape of its argument, (2, 5), got ()"),
    (call(phi="gelu"), "phi: expected one of linear, relu, sigmoid, tanh, got 'gelu'"),
    (call(reduction="none"), "reduction: expected one of sum, mean, got 'none'"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "message"), CASES, ids=[m for _, m in CASES])
def test_error(wrong, message):
    refuses(wrong, ValueError, message)


def test_other_errors():
    with pytest.raises(TypeError, match="loss: expected an OutputLoss or one of nll"):
        call(loss=np.sum)()
    with pytest.raises(OverflowError, match="forward: overflows float64"):
        call(params={**P, "W": 1e300 * P["W"]}, phi="linear")()
    steep = Activation("steep", lambda a: 1e200 * a, lambda a: 0 * a + 1e200)
    with pytest.raises(OverflowError, match="value_and_grad: overflows float64"):  # ∂L/∂a_0 alone
        rnn.value_and_grad({k: [[1.0]] for k in "UWV"}, [[0.0]], [[1.0]], a0=0.0, phi=steep,
                           loss="squared_error")  # fmt: skip
    run = rnn.forward(P, X)
    with pytest.raises(ValueError, match=r"ds: expected \(T, B, p\) = \(3, 2, 3\), got \(3, 2\)"):
        rnn.backward(P, run, Y * 1.0)
