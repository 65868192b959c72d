"""Cells worked by hand, and cells that are others with special weights."""

import numpy as np

from bpttcheck import coupled_lstm, gru, lstm, mgu, rnn
from tests.bptt.forms import U53, in_the_field, problem

# Saturated gates are 0 or 1 to the last bit: σ(±800), as floats have it, and σ(0) = 1/2.
OPEN, SHUT = 800.0, -800.0


def test_lstm_worked_by_hand():
    # Forget gate open, input gate half open, output gate half open, candidate tanh(800 x) = ±1:
    # c_1 = 1 + ½·1 = 3/2, c_2 = 3/2 − ½ = 1; h_t = ½ tanh c_t; s_t = 2 h_t = tanh c_t.
    zero = {f"{letter}_{k}": [[0.0]] for letter in "UW" for k in "ifgo"}
    params = zero | {"U_g": [[800.0]], "b_f": [OPEN], "b_i": [0.0], "V": [[2.0]], "b_s": [0.0]}
    run = lstm.forward(params, [[1.0], [-1.0]], c0=[1.0])
    assert run.c.tolist() == [[1], [1.5], [1]]
    assert run.s.tolist() == [[np.tanh(1.5)], [np.tanh(1.0)]]
    # L = ½ Σ s²: ∂L/∂c_2 = tanh(1)(1 − tanh²1), ∂L/∂c_1 adds ∂L/∂c_2, ∂L/∂c_0 passes it on whole.
    _, grads = lstm.value_and_grad(
        params, [[1.0], [-1.0]], [[0.0], [0.0]], c0=[1.0], loss="squared_error"
    )
    expected = sum(np.tanh(c) * (1 - np.tanh(c) ** 2) for c in (1.5, 1.0))
    assert abs(grads["c0"][0] - expected) <= 16 * U53
    assert grads["b_f"].tolist() == [0]  # an open gate has no slope left
    # σ′(0) = ¼ times the candidates 1 and −1, each on what is to come: ¼ of the first step's own.
    first = np.tanh(1.5) * (1 - np.tanh(1.5) ** 2)
    assert abs(grads["b_i"][0] - first / 4) <= 16 * U53


def test_without_forget_gate_the_cell_only_adds():
    network, params, x, _, options, states = problem("lstm without forget gate", 5, 2, 2, 3, 2, 0)
    run = network.forward(params, x, **options, **states)
    assert run.forget is False
    assert (run.c[1:] == run.c[:-1] + run.i * run.g).all()


def test_gru_worked_by_hand():
    # z = ½: h_1 = ½·1 + ½·tanh(800) = 1, then h_2 = ½·1 + ½·(−1) = 0; s_t = 1 + 2 h_t.
    zero = {f"{letter}_{k}": [[0.0]] for letter in "UW" for k in "zrg"}
    params = zero | {"U_g": [[800.0]], "V": [[2.0]], "b_s": [1.0]}
    for reset in ("before", "after"):
        run = gru.forward(params, [[1.0], [-1.0]], h0=[1.0], reset=reset)
        assert run.h.tolist() == [[1], [1], [0]]
        assert run.s.tolist() == [[3], [1]]
    # Kept whole by z = 1, whatever the candidate says; replaced whole by z = 0.
    assert gru.forward(params | {"b_z": [OPEN]}, [[1.0]], h0=[0.25]).h[1] == 0.25
    assert gru.forward(params | {"b_z": [SHUT]}, [[-1.0]], h0=[0.25]).h[1] == -1


def test_the_two_resets_differ_where_weights_do_not_commute_with_the_gate():
    params = {f"{letter}_{k}": np.zeros((2, 2)) for letter in "UW" for k in "zrg"}
    params |= {"W_g": np.array([[0.0, 1.0], [0.0, 0.0]]), "b_r": [SHUT, OPEN], "V": np.eye(2)}
    before, after = (
        gru.forward(params, np.zeros((1, 2)), h0=[0.0, 1.0], reset=reset).g[0].tolist()
        for reset in ("before", "after")
    )
    # W_g moves entry 2 to entry 1; r keeps entry 2. Reset first, it moves; reset after, it is lost.
    assert before == [np.tanh(1.0), 0]
    assert after == [0, 0]


def test_mgu_worked_by_hand():
    # f = ½, W = 0, candidate tanh(800 x) = ±1: h_1 = ½·1 + ½·1 = 1, h_2 = ½·1 − ½ = 0.
    zero = {f"{letter}_{k}": [[0.0]] for letter in "UW" for k in "fg"}
    params = zero | {"U_g": [[800.0]], "V": [[2.0]], "b_s": [1.0], "b_f": [0.0]}
    run = mgu.forward(params, [[1.0], [-1.0]], h0=[1.0])
    assert run.h.tolist() == [[1], [1], [0]]
    assert run.s.tolist() == [[3], [1]]
    # L = ½ Σ s²: ∂L/∂h_2 = 2·1, ∂L/∂h_1 = 2·3 + ½·2 = 7, ∂L/∂h_0 = 7/2.
    _, grads = mgu.value_and_grad(
        params, [[1.0], [-1.0]], [[0.0], [0.0]], h0=[1.0], loss="squared_error"
    )
    assert grads["h0"].tolist() == [3.5]
    # Through the gate, σ′(0) = ¼ times (g − h): (1 − 1)·7 + (−1 − 1)·2 = −4.
    assert grads["b_f"].tolist() == [-1]


def test_a_coupled_lstm_is_an_lstm_whose_input_gate_is_one_minus_the_forget_gate():
    """σ(−a) = 1 − σ(a): with negated weights in the input gate the two networks are one."""
    weights, x, states, y = in_the_field(coupled_lstm.cell, 3, 2, 2, 2, 2)
    other = weights | {f"{k}_i": -weights[f"{k}_f"] for k in "UWb"}
    options = {"loss": "squared_error", **{f"{k}0": a for k, a in states.items()}}
    loss, grads = coupled_lstm.value_and_grad(weights, x, y, **options)
    same, theirs = lstm.value_and_grad(other, x, y, **options)
    assert loss == same
    for name in grads:
        through_i = theirs[f"{name[0]}_i"] if name.endswith("_f") else 0
        assert (grads[name] == theirs[name] - through_i).all(), name
    assert (grads["W_f"] != theirs["W_f"]).any()  # the liar: what came through i is not nothing


def test_a_gru_that_never_keeps_is_a_vanilla_rnn():
    """With z = 0 and r = 1 the recurrence is h_t = tanh(U x + W h): two modules, one network."""
    random = np.random.default_rng(0)
    U, W, V = (random.standard_normal(s) for s in ((3, 2), (3, 3), (2, 3)))
    zero = {f"{letter}_{k}": np.zeros_like(a) for letter, a in (("U", U), ("W", W)) for k in "zr"}
    shut, whole = np.full(3, SHUT), np.full(3, OPEN)
    params = zero | {"U_g": U, "W_g": W, "V": V, "b_z": shut, "b_r": whole}
    x, y = random.standard_normal((4, 2, 2)), random.integers(0, 2, (4, 2))
    for reset in ("before", "after"):
        loss, grads = gru.value_and_grad(params, x, y, reset=reset)
        same, expected = rnn.value_and_grad({"U": U, "W": W, "V": V}, x, y)
        scale = (1 + np.abs(W).sum(axis=1).max()) ** 4 * (1 + np.abs(x).max()) ** 2
        bound = 64 * 8 * 10 * U53 * scale
        assert abs(loss - same) <= bound
        for ours, theirs in (("U_g", "U"), ("W_g", "W"), ("V", "V"), ("h0", "h0"), ("x", "x")):
            assert np.abs(grads[ours] - expected[theirs]).max() <= bound
