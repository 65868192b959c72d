"""LSTM and GRU: values worked by hand, number systems, dtypes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import gru, lstm, rnn
from bpttcheck.arithmetic.balls import balls, exactly, precision
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues, residues
from bpttcheck.bptt.lstm import recursion
from bpttcheck.cells import lstm as lstm_cell
from tests.bptt.gated_forms import U53, forms, problem, seeds, small

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
    module, params, x, _, options = problem("lstm without forget gate", 5, 2, 2, 3, 2, 0)
    run = module.forward(params, x, **options)
    assert (run.f == 1).all()
    assert not run.forget
    assert (run.c[1:] == run.c[:-1] + run.i * run.g).all()


def test_gru_worked_by_hand():
    # z = ½: h_1 = ½·1 + ½·tanh(800) = 1, then h_2 = ½·1 + ½·(−1) = 0; o_t = 1 + 2 h_t.
    zero = {f"{letter}_{k}": [[0.0]] for letter in "UW" for k in "zrg"}
    params = zero | {"U_g": [[800.0]], "V": [[2.0]], "c": [1.0]}
    for reset in ("before", "after"):
        run = gru.forward(params, [[1.0], [-1.0]], h0=[1.0], reset=reset)
        assert run.h.tolist() == [[1], [1], [0]]
        assert run.o.tolist() == [[3], [1]]
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


@forms
@given(T=st.integers(1, 3), B=small, m=small, n=st.integers(1, 3), p=small, seed=seeds)
def test_floats_lie_beside_balls_by_their_own_sensitivity(form, T, B, m, n, p, seed):
    """The error is that of some nearby input: a few ulp of every number, T steps long."""
    module, params, x, y, options = problem(form, T, B, m, n, p, seed)
    random = np.random.default_rng(seed)
    fixed = {k: v for k, v in options.items() if isinstance(v, str)}
    states = {k: v for k, v in options.items() if not isinstance(v, str)}

    def gradients(nudge):
        def moved(a):
            return a * (1 + nudge * random.choice([-1.0, 1.0], np.shape(a)))

        near = {k: moved(a) for k, a in params.items()}
        initial = {k: moved(a) for k, a in states.items()}
        loss, grads = module.value_and_grad(near, moved(x), y, **fixed, **initial)
        return np.concatenate([np.reshape(loss, 1), *(grads[k].reshape(-1) for k in sorted(grads))])

    got = gradients(0.0)
    moved = [gradients(2.0**-30) for _ in range(8)]
    sensitivity = np.max([np.abs(a - got) for a in moved], axis=0) / 2.0**-30
    # 40 roundings and activations' ulps a step, each way, in sums of n + m + p + T·B terms; a
    # number that cancels to next to nothing is held against the largest.
    roundings = 40 * T * (n + m + p + T * B)
    bound = roundings * U53 * (sensitivity + np.abs(got).max())
    with precision(200):
        exact_params = {k: balls(a) for k, a in params.items()}
        initial = {k: balls(a) for k, a in states.items()}
        loss, grads = module.value_and_grad(exact_params, balls(x), y, **fixed, **initial)
        exact = [loss[()], *(z for k in sorted(grads) for z in grads[k].reshape(-1))]
        for a, b, allowed in zip(got, exact, bound, strict=True):
            assert float(b.value.rad()) <= 2.0**-100
            assert float(abs(exactly(a) - b.value).lower()) <= allowed


@forms
@pytest.mark.parametrize(("T", "B", "m", "n", "p"), [(1, 1, 1, 1, 1), (3, 2, 2, 2, 1)])
def test_bptt_is_the_dual_of_the_forward_in_the_field(form, T, B, m, n, p):
    module, params, x, _, options = problem(form, T, B, m, n, p, 0)
    fixed = {k: v for k, v in options.items() if isinstance(v, str)}
    states = {k: random_residues(k, (B, n)) for k in options if k not in fixed}
    params = {k: random_residues(k, a.shape) for k, a in params.items()}
    x, y = random_residues("x", x.shape), random_residues("y", (T, B, p))
    options = {"loss": "squared_error", **fixed}
    _, grads = module.value_and_grad(params, x, y, **options, **states)
    everything = {**params, **states, "x": x}
    for name, values in everything.items():
        direction = random_residues(f"along {name}", values.shape)
        there = everything | {name: duals(values, direction)}
        moved = {k: there[k] for k in params}
        loss, _ = module.value_and_grad(
            moved, there["x"], y, **options, **{k: there[k] for k in states}
        )
        assert loss[()].tangent == (grads[name] * direction).sum(), name


def test_a_forgotten_path_is_no_gradient_in_the_field():
    """The liar: BPTT on a run whose forget gates are shut misses the cell's own path."""
    axes = lstm_cell.AXES
    size = {"m": 1, "n": 1, "p": 1}
    weights = {k: random_residues(k, tuple(size[s] for s in axes[k])) for k in axes}
    x, zero = random_residues("x", (2, 1, 1)), residues(np.zeros((1, 1)))
    run = lstm_cell.equations(weights, x, zero, zero)
    ds = random_residues("ds", run.s.shape)
    right = recursion(weights, run, ds)
    fields = vars(run) | {"f": 0 * run.f}
    wrong = recursion(weights, lstm.Run(**fields), ds)
    assert (right.dc[1] != wrong.dc[1]).all()
    assert (right.dc[2] == wrong.dc[2]).all()


@forms
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_is_that_of_the_arrays(form, dtype):
    module, params, x, y, options = problem(form, 3, 2, 2, 3, 2, 0, dtype)
    for reduction in ("sum", "mean"):
        loss, grads = module.value_and_grad(params, x, y, reduction=reduction, **options)
        assert {loss.dtype, *(g.dtype for g in grads.values())} == {np.dtype(dtype)}


@forms
def test_one_sequence_is_a_batch_of_one_and_biases_may_be_left_out(form):
    module, params, x, y, options = problem(form, 1, 1, 1, 1, 2, 0)
    fixed = {k: v for k, v in options.items() if isinstance(v, str)}
    without = {k: v for k, v in params.items() if v.ndim > 1}
    zero = {k: 0 * v if v.ndim == 1 else v for k, v in params.items()}
    loss, grads = module.value_and_grad(without, x[:, 0], y[:, 0], **fixed)
    same, same_grads = module.value_and_grad(zero, x, y, **fixed)
    assert loss == same
    assert set(grads) == {*without, "x", "h0"} | ({"c0"} if module is lstm else set())
    for name in without:
        assert (grads[name] == same_grads[name]).all()
    assert grads["x"].shape == (1, 1)
    assert grads["h0"].shape == (1,)


@forms
def test_nothing_given_is_changed(form):
    module, params, x, y, options = problem(form, 3, 2, 2, 3, 2, 0)
    before = {k: v.copy() for k, v in params.items()}, x.copy()
    module.value_and_grad(params, x, y, **options)
    assert all((before[0][k] == v).all() for k, v in params.items())
    assert (before[1] == x).all()


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
