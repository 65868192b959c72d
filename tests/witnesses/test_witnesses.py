"""The witnesses: they meet BPTT exactly in the field, and a planted mistake in them is seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import rnn, scalar_rnn
from bpttcheck.activations import linear
from bpttcheck.arithmetic.finite_field import key, random_residues
from bpttcheck.identities.witnesses import ALL
from bpttcheck.runs import MODELS, rnn_witnesses
from bpttcheck.runs.rnn_model import Case
from bpttcheck.runs.systems import Floats
from bpttcheck.statements.judge import Outcome, in_floats
from bpttcheck.witnesses import paths, rtrl, unrolled
from tests.planted import planted

sizes = st.integers(1, 3)
OURS = {"U": "U", "W": "W", "V": "V", "b": "b", "b_s": "c"}
"""The names that the witnesses have for the weights, which are those of their sources."""


def in_the_field(T, B, m, n, p, phi="tanh", mask=None):
    """Return the parameters, a forward pass, ∂L/∂s_t and what BPTT makes of them, as residues."""
    size = {"m": m, "n": n, "p": p}
    axes = rnn.cell.axes
    params = {k: random_residues(k, tuple(size[s] for s in axes[k])) for k in axes}
    x, h0, ds = (random_residues(k, s) for k, s in
                 (("x", (T, B, m)), ("h0", (B, n)), ("ds", (T, B, p))))  # fmt: skip
    run = rnn.forward(params, x, h0=h0, phi=phi, mask=mask)
    if mask is not None:  # a step that does not take place has no loss
        ds = np.where(mask[..., None], ds, 0 * ds)
    return params, run, ds, rnn.backward(params, run, ds)


@given(T=st.integers(1, 5), B=sizes, m=sizes, n=sizes, p=sizes, seed=st.integers(0, 2**32 - 1),
       phi=st.sampled_from(["tanh", "sigmoid", "linear"]), data=st.data())  # fmt: skip
def test_rtrl_is_bptt_to_the_last_digit_with_and_without_a_mask(T, B, m, n, p, seed, phi, data):
    taken = st.lists(st.booleans(), min_size=T, max_size=T).filter(any)
    mask = data.draw(st.none() | st.lists(taken, min_size=B, max_size=B).map(np.transpose))
    with key(seed):
        weights, run, ds, bptt = in_the_field(T, B, m, n, p, phi, mask)
        ours = rtrl.rnn(weights, run, ds)
        for name, gradient in bptt.weights.items():
            assert (getattr(ours, OURS[name]).sum(axis=0) == gradient).all()
        assert (ours.h0 == bptt.dh[0]).all()


@given(T=st.integers(1, 5), B=sizes, n=sizes, seed=st.integers(0, 2**32 - 1))
def test_the_sum_over_paths_is_bptt_to_the_last_digit(T, B, n, seed):
    with key(seed):
        weights, run, ds, bptt = in_the_field(T, B, 2, n, 2)
        assert (paths.rnn(weights, run, ds) == bptt.da).all()


@given(T=st.integers(1, 8), seed=st.integers(0, 2**32 - 1))
def test_one_state_has_one_path_to_each_loss(T, seed):
    """Then the vector network's paths are the scalar network's closed form."""
    with key(seed):
        weights, run, ds, _ = in_the_field(T, 1, 1, 1, 1)
        params = {k: weights[k] for k in "UWV"}
        vector = rnn.forward(params, run.x, h0=run.h[0])
        w, v = params["W"][0, 0], params["U"][0, 0]
        scalar_params = {"w": np.array(w, dtype=object), "v": np.array(v, dtype=object)}
        scalar = scalar_rnn.forward(scalar_params, run.x[..., 0], h0=run.h[0, :, 0])
        by_hand = scalar_rnn.backward(scalar_params, scalar, (ds @ params["V"])[..., 0])
        assert (paths.rnn(params, vector, ds)[..., 0] == by_hand.ds).all()


def test_too_many_paths_are_refused_rather_than_listed():
    random = np.random.default_rng(0)
    shapes = {"U": (8, 1), "W": (8, 8), "V": (1, 8)}
    weights = {k: random.standard_normal(s) for k, s in shapes.items()}
    run = rnn.forward(weights, random.standard_normal((7, 1, 1)))
    with pytest.raises(ValueError, match=r"run: expected n\^T ≤ 1000000 paths, got 8\^7"):
        paths.rnn(weights, run, np.ones((7, 1, 1)))


def test_as_many_paths_as_are_said_are_listed(monkeypatch):
    monkeypatch.setattr(paths, "MOST", 2**3)
    with key(0):
        weights, run, ds, bptt = in_the_field(3, 1, 1, 2, 1)
        assert (paths.rnn(weights, run, ds) == bptt.da).all()
        monkeypatch.setattr(paths, "MOST", 2**3 - 1)
        with pytest.raises(ValueError, match=r"run: expected n\^T ≤ 7 paths, got 2\^3"):
            paths.rnn(weights, run, ds)


def test_the_untied_network_worked_by_hand():
    # Step 1: a = 1 + 2·1 + 3·1 = 6, h = 6, o = 1·6 + 0 = 6. Step 2 has other weights:
    # a = 0 − 1·6 + 5·2 = 4, h = 4, o = 10·4 + 7 = 47
    copies = {
        "U": [[[3.0]], [[5.0]]], "W": [[[2.0]], [[-1.0]]], "V": [[[1.0]], [[10.0]]],
        "b": [[[1.0]], [[0.0]]], "c": [[[0.0]], [[7.0]]],
    }  # fmt: skip
    copies = {k: np.array(v) for k, v in copies.items()}
    states = unrolled.forward(copies, np.array([[[1.0]], [[2.0]]]), np.array([[1.0]]), linear)
    assert states.a.ravel().tolist() == [6, 4]
    assert states.h.ravel().tolist() == [1, 6, 4]
    assert states.o.ravel().tolist() == [6, 47]
    del copies["b"], copies["c"]
    states = unrolled.forward(copies, np.array([[[1.0]], [[2.0]]]), np.array([[1.0]]), linear)
    assert states.o.ravel().tolist() == [5, 50]


def case(T, n, phi="tanh"):
    random = np.random.default_rng(T + n)
    shapes = ((n, 2), (n, n), (4, n), n, 4, (T + 1, 2, 2), (2, n), (T, 2, 4))
    return Case(*(random.standard_normal(s) for s in shapes), phi, "squared_error", "any")


def disagreeing():
    """Return the identities of this file that fail in float64 at some case."""
    found = set()
    for example in (case(3, 3), case(1, 2, "sigmoid"), case(4, 1)):
        symbols = MODELS["rnn"].evaluate(example, Floats())
        for i in ALL:
            if in_floats(i.statement, symbols).outcome is not Outcome.AGREES:
                found.add(i.id)
    return found


def test_the_witnesses_as_they_stand_agree():
    assert disagreeing() == set()


RTRL = [
    ("run.x, run.h[:-1]", "run.x, run.h[1:]"),
    ('da = weights["W"] @ dh', 'da = weights["W"].mT @ dh'),
    ('da = weights["W"] @ dh', "da = 0 * dh"),
    ("da[:, rows, own] += read[t][:, None]", "da[:, rows, own] -= read[t][:, None]"),
    ("slope[t][..., None] * da", "slope[t - 1][..., None] * da"),
    ("slope[t][..., None] * da", "da"),
    ("total = total + (to_state", "total = (to_state"),
    ("to_state[t][:, None]", "to_state[0][:, None]"),
    ("run.h[1:], 0, 1", "run.h[:-1], 0, 1"),
    ("do.sum(axis=0)", "do[-1]"),
    ("= np.eye(n, dtype=int)  #", "= 0  #"),
]
PATHS = [
    ("product * slope[j][:, path[j - k]]", "product * slope[j][:, path[0]]"),
    ("product * slope[j][:, path[j - k]]", "product"),
    ('weights["W"][path[j + 1], path[j]]', 'weights["W"][path[j], path[j + 1]]'),
    ("range(k, t + 1)", "range(k, t)"),
    ("range(t - k)", "range(t - k - 1)"),
    ("range(k + 1, T)", "range(k + 1, T - 1)"),
    ('weights["V"])[:, path[-1]]', 'weights["V"])[:, path[0]]'),
]
UNROLLED = [
    ("h[t] @ W[t].mT", "h[t] @ W[0].mT"),
    ("x[t] @ U[t].mT", "x[t] @ U[0].mT"),
    ("h[t + 1] @ V[t].mT", "h[t + 1] @ V[0].mT"),
    ("h[t + 1] @ V[t].mT", "h[t] @ V[t].mT"),
    ("before + b[t]", "before + b[0]"),
    ("read + c[t]", "read + c[0]"),
    ("before if b is None else before + b[t]", "before"),
    ("phi.value(a[t])", "a[t]"),
]


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        *((rtrl, *change) for change in RTRL),
        *((paths, *change) for change in PATHS),
        *((unrolled, *change) for change in UNROLLED),
    ],
    ids=lambda v: v if isinstance(v, str) else v.__name__.split(".")[-1],
)
def test_a_planted_mistake_is_seen(module, old, new, monkeypatch):
    name = module.__name__.split(".")[-1]
    monkeypatch.setattr(rnn_witnesses, name, planted(module, old, new))
    seen = disagreeing()
    assert seen
    word = {"unrolled": "untied", "rtrl": "rtrl", "paths": "paths"}[name]
    assert any(f"rnn.{word}" in i for i in seen)


def test_a_mask_that_rtrl_forgets_is_seen():
    mask = np.array([[1, 1], [0, 1], [1, 1]], dtype=bool)
    with key("mask"):
        weights, run, ds, bptt = in_the_field(3, 2, 2, 2, 2, mask=mask)
        liar = planted(rtrl, "if run.mask is not None:", "if False:")
        assert (rtrl.rnn(weights, run, ds).W.sum(axis=0) == bptt.dW).all()
        assert (liar.rnn(weights, run, ds).W.sum(axis=0) != bptt.dW).any()


def test_nothing_exponential_is_computed_unless_a_statement_asks():
    symbols = MODELS["rnn"].evaluate(case(60, 8), Floats())
    assert symbols["paths"].name == "paths"
    with pytest.raises(ValueError, match="run: expected"):
        symbols["paths"][1]
    rtrl_W = symbols["rtrl_W"]
    assert rtrl_W.core == (8, 8)
    assert (rtrl_W.size == np.abs(rtrl_W.value)).all()
    assert rtrl_W.value is rtrl_W.value
    assert not hasattr(rtrl_W, "shape")
