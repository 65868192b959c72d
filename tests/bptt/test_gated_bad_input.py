"""LSTM and GRU: what is refused."""

import numpy as np

from bpttcheck import gru, lstm
from bpttcheck.cells import gru as gru_cell
from bpttcheck.cells import lstm as lstm_cell
from bpttcheck.runs import gru as gru_runs
from bpttcheck.runs import lstm as lstm_runs
from tests.bptt.gated_forms import problem
from tests.refusals import refusals, refuses

_, LP, LX, LY, _ = problem("lstm", 3, 2, 4, 5, 3, 0)
_, GP, GX, GY, _ = problem("gru, reset after", 3, 2, 4, 5, 3, 0)


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
