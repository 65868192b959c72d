"""The shape of a cell: what is declared in a few lines is the network written at length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import coupled_lstm, lstm, mgu
from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt import gru as bptt_gru
from bpttcheck.bptt import lstm as bptt_lstm
from bpttcheck.bptt.cell import Network, recursion
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.cells.cell import Cell, Gate, equations

NETWORKS = {"mgu": mgu, "coupled_lstm": coupled_lstm}
networks = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


# The LSTM and the GRU once more, in the shape of a cell.


def lstm_step(s):
    i, f, g, o = (s.gate(k, s.before("h")) for k in "ifgo")
    s.state("h", o * tanh.value(s.state("c", f * s.carried("c") + i * g)))


def lstm_back(s):
    i, f, g, o = (s.made(k) for k in "ifgo")
    c, dh = s.made("c"), s.gradient("h")
    dc = s.through("c", dh * o * tanh.derivative(c))
    s.leave("c", dc * f)
    partners = {"i": dc * g, "f": dc * s.before("c"), "g": dc * i, "o": dh * tanh.value(c)}
    s.leave("h", sum(s.gate(k, gradient) for k, gradient in partners.items()))


def gru_step(s):
    h = s.before("h")
    z, r = (s.gate(k, h) for k in "zr")
    s.state("h", z * s.carried("h") + (1 - z) * s.gate("g", r * h))


def gru_back(s):
    h, z, r, g, dh = s.before("h"), s.made("z"), s.made("r"), s.made("g"), s.gradient("h")
    dq = s.gate("g", (1 - z) * dh)
    s.leave("h", z * dh + r * dq + s.gate("r", h * dq) + s.gate("z", (h - g) * dh))


def gates(**squash):
    return {k: Gate(k, f) for k, f in squash.items()}


LSTM = Network(
    Cell("lstm", "", gates(i=sigmoid, f=sigmoid, g=tanh, o=sigmoid), lstm_step,
         {"h": "state", "c": "cell"}, "c"), lstm_back,
)  # fmt: skip
GRU = Network(
    Cell("gru", "", gates(z=sigmoid, r=sigmoid, g=tanh), gru_step, {"h": "state"}), gru_back
)


def in_the_field(axes, T, B, sizes, states):
    weights = {k: random_residues(k, tuple(sizes[s] for s in axes[k])) for k in axes}
    x = random_residues("x", (T, B, sizes["m"]))
    return weights, x, {k: random_residues(f"{k}0", (B, sizes["n"])) for k in states}


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1), (3, 2, 2, 3, 2)])
def test_an_lstm_in_this_shape_is_the_lstm(sizes, masked):
    T, B, m, n, p = sizes
    weights, x, states = in_the_field(lstm_cell.AXES, T, B, {"m": m, "n": n, "p": p}, "hc")
    mask = np.arange(T * B).reshape(T, B) % 3 != 1 if masked else None
    one = equations(LSTM.cell, weights, x, states, mask=mask)
    other = lstm_cell.equations(weights, x, states["h"], states["c"], mask=mask)
    for name in ("h", "c", "s", "a_i", "i", "f", "g", "o"):
        assert (getattr(one, name) == getattr(other, name)).all(), name
    ds = random_residues("ds", other.s.shape)
    found = recursion(LSTM.cell, lstm_back, weights, one, ds)
    expected = bptt_lstm.recursion(weights, other, ds)
    for name in ("da_i", "da_f", "da_g", "da_o", "dc", "dh", "dx"):
        assert (getattr(found, name) == getattr(expected, name)).all(), name
    for name in weights:
        assert (found.weights[name] == expected.weights[name]).all(), name


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1), (3, 2, 2, 3, 2)])
def test_a_gru_in_this_shape_is_the_gru(sizes, masked):
    T, B, m, n, p = sizes
    size = {"m": m, "n": n, "p": p}
    weights, x, states = in_the_field(gru_cell.AXES, T, B, size, "h")
    mask = np.arange(T * B).reshape(T, B) % 3 != 1 if masked else None
    one = equations(GRU.cell, {**weights, "b_s": weights["c"]}, x, states, mask=mask)
    other = gru_cell.equations(weights, x, states["h"], mask=mask)
    for name in ("h", "a_z", "a_g", "z", "r", "g"):
        assert (getattr(one, name) == getattr(other, name)).all(), name
    ds = random_residues("ds", other.o.shape)
    found = recursion(GRU.cell, gru_back, weights, one, ds)
    expected = bptt_gru.recursion(weights, other, ds)
    for name in ("da_z", "da_r", "da_g", "dh", "dx"):
        assert (getattr(found, name) == getattr(expected, name)).all(), name
    for name in weights.keys() - {"c"}:
        assert (found.weights[name] == expected.weights[name]).all(), name


@networks
def test_bptt_is_the_dual_of_the_forward_in_the_field(network):
    """Every derivative, with a mask; the liar forgets what a resting step passes on."""
    size = {"m": 2, "n": 2, "p": 2}
    weights, x, states = in_the_field(network.cell.axes, 3, 2, size, network.cell.states)
    mask = np.array([[1, 1], [0, 1], [1, 0]], dtype=bool)
    y = random_residues("y", (3, 2, 2))
    options = {"loss": "squared_error", "mask": mask}
    initial = {f"{k}0": a for k, a in states.items()}
    _, grads = network.value_and_grad(weights, x, y, **options, **initial)
    everything = {**weights, **initial, "x": x}
    for name, values in everything.items():
        direction = random_residues(f"along {name}", values.shape)
        there = everything | {name: duals(values, direction)}
        loss, _ = network.value_and_grad(
            {k: there[k] for k in weights}, there["x"], y, **options,
            **{k: there[k] for k in initial},
        )  # fmt: skip
        assert loss[()].tangent == (grads[name] * direction).sum(), name
    run = equations(network.cell, weights, x, states)  # the liar: no mask on the way back
    ds = random_residues("ds", (3, 2, 2))
    masked = equations(network.cell, weights, x, states, mask=mask)
    honest = recursion(network.cell, network.back, weights, masked, ds).dh[0]
    assert (honest != recursion(network.cell, network.back, weights, run, ds).dh[0]).any()


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
    size = {"m": 2, "n": 2, "p": 2}
    weights, x, states = in_the_field(coupled_lstm.cell.axes, 3, 2, size, "hc")
    other = weights | {f"{k}_i": -weights[f"{k}_f"] for k in "UWb"}
    y = random_residues("y", (3, 2, 2))
    options = {"loss": "squared_error", **{f"{k}0": a for k, a in states.items()}}
    loss, grads = coupled_lstm.value_and_grad(weights, x, y, **options)
    same, theirs = lstm.value_and_grad(other, x, y, **options)
    assert loss == same
    for name in grads:
        through_i = theirs[f"{name[0]}_i"] if name.endswith("_f") else 0
        assert (grads[name] == theirs[name] - through_i).all(), name
    assert (grads["W_f"] != theirs["W_f"]).any()  # the liar: what came through i is not nothing


@networks
@given(T=st.integers(1, 4), B=st.integers(1, 3), n=st.integers(1, 2), data=st.data())
def test_a_mask_is_the_sequence_without_the_steps(network, T, B, n, data):
    size = {"m": 1, "n": n, "p": 1}
    weights, x, states = in_the_field(network.cell.axes, T, B, size, network.cell.states)
    rows = st.lists(st.booleans(), min_size=T, max_size=T).filter(any)
    mask = np.array([data.draw(rows) for _ in range(B)]).T
    run = equations(network.cell, weights, x, states, mask=mask)
    for b, taken in enumerate(mask.T):
        own = {k: a[b] for k, a in states.items()}
        alone = equations(network.cell, weights, x[taken, b], own)
        for k in states:
            assert (run.made[k][-1, b] == alone.made[k][-1]).all()


@networks
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_dtype_is_that_of_the_arrays_and_nothing_given_is_changed(network, dtype):
    random = np.random.default_rng(0)
    size = {"m": 2, "n": 3, "p": 2}
    params = {k: random.standard_normal([size[s] for s in a]).astype(dtype)
              for k, a in network.cell.axes.items()}  # fmt: skip
    x = random.standard_normal((3, 2, 2)).astype(dtype)
    copies = {k: a.copy() for k, a in params.items()}, x.copy()
    loss, grads = network.value_and_grad(params, x, [[0, 1]] * 3)
    assert {loss.dtype, *(g.dtype for g in grads.values())} == {np.dtype(dtype)}
    assert all((copies[0][k] == a).all() for k, a in params.items())
    assert (copies[1] == x).all()
    alone, _ = network.value_and_grad({k: a for k, a in params.items() if a.ndim > 1}, x[:, 0],
                                      [0] * 3)  # fmt: skip
    assert alone.shape == ()
