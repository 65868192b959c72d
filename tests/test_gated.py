"""LSTM and GRU: values worked by hand, other libraries' cells, number systems, masks, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refusals, refuses

from bpttcheck import gru, lstm, rnn
from bpttcheck.arithmetic.balls import balls, exactly, precision
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues, residues
from bpttcheck.bptt.lstm import recursion
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.runs import gru as gru_runs
from bpttcheck.runs import lstm as lstm_runs

U53 = 2.0**-53
sizes, small = st.integers(1, 4), st.integers(1, 2)
seeds = st.integers(0, 2**32 - 1)

FORMS = {
    "lstm": (lstm, lstm_cell.AXES, {}, ("h0", "c0")),
    "lstm without forget gate": (
        lstm, lstm_cell.gate_axes("igo") | lstm_cell.READOUT, {}, ("h0", "c0"),
    ),
    "gru, reset before": (gru, gru_cell.AXES, {"reset": "before"}, ("h0",)),
    "gru, reset after": (gru, gru_cell.AXES_AFTER, {"reset": "after"}, ("h0",)),
}  # fmt: skip
forms = pytest.mark.parametrize("form", FORMS)


def problem(form, T, B, m, n, p, seed, dtype=float):
    """Return a module, params, x, targets and options of random numbers."""
    module, axes, options, states = FORMS[form]
    random = np.random.default_rng(seed)
    size = {"m": m, "n": n, "p": p}
    params = {k: random.standard_normal([size[s] for s in axes[k]]).astype(dtype) for k in axes}
    x = random.standard_normal((T, B, m)).astype(dtype)
    initial = {state: random.standard_normal((B, n)).astype(dtype) for state in states}
    return module, params, x, random.integers(0, p, (T, B)), options | initial


def outputs(run):
    return run.s if isinstance(run, lstm.Run) else run.o


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


ORDER = {"lstm": "ifgo", "gru": "rzg"}
"""PyTorch's stacking of the gates, in our letters: its GRU's n is our candidate g."""


def magnitudes(params, gates, x, states):
    """Return, for each pre-activation, at most what is added up to make it."""
    largest = max(1.0, *(np.abs(s).max() for s in states))
    return max(
        (np.abs(params[f"U_{k}"]).sum(axis=1) * np.abs(x).max()
         + np.abs(params[f"W_{k}"]).sum(axis=1) * largest + np.abs(params[f"b_{k}"])
         + np.abs(params.get("b_Wg", 0.0))).max()
        for k in gates
    )  # fmt: skip


def forward_bound(params, gates, x, states, cell, eps):
    """Return a bound on the difference of two float forwards, step by step.

    Each side makes a pre-activation of N = n + m + 3 terms, of which the moduli add up to A, with
    an error of at most (N + 1) u A, and each activation to 4 ulp: 5 u of its value, at most 1.
    σ and tanh have slope at most 1, so a gate errs by e = W h + (N + 1) u A + 5 u, h the error of
    the state before. A GRU's state is a mean of two: h' ≤ h + e(1 + |h| + |g|) + 4 u. An LSTM's
    cell: c' ≤ c + e(|c| + 2) + 3 u (|c| + 1), and its state errs by c' + e + 6 u.
    """
    n, m = params["U_g"].shape
    A = magnitudes(params, gates, x, states)
    W = max(np.abs(params[f"W_{k}"]).sum(axis=1).max() for k in gates)
    largest = max(1.0, *(np.abs(s).max() for s in states))
    h = c = 0.0
    for _ in range(len(x)):
        e = W * h * (1 + largest) + (n + m + 4) * eps * A + 5 * eps
        if cell == "gru":  # the reset gate acts inside: once more through W
            e += W * largest * e
            h = h + e * (1 + 2 * largest) + 4 * eps
        else:
            c = c + e * (largest + 2) + 3 * eps * (largest + 1)
            largest += 1  # a cell grows by at most 1 a step
            h = c + e + 6 * eps
    return 2 * h  # both sides err


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@given(T=st.integers(1, 6), B=sizes, m=sizes, n=sizes, seed=seeds,
       single=st.booleans())  # fmt: skip
def test_forwards_are_those_of_torch(cell, T, B, m, n, seed, single):
    torch = pytest.importorskip("torch")
    dtype, eps = (np.float32, 2.0**-24) if single else (np.float64, U53)
    form = "lstm" if cell == "lstm" else "gru, reset after"
    module, params, x, _, options = problem(form, T, B, m, n, 1, seed, dtype)
    params = {k: a / 2 for k, a in params.items()}
    theirs = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](m, n, dtype=torch.tensor(x).dtype)
    states = [options[k] for k in ("h0", "c0") if k in options]
    biases = {k: np.zeros_like(params[f"b_{k}"]) for k in ORDER[cell]}
    if cell == "gru":
        biases["g"] = params["b_Wg"]
    stacks = {
        "weight_ih_l0": [params[f"U_{k}"] for k in ORDER[cell]],
        "weight_hh_l0": [params[f"W_{k}"] for k in ORDER[cell]],
        "bias_ih_l0": [params[f"b_{k}"] for k in ORDER[cell]],
        "bias_hh_l0": [biases[k] for k in ORDER[cell]],
    }
    with torch.no_grad():
        for name, parts in stacks.items():
            getattr(theirs, name).copy_(torch.tensor(np.concatenate(parts)))
        given_states = tuple(torch.tensor(s)[None] for s in states)
        h, last = theirs(torch.tensor(x), given_states if cell == "lstm" else given_states[0])
    run = module.forward(params, x, **options)
    bound = forward_bound(params, ORDER[cell], x, states, cell, eps)
    assert np.abs(run.h[1:] - h.numpy()).max() <= bound
    if cell == "lstm":
        assert np.abs(run.c[-1] - last[1][0].numpy()).max() <= bound


def test_another_gate_order_is_not_torchs():
    """The liar: the bound tells the gates apart, it is not so wide that anything passes."""
    module, params, x, _, options = problem("lstm", 4, 2, 2, 3, 1, 0)
    run = module.forward(params, x, **options)
    swapped = {**params, "W_i": params["W_f"], "W_f": params["W_i"]}
    other = module.forward(swapped, x, **options)
    states = [options["h0"], options["c0"]]
    bound = forward_bound(params, "ifgo", x, states, "lstm", U53)
    assert np.abs(run.h - other.h).max() > 1e3 * bound


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
@given(T=st.integers(1, 6), B=sizes, n=sizes, seed=seeds, data=st.data())
def test_a_mask_is_the_sequence_without_the_steps(form, T, B, n, seed, data):
    module, params, x, y, options = problem(form, T, B, 2, n, 3, seed)
    fixed = {k: v for k, v in options.items() if isinstance(v, str)}
    states = [k for k in options if k not in fixed]
    rows = st.lists(st.booleans(), min_size=T, max_size=T).filter(any)
    mask = np.array([data.draw(rows) for _ in range(B)]).T
    loss, grads = module.value_and_grad(params, x, y, mask=mask, reduction="mean", **options)
    alone = [
        module.value_and_grad(params, x[taken, i], y[taken, i],
                              **fixed, **{k: options[k][i] for k in states})
        for i, taken in enumerate(mask.T)
    ]  # fmt: skip
    share = mask.sum()
    # The same numbers in products of another order: what 2⁻⁵³ becomes on the way, measured.
    bound = 64 * T * B * (n + 5) * U53 * amplification(form, params, x, options, T)
    assert abs(loss - sum(value for value, _ in alone) / share) <= bound
    for name in params:
        assert np.abs(grads[name] - sum(g[name] for _, g in alone) / share).max() <= bound
    for i, taken in enumerate(mask.T):
        for name in states:
            assert np.abs(grads[name][i] - alone[i][1][name] / share).max() <= bound
        assert np.abs(grads["x"][taken, i] - alone[i][1]["x"] / share).max() <= bound
        assert not grads["x"][~taken, i].any()


def amplification(form, params, x, options, T):
    """Return by how much an error can grow over T steps there and back, from the norms."""
    gates = FORMS[form][1]
    W = sum(np.abs(params[k]).sum(axis=1).max() for k in gates if k.startswith("W"))
    large = 1 + np.abs(x).max() + sum(np.abs(v).max() for v in options.values() if v is not None
                                      and not isinstance(v, str)) + T  # fmt: skip
    top = max(np.abs(a).max() for a in params.values())
    return (1 + W * large) ** T * large**2 * (1 + top) ** 2 * (1 + W)


@forms
def test_masked_steps_hold_the_state(form):
    module, params, x, _, options = problem(form, 4, 2, 2, 3, 2, 0)
    mask = [[1, 1], [0, 1], [0, 1], [1, 1]]
    run = module.forward(params, x, mask=mask, **options)
    assert (run.h[1, 0] == run.h[2, 0]).all()
    assert (run.h[1, 0] == run.h[3, 0]).all()
    assert (run.h[3, 0] != run.h[4, 0]).all()
    if isinstance(run, lstm.Run):
        assert (run.c[1, 0] == run.c[3, 0]).all()


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


L, LP, LX, LY, _ = problem("lstm", 3, 2, 4, 5, 3, 0)
G, GP, GX, GY, _ = problem("gru, reset after", 3, 2, 4, 5, 3, 0)


def of_lstm(params=LP, x=LX, y=LY, **options):
    return lambda: lstm.value_and_grad(params, x, y, **options)


def of_gru(params=GP, x=GX, y=GY, **options):
    return lambda: gru.value_and_grad(params, x, y, **{"reset": "after", **options})


def less(params, *names):
    return {k: v for k, v in params.items() if k not in names}


LSTM_RUN, GRU_RUN = lstm.forward(LP, LX), gru.forward(GP, GX, reset="after")
ONE = np.zeros((1, 1))
LSTM_CASE = {k: np.zeros([1] * len(axes)) for k, axes in lstm_cell.AXES.items()}
GRU_CASE = {k: np.zeros([1] * len(axes)) for k, axes in gru_cell.AXES_AFTER.items()}
STEPS = {"x": np.zeros((2, 1, 1)), "h0": ONE, "y": np.ones((1, 1, 1))}

CASES = [
    (of_lstm(params=[1]), TypeError, "params: expected a mapping with U_i, U_f, U_g, U_o, W_i,"),
    (of_lstm({**LP, "W_f": LP["W_f"][:, :4]}), ValueError,
     "params['W_f']: expected (n, n) = (5, 5), got (5, 4)"),
    (of_lstm({**LP, "U_o": LP["U_o"][:4]}), ValueError,
     "params['U_o']: expected (n, m) = (5, 4), got (4, 4)"),
    (of_lstm({**LP, "b_g": [0.0]}), ValueError, "params['b_g']: expected (n,) = (5,), got (1,)"),
    (of_lstm({**LP, "b_s": [0.0]}), ValueError, "params['b_s']: expected (p,) = (3,), got (1,)"),
    (of_lstm({**LP, "c": [0.0]}), ValueError, "params: expected exactly the keys U_i, U_f, U_g,"),
    (of_lstm(less(LP, "W_i")), ValueError, "params: expected exactly the keys U_i, U_f, U_g, U_o,"),
    (of_lstm(less(LP, "U_f", "W_f")), ValueError,
     "params: expected exactly the keys U_i, U_f, U_g, U_o, W_i, W_f, W_g, W_o, V, b_i, b_f,"),
    (of_lstm({**LP, "V": np.nan * LP["V"]}), ValueError,
     "params['V']: expected finite numbers, got nan at index (0, 0)"),
    (of_lstm(x=LX[:, :, :3]), ValueError, "params['U_i']: expected (n, m) = (n, 3), got (5, 4)"),
    (of_lstm(x=LX[:0]), ValueError, "x: expected T ≥ 1 time steps, got 0"),
    (of_lstm(x=LX[:, :0]), ValueError, "x: expected B ≥ 1 sequences, got 0"),
    (of_lstm(h0=[1.0, 2.0]), ValueError, "h0: expected (B, n) = (2, 5), got (2,)"),
    (of_lstm(c0=np.zeros((2, 4))), ValueError, "c0: expected (B, n) = (2, 5), got (2, 4)"),
    (of_lstm(y=LY[:2]), ValueError, "targets: expected class indices (…) = (3, 2), got (2, 2)"),
    (of_lstm(y=LY + 3), ValueError, "targets: expected class indices 0 … 2, got"),
    (of_lstm(loss="mse"), ValueError, "loss: expected one of nll, squared_error, got 'mse'"),
    (of_lstm(reduction="none"), ValueError, "reduction: expected one of sum, mean, got 'none'"),
    (of_lstm(mask=[True]), ValueError, "mask: expected (T, B) = (3, 2), got (1,)"),
    (of_lstm(mask=[[1, 0]] * 3), ValueError,
     "mask: expected at least one step in every sequence"),
    (of_lstm({**LP, "U_i": 1e300 * LP["U_i"]}, 1e10 * LX), OverflowError,
     "forward: overflows float64"),
    (lambda: lstm.backward(LP, GRU_RUN, LY), TypeError,
     "run: expected what forward returned, got Run"),
    (lambda: lstm.backward(LP, LSTM_RUN, LY * 1.0), ValueError,
     "ds: expected (T, B, p) = (3, 2, 3), got (3, 2)"),
    (lambda: lstm.backward(less(LP, "U_f", "W_f", "b_f"), LSTM_RUN, LSTM_RUN.s), ValueError,
     "params: expected one of the forget gate, as in run, got none"),
    (lambda: lstm.backward(LP, lstm.forward(less(LP, "U_f", "W_f", "b_f"), LX), LSTM_RUN.s),
     ValueError, "params: expected none of the forget gate, as in run, got one"),
    (of_gru({**GP, "W_r": GP["W_r"][:, :4]}), ValueError,
     "params['W_r']: expected (n, n) = (5, 5), got (5, 4)"),
    (of_gru({**GP, "b_Wg": [0.0]}), ValueError, "params['b_Wg']: expected (n,) = (5,), got (1,)"),
    (of_gru(reset="before"), ValueError, "params: expected exactly the keys U_z, U_r, U_g, W_z,"),
    (of_gru(reset="inside"), ValueError, "reset: expected one of before, after, got 'inside'"),
    (of_gru(reset=None), ValueError, "reset: expected one of before, after, got None"),
    (of_gru(h0=[1.0, 2.0]), ValueError, "h0: expected (B, n) = (2, 5), got (2,)"),
    (of_gru(x=GX[:0]), ValueError, "x: expected T ≥ 1 time steps, got 0"),
    (of_gru(y=np.zeros((3, 2, 2)), loss="squared_error"), ValueError,
     "targets: expected numbers (…, p) = (3, 2, 3), got (3, 2, 2)"),
    (lambda: gru.backward(GP, LSTM_RUN, GY), TypeError,
     "run: expected what forward returned, got Run"),
    (lambda: gru.backward(GP, GRU_RUN, GY * 1.0), ValueError,
     "do: expected (T, B, p) = (3, 2, 3), got (3, 2)"),
    (lambda: lstm_runs.Case(**LSTM_CASE, **STEPS, c0=ONE, forget="maybe"), ValueError,
     "forget: expected gate or none, got 'maybe'"),
    (lambda: gru_runs.Case(**GRU_CASE, **STEPS, reset="inside"), ValueError,
     "reset: expected one of before, after, got 'inside'"),
    (lambda: gru_runs.Case(**GRU_CASE | {"W_z": [1.0]}, **STEPS), ValueError,
     "W_z: expected (n, n) = "),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)


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
