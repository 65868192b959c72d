"""LSTM, GRU and MGU: what is refused, old names among it."""

import numpy as np
import pytest

from bpttcheck import coupled_lstm, gru, lstm, mgu, rnn
from bpttcheck.runs import gru as gru_runs
from bpttcheck.runs import lstm as lstm_runs
from tests.bptt.forms import problem
from tests.refusals import refusals, refuses

_, LP, LX, LY, *_ = problem("lstm", 3, 2, 4, 5, 3, 0)
_, GP, GX, GY, *_ = problem("gru, reset after", 3, 2, 4, 5, 3, 0)

_, MP, X, MY, *_ = problem("mgu", 3, 2, 4, 5, 3, 0)
MGU_RUN = mgu.forward(MP, X)
RP, RX = problem("rnn", 3, 2, 4, 5, 3, 0)[1:3]
RNN_RUN = rnn.forward(RP, RX)
STEEP = {**MP, "U_f": 1e300 * MP["U_f"], "U_g": 1e300 * MP["U_g"]}


def of_lstm(params=LP, x=LX, y=LY, **options):
    return lambda: lstm.value_and_grad(params, x, y, **options)


def of_gru(params=GP, x=GX, y=GY, **options):
    return lambda: gru.value_and_grad(params, x, y, **{"reset": "after", **options})


def less(params, *names):
    return {k: v for k, v in params.items() if k not in names}


LSTM_RUN, GRU_RUN = lstm.forward(LP, LX), gru.forward(GP, GX, reset="after")
OF_1997 = less(LP, "U_f", "W_f", "b_f")
RUN_OF_1997 = lstm.forward(OF_1997, LX, forget=False)
ONE = np.zeros((1, 1))
LSTM_CASE = {k: np.zeros([1] * len(axes)) for k, axes in lstm_runs.axes.items()}
GRU_CASE = {k: np.zeros([1] * len(axes)) for k, axes in gru_runs.axes.items()}
STEPS = {"x": np.zeros((2, 1, 1)), "h0": ONE, "y": np.ones((1, 1, 1))}

CASES = [
    (of_lstm(params=[1]), TypeError, "params: expected a mapping with U_i, U_f, U_g, U_o, W_i,"),
    (of_lstm({**LP, "W_f": LP["W_f"][:, :4]}), ValueError,
     "params['W_f']: expected (n, n) = (5, 5), got (5, 4)"),
    (of_lstm({**LP, "U_o": LP["U_o"][:4]}), ValueError,
     "params['U_o']: expected (n, m) = (5, 4), got (4, 4)"),
    (of_lstm({**LP, "b_g": [0.0]}), ValueError, "params['b_g']: expected (n,) = (5,), got (1,)"),
    (of_lstm({**LP, "b_s": [0.0]}), ValueError, "params['b_s']: expected (p,) = (3,), got (1,)"),
    (of_lstm({**LP, "c": [0.0]}), ValueError,
     "params: expected 'b_s', as 'c' is called now, got 'c'"),
    (of_gru({**less(GP, "b_s"), "c": GP["b_s"]}), ValueError,
     "params: expected 'b_s', as 'c' is called now, got 'c'"),
    (lambda: rnn.forward({"U": ONE, "W": ONE, "V": ONE, "c": [0.0]}, [[1.0]]), ValueError,
     "params: expected 'b_s', as 'c' is called now, got 'c'"),
    (of_lstm({**LP, "Q": [0.0]}), ValueError, "params: expected exactly the keys U_i, U_f, U_g,"),
    (of_lstm(less(LP, "W_i")), ValueError, "params: expected exactly the keys U_i, U_f, U_g, U_o,"),
    (of_lstm(OF_1997), ValueError,
     "params: expected U_f and W_f, or forget=False for an LSTM without forget gate, got U_i"),
    (of_lstm(less(LP, "U_f", "W_f")), ValueError,
     "params: expected exactly the keys U_i, U_f, U_g, U_o, W_i, W_f, W_g, W_o, V, b_i, b_f,"),
    (of_lstm(less(LP, "U_f", "W_f", "b_f", "b_i"), forget=True), ValueError,
     "params: expected U_f and W_f, or forget=False for an LSTM without forget gate, got U_i"),
    (of_lstm(forget=False), ValueError,
     "params: expected exactly the keys U_i, U_g, U_o, W_i, W_g, W_o, V, b_i, b_g, b_o, b_s, got"),
    (of_lstm(OF_1997, forget=None), TypeError, "forget: expected True or False, got None"),
    (of_lstm(reset="after"), TypeError, "reset: expected one of h0, c0, forget, loss, reduction,"),
    (of_lstm(do=LY), TypeError, "do: expected one of h0, c0, forget, loss, reduction, mask"),
    (of_gru(c0=0.0), TypeError, "c0: expected one of h0, reset, loss, reduction, mask"),
    (lambda: lstm.forward(LP, LX, a0=0.0), TypeError, "a0: expected one of h0, c0, forget, mask"),
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
     "run: expected what lstm.forward returned, got gru"),
    (lambda: lstm.backward(LP, LSTM_RUN, LY * 1.0), ValueError,
     "ds: expected (T, B, p) = (3, 2, 3), got (3, 2)"),
    (lambda: lstm.backward(OF_1997, LSTM_RUN, LSTM_RUN.s), ValueError,
     "params: expected U_f and W_f, or forget=False for an LSTM without forget gate, got U_i"),
    (lambda: lstm.backward(LP, RUN_OF_1997, LSTM_RUN.s), ValueError,
     "params: expected exactly the keys U_i, U_g, U_o, W_i, W_g, W_o, V, b_i, b_g, b_o, b_s, got"),
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
     "run: expected what gru.forward returned, got lstm"),
    (lambda: gru.backward(less(GP, "b_Wg"), gru.forward(GP, GX, reset="after"), GY), ValueError,
     "ds: expected (T, B, p) = (3, 2, 3), got (3, 2)"),
    (lambda: gru.backward(GP, gru.forward(less(GP, "b_Wg"), GX), GRU_RUN.s), ValueError,
     "params: expected exactly the keys U_z, U_r, U_g, W_z, W_r, W_g, V, b_z, b_r, b_g, b_s, got"),
    (lambda: gru.backward(GP, GRU_RUN, GY * 1.0), ValueError,
     "ds: expected (T, B, p) = (3, 2, 3), got (3, 2)"),
    (lambda: GRU_RUN.o, AttributeError, "Run: expected x, s, mask or one of a_z, z, a_r, r, a_g,"),
    (lambda: GRU_RUN.q, AttributeError, "Run: expected x, s, mask or one of a_z, z, a_r, r, a_g,"),
    (lambda: mgu.forward([1], X), TypeError, "params: expected a mapping with U_f, U_g, W_f, W_g,"),
    (lambda: mgu.forward({**MP, "W_i": MP["W_f"]}, X), ValueError,
     "params: expected exactly the keys U_f, U_g, W_f, W_g, V, b_f, b_g, b_s, got"),
    (lambda: mgu.forward(MP, X, c0=1.0), TypeError, "c0: expected one of h0, mask"),
    (lambda: mgu.forward(MP, X * 1e308 * 10), ValueError, "x: expected finite numbers, got inf"),
    (lambda: mgu.backward(STEEP, mgu.forward(STEEP, 0 * X), np.full((3, 2, 3), 1e10)),
     OverflowError, "backward: overflows float64"),  # ∂L/∂x alone, since x is zero
    (lambda: mgu.backward(MP, X, MY), TypeError,
     "run: expected what mgu.forward returned, got ndarray"),
    (lambda: coupled_lstm.backward(MP, MGU_RUN, MY), TypeError,
     "run: expected what coupled_lstm.forward returned, got mgu"),
    (lambda: mgu.kind(reset="after"), TypeError,
     "reset: expected no such option of 'mgu', got 'after'"),
    (lambda: MGU_RUN.i, AttributeError, "Run: expected x, s, mask or one of a_f, f, a_g, g, h,"),
    (lambda: mgu.backward(MP, MGU_RUN, MGU_RUN.s).dc, AttributeError,
     "Gradients: expected dx, weights or one of da_f, da_g, dh, dU_f, db_f, dU_g,"),
    (lambda: lstm_runs.Case(**LSTM_CASE, **STEPS, c0=ONE, forget="maybe"), ValueError,
     "forget: expected one of gate, none, got 'maybe'"),
    (lambda: gru_runs.Case(**GRU_CASE, **STEPS, reset="inside"), ValueError,
     "reset: expected one of before, after, got 'inside'"),
    (lambda: gru_runs.Case(**GRU_CASE | {"W_z": [1.0]}, **STEPS), ValueError,
     "W_z: expected (n, n) = "),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    with np.errstate(over="ignore"):
        refuses(call, kind, message)


FORMER = [
    (lambda: GRU_RUN.o, AttributeError, "got 'o' (outputs are s, of every cell)"),
    (lambda: RNN_RUN.o, AttributeError, "got 'o' (outputs are s, of every cell)"),
    (lambda: gru.forward(less(GP, "b_Wg"), GX).q, AttributeError, "got 'q' (read_g, or q_g)"),
    (lambda: rnn.backward(RP, RNN_RUN, RNN_RUN.s).dc, AttributeError,
     "got 'dc' (the output layer's bias is b_s, of every cell)"),
    (lambda: rnn.backward(RP, RNN_RUN, do=RNN_RUN.s), TypeError,
     "do: expected 'ds', as 'do' is called now"),
    (lambda: rnn.backward_clipped(RP, RNN_RUN, do=RNN_RUN.s, limit=1.0), TypeError,
     "do: expected 'ds', as 'do' is called now"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "said"), FORMER)
def test_what_had_another_name_says_the_new_one(call, kind, said):
    with pytest.raises(kind) as raised:
        call()
    assert str(raised.value).endswith(said)
    assert "\n" not in str(raised.value)
