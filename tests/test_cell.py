"""The shape of a cell: what is declared in a few lines is the network written at length."""

import ast
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refusals, refuses

import bpttcheck
from bpttcheck import adaptors, coupled_lstm, lstm, mgu, runs, strategies
from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.bptt import gru as bptt_gru
from bpttcheck.bptt import lstm as bptt_lstm
from bpttcheck.bptt.cell import Network, recursion
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.cells.cell import Cell, Gate, equations
from bpttcheck.conformance import Layout, check_conformance
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification.paste import source_of

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


SIZE = {"m": 4, "n": 5, "p": 3}
P = {k: np.random.default_rng(1).standard_normal([SIZE[s] for s in a])
     for k, a in mgu.cell.axes.items()}  # fmt: skip
X, Y = np.ones((3, 2, 4)), np.zeros((3, 2), dtype=int)
RUN = mgu.forward(P, X)

CASES = [
    (lambda: mgu.forward([1], X), TypeError, "params: expected a mapping with U_f, U_g, W_f, W_g,"),
    (lambda: mgu.forward({**P, "W_f": P["W_f"][:, :4]}, X), ValueError,
     "params['W_f']: expected (n, n) = (5, 5), got (5, 4)"),
    (lambda: mgu.forward({**P, "W_i": P["W_f"]}, X), ValueError,
     "params: expected exactly the keys U_f, U_g, W_f, W_g, V, b_f, b_g, b_s, got"),
    (lambda: mgu.forward(P, X, c0=1.0), TypeError, "c0: expected one of h0, mask"),
    (lambda: mgu.forward(P, X, h0=[1.0, 2.0]), ValueError,
     "h0: expected (B, n) = (2, 5), got (2,)"),
    (lambda: mgu.forward(P, X[:0]), ValueError, "x: expected T ≥ 1 time steps, got 0"),
    (lambda: mgu.forward(P, X * 1e308 * 10), ValueError, "x: expected finite numbers, got inf"),
    (lambda: mgu.forward({**P, "U_f": 1e300 * P["U_f"]}, 1e10 * X), OverflowError,
     "forward: overflows float64"),
    (lambda: mgu.backward(P, X, Y), TypeError,
     "run: expected what mgu.forward returned, got ndarray"),
    (lambda: coupled_lstm.backward(P, RUN, Y), TypeError,
     "run: expected what coupled_lstm.forward returned, got mgu"),
    (lambda: mgu.backward(P, RUN, Y * 1.0), ValueError,
     "ds: expected (T, B, p) = (3, 2, 3), got (3, 2)"),
    (lambda: mgu.value_and_grad(P, X, Y + 3), ValueError,
     "targets: expected class indices 0 … 2, got"),
    (lambda: mgu.value_and_grad(P, X, Y, mask=[1]), ValueError,
     "mask: expected (T, B) = (3, 2), got (1,)"),
    (lambda: RUN.i, AttributeError, "Run: expected x, s, mask or one of h, a_f, f, read_f,"),
    (lambda: mgu.backward(P, RUN, RUN.s).dc, AttributeError,
     "Gradients: expected dx, weights or one of dh, da_f, da_g, got 'dc'"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    with np.errstate(over="ignore"):
        refuses(call, kind, message)


def own_mgu(seed, slip=1.0):
    """Return an adapted MGU as somebody writes it: rows, fused weights, slopes from the values."""
    random = np.random.default_rng(seed)
    T, B, m, n = 3, 2, 2, 3
    params = {"gate": random.normal(size=(m + n, n)), "new": random.normal(size=(m + n, n)),
              "bias": random.normal(size=2 * n), "x": random.normal(size=(T, B, m)),
              "h0": random.normal(size=(B, n))}  # fmt: skip

    def forward(p):
        states, kept = [p["h0"]], []
        for x in p["x"]:
            h = states[-1]
            f = 1 / (1 + np.exp(-(np.hstack([x, h]) @ p["gate"] + p["bias"][:n])))
            g = np.tanh(np.hstack([x, f * h]) @ p["new"] + p["bias"][n:])
            states.append(h + f * (g - h))
            kept.append((x, h, f, g))
        return np.stack(states[1:]), (p, kept)

    def backward(dstates, made):
        p, kept = made
        grads = {k: np.zeros_like(a) for k, a in p.items()}
        dh = np.zeros_like(p["h0"])
        for t in range(T - 1, -1, -1):
            x, h, f, g = kept[t]
            dh = dh + dstates[t]
            dg = dh * f * (1 - g * g)
            into = dg @ p["new"].T
            df = (dh * (g - h) + slip * into[:, m:] * h) * f * (1 - f)
            back = df @ p["gate"].T
            grads["new"] += np.hstack([x, f * h]).T @ dg
            grads["gate"] += np.hstack([x, h]).T @ df
            grads["bias"] += np.concatenate([df.sum(0), dg.sum(0)])
            grads["x"][t] = into[:, :m] + back[:, :m]
            dh = dh * (1 - f) + into[:, m:] * f + back[:, m:]
        return {**grads, "h0": dh}

    def pulled(dstates, made):
        grads = backward(dstates, made)
        return tuple(grads[k] for k in params)

    return adaptors.from_vjp(forward, pulled, params)


FUSED = Layout("mgu", {"gate": "U_f.T; W_f.T", "new": "U_g.T; W_g.T", "bias": "b_f; b_g",
                       "x": "x[T,B,m]", "h0": "h0[B,n]"})  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_declared_cell_is_a_reference_for_somebody_s_code(seed):
    report = check_conformance(*own_mgu(seed), FUSED)
    assert report.verdict == "right", report
    report = check_conformance(*own_mgu(seed, slip=0.999), FUSED)
    assert report.verdict == "wrong"
    assert report["outputs"].verdict == "right"
    assert report["gate"].verdict == "wrong"


def code_lines(path):
    """Return the lines that are neither blank, comment nor docstring."""
    source = path.read_text(encoding="utf-8")
    told = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    return [
        text
        for i, text in enumerate(source.splitlines(), 1)
        if text.strip() and i not in told and not text.strip().startswith("#")
    ]


def test_a_cell_takes_less_than_sixty_lines_and_has_everything():
    root = Path(bpttcheck.__file__).parent
    files = [root / room / "mgu.py" for room in ("cells", "bptt", "identities")]
    assert sum(len(code_lines(path)) for path in files) < 60
    mine = {i.id for i in REGISTRY if i.model == "mgu"}
    assert len(mine) == 33
    assert "mgu" in strategies.BY_MODEL
    assert MODELS["mgu"].exact_cases()


def test_cases_of_a_cell_are_pickled_and_pasted():
    case = runs.mgu.exact_cases()[0]
    again = pickle.loads(pickle.dumps(case))
    assert type(again) is type(case)
    pasted = eval(source_of(case), {"mgu": runs.mgu})
    for name, value in vars(case).items():
        assert np.array_equal(getattr(again, name), value)
        assert np.array_equal(getattr(pasted, name), value)
    with pytest.raises(ValueError, match=r"W_f: expected \(n, n\) = "):
        replace(case, W_f=[[1.0]])
