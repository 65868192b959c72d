"""A network that is declared as a cell: what it refuses."""

import numpy as np

from bpttcheck import coupled_lstm, mgu
from tests.refusals import refusals, refuses

SIZE = {"m": 4, "n": 5, "p": 3}
P = {k: np.random.default_rng(1).standard_normal([SIZE[s] for s in a])
     for k, a in mgu.cell.axes.items()}  # fmt: skip
X, Y = np.ones((3, 2, 4)), np.zeros((3, 2), dtype=int)
RUN = mgu.forward(P, X)
STEEP = {**P, "U_f": 1e300 * P["U_f"], "U_g": 1e300 * P["U_g"]}

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
    (lambda: mgu.backward(STEEP, mgu.forward(STEEP, 0 * X), np.full((3, 2, 3), 1e10)),
     OverflowError, "backward: overflows float64"),  # ∂L/∂x alone, since x is zero
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
