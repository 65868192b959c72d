"""Conformance: what is refused."""

import numpy as np

from bpttcheck.conformance import Layout, check_conformance
from tests.adaptors.styles_of_code import drawn
from tests.conformance.rows import ROWS, tanh_rnn
from tests.refusals import refusals, refuses

P = drawn()
V = tanh_rnn().value_and_grad


S = {"weight_ih_l0": (16, 3), "weight_hh_l0": (16, 4), "bias_ih_l0": (16,), "bias_hh_l0": (16,)}
S = {k: np.ones(s) for k, s in S.items()} | {"input": np.ones((5, 2, 3))}
TWO = {"weight_ih_l1": np.ones((16, 4)), "weight_hh_l1": np.ones((16, 4))}
KNOWN = "weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, input, h0, c0"
HAIKU = {"linear.w": np.ones((7, 16)), "x": np.ones((5, 2, 3))}
KERAS = {"kernel": (3, 12), "recurrent_kernel": (4, 12), "bias": (12,), "inputs": (2, 5, 3)}
KERAS = {k: np.ones(s) for k, s in KERAS.items()}


def asked(layout, params):
    """Ask about a cell that is never run, since its arrays are not the layout's."""
    return check_conformance(V, params, layout)


def changed(**arrays):
    kept = {k: v for k, v in {**P, **arrays}.items() if v is not None}
    return lambda: check_conformance(V, kept, ROWS)


BAD = [
    (lambda: check_conformance(abs, P, ROWS), TypeError,
     "value_and_grad: expected that of from_vjp, from_layer, from_cell, from_torch, from_modu"),
    (lambda: check_conformance(V, P, "torch.nn.LSTN"), ValueError,
     "layout: expected a name in LAYOUTS, such as torch.nn.LSTM; torch.nn.RNN; torch.nn.LSTMCell"),
    (lambda: check_conformance(V, P, 3), TypeError,
     "layout: expected a Layout or a name in LAYOUTS, got int"),
    (lambda: check_conformance(V, P, ROWS, seed=-1), ValueError,
     "seed: expected a whole number ≥ 0, got -1"),
    (changed(Q=np.ones(2)), ValueError,
     "params: expected the layout's arrays (U, W, b, x, h0), got 'Q'"),
    (changed(x=None), ValueError, "params: expected the input, x, got h0, U, W, b"),
    (changed(U=None), ValueError, "params: expected U, got x, h0, W, b"),
    (changed(U=None, W=None, b=None), ValueError, "params: expected U, W, b, got x, h0"),
    (changed(U=P["U"].T.copy()), ValueError,
     "params['U']: expected shape (3, 4) at m = 3, n = 4, got (4, 3)"),
    (changed(x=P["x"][0]), ValueError, "params['x']: expected shape (T, B, m), got (2, 3)"),
    (changed(h0=P["h0"][:1]), ValueError, "params['h0']: expected (B, n) = (2, 4), got (1, 4)"),
    (lambda: asked("torch.nn.LSTM", S | TWO), ValueError,
     f"params: expected the layout's arrays ({KNOWN}), got 'weight_ih_l1'; layers=2 would"),
    (lambda: asked("torch.nn.LSTM", S | {"weight_hr_l0": np.ones((4, 4))}), ValueError,
     f"params: expected the layout's arrays ({KNOWN}), got 'weight_hr_l0'; the layout 'torch.nn"),
    (lambda: asked("keras.GRU", KERAS), ValueError,
     "params['bias']: expected shape (2, 12) at m = 3, n = 4, got (12,); the layout 'keras.GRU"),
    (lambda: asked("haiku.LSTM", HAIKU), ValueError,
     "params: expected linear.b, got linear.w, x"),
    (changed(W=P["W"].astype(complex)), TypeError,
     "params['W']: expected an array of floats, got dtype complex128"),
    (lambda: asked("torch.nn.LSTM", S | {"weight_ih_l0": np.ones((16, 3), dtype=int)}), TypeError,
     "params['weight_ih_l0']: expected"),
    (lambda: asked("torch.nn.LSTM", S | {"ln_ih_l0": np.ones(16)}), ValueError,
     f"params: expected the layout's arrays ({KNOWN}), got 'ln_ih_l0'"),
    (lambda: asked("torch.nn.GRUCell", S), ValueError,
     "params: expected the layout's arrays (weight_ih, weight_hh, bias_ih, bias_hh, input, hx)"),
    (lambda: asked("torch.nn.GRU", S), ValueError,
     "params['weight_ih_l0']: expected shape (3, 3) at m = 3, n = 1, got (16, 3); the layout"),
    (lambda: check_conformance(V, P, ROWS.but(outputs="h[B,T,n]")), ValueError,
     "outputs: expected h[B,T,n] = (2, 5, 4), got (5, 2, 4)"),
    (lambda: Layout("rnn", {"U": "U", "W": "Q"}), ValueError,
     "arrays['W']: expected blocks of U, W, b, got 'Q'"),
    (lambda: Layout("rnn", {"U": "U"}), ValueError,
     "arrays: expected all weights, got none that holds W"),
    (lambda: Layout("RNN", {}), ValueError,
     "cell: expected one of rnn, lstm, gru, mgu, coupled_lstm, peephole_lstm,"),
    (lambda: Layout("rnn", {"U": "U", "W": "W", "b": "b.T"}), ValueError,
     "arrays['b']: expected .T or .flat of a matrix, .row or .column of a bias, got 'b.T'"),
    (lambda: Layout("rnn", {"U": "U", "W": "W", "x": "x[T,B]"}), ValueError,
     "arrays['x']: expected x[T,B,m], h0[B,n], in any order of axes and with axes 1, got 'x[T,B]'"),
    (lambda: Layout("lstm", {}, squash={"z": "relu"}), ValueError,
     "squash: expected one of i, f, g, o, c, got 'z'"),
    (lambda: Layout("lstm", {}, squash={"g": "swish"}), ValueError,
     "squash['g']: expected one of tanh, sigmoid, relu, linear, hard_tanh, hard_sigmoid(1/6, 1/2)"),
    (lambda: check_conformance(V, P, ROWS.but(outputs="h[T,n]")), ValueError,
     "outputs: expected h[T,n] = (5, 4), got (5, 2, 4)"),
    (lambda: Layout("gru", {"s": "c0[B,n]"}), ValueError,
     "arrays['s']: expected x[T,B,m], h0[B,n], in any order of axes and with axes 1, got 'c0[B"),
    (lambda: ROWS.but(outputs="o[T,B,n]"), ValueError, "outputs: expected h[T,B,n], h_T[B,n], in"),
]  # fmt: skip


@refusals(BAD)
def test_bad_input(call, kind, message):
    refuses(call, kind, message)
