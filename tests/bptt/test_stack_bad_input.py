"""Stacked layers: what is refused."""

from dataclasses import replace

import numpy as np

from bpttcheck import stack
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.stacked import Layers
from bpttcheck.runs.stack_model import exact_cases
from tests.refusals import refusals, refuses

SIZE = {"m": 4, "n": 5, "2n": 10, "p": 3}
TWO = Layers(cell_of("cell", "rnn"), 2, True)
P = {k: np.ones([SIZE[s] for s in a]) for k, a in TWO.axes.items()}
X, Y = np.ones((3, 2, 4)), np.zeros((3, 2), dtype=int)


def of(params=P, x=X, y=Y, cell="rnn", layers=2, bidirectional=True, **options):
    return lambda: stack.value_and_grad(
        cell, params, x, y, layers=layers, bidirectional=bidirectional, **options
    )


CASE = exact_cases()[0]
CASES = [
    (of(layers=0), ValueError, "layers: expected a whole number ≥ 1, got 0"),
    (of(layers=1.5), ValueError, "layers: expected a whole number ≥ 1, got 1.5"),
    (of(readout="last"), ValueError, "readout: expected one of every step, final, got 'last'"),
    (of(layers=1), ValueError, "params: expected exactly the keys l0.U, l0.W, l0.reverse.U,"),
    (of({**P, "c": np.zeros(3)}), ValueError,
     "params: expected 'b_s', as 'c' is called now, got 'c'"),
    (of({**P, "l1.U": np.ones((5, 5))}), ValueError,
     "params['l1.U']: expected (n, 2n) = (5, 10), got (5, 5)"),
    (of({**P, "V": np.ones((3, 5))}), ValueError,
     "params['V']: expected (p, 2n) = (p, 10), got (3, 5)"),
    (of({**P, "l0.reverse.W": np.ones((5, 4))}), ValueError,
     "params['l0.reverse.W']: expected (n, n) = (5, 5), got (5, 4)"),
    (of(states={"l2.h0": 0.0}), ValueError,
     "states: expected some of l0.h0, l0.reverse.h0, l1.h0, l1.reverse.h0, got 'l2.h0'"),
    (of(states={"l1.h0": [0.0]}), ValueError,
     "states['l1.h0']: expected (B, n) = (2, 5), got (1,)"),
    (of(cell="gru"), ValueError, "params: expected exactly the keys l0.U_z, l0.U_r, l0.U_g,"),
    (of(mask=[True]), ValueError, "mask: expected (T, B) = (3, 2), got (1,)"),
    (of(readout="final"), ValueError, "targets: expected class indices (…) = (2,), got (3, 2)"),
    (of(forget=False), TypeError, "forget: expected no such option of 'rnn', got False"),
    (of(x=1e308 * X), OverflowError, "forward: overflows float64"),
    (lambda: replace(CASE, **dict.fromkeys(("U_u", "U_v", "V"), np.ones((2, 3)))), ValueError,
     "V: expected (p, 2n) with 2n = 4, got (2, 3)"),
    (lambda: replace(CASE, W_q=np.ones((2, 3))), ValueError, "W_q: expected (n, n) = (2, 2), got"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)
