"""Conformance: what is refused."""

import numpy as np

from bpttcheck.conformance import Layout, check_conformance
from tests.adaptors.styles_of_code import drawn
from tests.conformance.rows import ROWS, tanh_rnn
from tests.refusals import refusals, refuses

P = drawn()
V = tanh_rnn().value_and_grad


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
     "squash['g']: expected one of tanh, sigmoid, relu, linear, got 'swish'"),
    (lambda: check_conformance(V, P, ROWS.but(outputs="h[T,n]")), ValueError,
     "outputs: expected h[T,n] = (5, 4), got (5, 2, 4)"),
    (lambda: Layout("gru", {"s": "c0[B,n]"}), ValueError,
     "arrays['s']: expected x[T,B,m], h0[B,n], in any order of axes and with axes 1, got 'c0[B"),
    (lambda: ROWS.but(outputs="o[T,B,n]"), ValueError, "outputs: expected h[T,B,n], h_T[B,n], in"),
]  # fmt: skip


@refusals(BAD)
def test_bad_input(call, kind, message):
    refuses(call, kind, message)
