"""Bad input: one clear error naming the argument, what was expected and what came."""

import numpy as np
import pytest

import bpttcheck
from bpttcheck import Loss, log_softmax, nll, nll_gradient, scalar_rnn, softmax, tanh

P = {"w": 0.5, "v": 1.0}
X = [1.0, 2.0]


def vg(params=P, x=X, targets=X, **options):
    return lambda: scalar_rnn.value_and_grad(params, x, targets, **options)


def fwd(params=P, x=X, **options):
    return lambda: scalar_rnn.forward(params, x, **options)


run = scalar_rnn.forward(P, X)
broken = Loss("broken", lambda y_hat, y: y_hat.sum() * np.inf, lambda y_hat, y: y_hat)

CASES = [
    (fwd(params=[1, 2]), TypeError, "params: expected a mapping with w, v, got list"),
    (fwd(params={"w": 1}), ValueError, "params: expected exactly the keys w, v, got w"),
    (fwd(params={**P, "u": 1}), ValueError, "params: expected exactly the keys w, v, got w, v, u"),
    (fwd(params={"w": [1.0], "v": 1}), ValueError,
     "params['w']: expected a single number, shape (), got (1,)"),
    (fwd(params={"w": float("nan"), "v": 1}), ValueError,
     "params['w']: expected finite numbers, got nan at index ()"),
    (fwd(params={"w": "a", "v": 1}), TypeError,
     "params['w']: expected an array of numbers, got dtype <U1"),
    (fwd(params={"w": None, "v": 1}), TypeError,
     "params['w']: expected an array of numbers, got an object of type NoneType"),
    (fwd(x=[]), ValueError, "x: expected T ≥ 1 time steps, got 0"),
    (fwd(x=np.zeros((2, 0))), ValueError, "x: expected B ≥ 1 sequences, got 0"),
    (fwd(x=np.zeros((2, 1, 1))), ValueError, "x: expected shape (T, B), got (2, 1, 1)"),
    (fwd(x=1.0), ValueError, "x: expected shape (T,), got ()"),
    (fwd(x=[1.0, np.inf]), ValueError, "x: expected finite numbers, got inf at index (1,)"),
    (fwd(x=[[1.0], [1.0, 2.0]]), ValueError, "x: expected a rectangular array of numbers"),
    (fwd(x=np.zeros((3, 2)), h0=[1, 2, 3]), ValueError, "h0: expected (B,) = (2,), got (3,)"),
    (fwd(x=[1.0], h0=[1.0]), ValueError, "h0: expected a single number, shape (), got (1,)"),
    (fwd(phi="tan"), ValueError,
     "phi: expected one of identity, relu, sigmoid, tanh, got 'tan'"),
    (fwd(theta=np.tanh), TypeError,
     "theta: expected an Activation or one of identity, relu, sigmoid, tanh, got ufunc"),
    (fwd(params={"w": 1e200, "v": 1e200}, x=[1.0] * 3, phi="identity"), OverflowError,
     "forward: overflows float64"),
    (vg(targets=[1.0]), ValueError, "targets: expected (T,) = (2,), got (1,)"),
    (vg(targets=[1.0, np.nan]), ValueError, "targets: expected finite numbers, got nan"),
    (vg(loss="l2"), ValueError, "loss: expected one of squared_error, got 'l2'"),
    (vg(loss=abs), TypeError, "loss: expected a Loss or one of squared_error, got builtin"),
    (vg(reduction="max"), ValueError, "reduction: expected one of sum, mean, got 'max'"),
    (vg(loss=broken), OverflowError, "value_and_grad: overflows float64"),
    (vg(targets=[1e200, 1]), OverflowError, "value_and_grad: overflows float64"),
    (lambda: scalar_rnn.backward(P, run, [1.0]), ValueError,
     "dy_hat: expected (T,) = (2,), got (1,)"),
    (lambda: scalar_rnn.backward(P, run, [1.0, np.inf]), ValueError,
     "dy_hat: expected finite numbers, got inf at index (1,)"),
    (lambda: tanh("a"), TypeError, "a: expected an array of numbers, got dtype <U1"),
    (lambda: tanh.prime([np.nan]), ValueError, "a: expected finite numbers, got nan at index (0,)"),
    (lambda: softmax([]), ValueError, "o: expected shape (…, p) with p ≥ 1 classes"),
    (lambda: softmax(1.0), ValueError, "o: expected shape (…, p) with p ≥ 1 classes"),
    (lambda: softmax([np.inf, 0]), ValueError, "o: expected finite numbers, got inf at index (0,)"),
    (lambda: log_softmax([1.5e308, -1.5e308]), OverflowError, "log_softmax: overflows float64"),
    (lambda: nll([0.0, 1.0], 2), ValueError, "targets: expected class indices 0 … 1, got 2"),
    (lambda: nll([0.0, 1.0], -1), ValueError, "targets: expected class indices 0 … 1, got -1"),
    (lambda: nll([0.0, 1.0], [0]), ValueError,
     "targets: expected class indices (…) = (), got (1,)"),
    (lambda: nll([0.0, 1.0], [0.5]), ValueError,
     "targets: expected weights (…, p) = (2,), or class indices as integers (), got shape (1,)"),
    (lambda: nll_gradient([0.0, 1.0], [1.5, -0.5]), ValueError,
     "targets: expected weights ≥ 0, got -0.5"),
    (lambda: nll([0.0, 1.0], [np.nan, 1]), ValueError, "targets: expected finite numbers, got nan"),
    (lambda: nll([0.0, 1.0], "b"), TypeError, "targets: expected an array of numbers"),
    (lambda: nll([0.0, 1.0], 0, reduction="none"), ValueError,
     "reduction: expected one of sum, mean, got 'none'"),
    (lambda: nll([1.5e308, -1.5e308], 1), OverflowError, "nll: overflows float64"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), CASES, ids=[c[2] for c in CASES])
def test_error(call, kind, message):
    with pytest.raises(kind) as raised:
        call()
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_far_apart_logits_are_no_error_where_the_result_is_a_float():
    assert bpttcheck.softmax([1.5e308, -1.5e308]).tolist() == [1, 0]
    assert nll([1.5e308, -1.5e308], 0) == 0
    assert nll_gradient([1.5e308, -1.5e308], 1).tolist() == [1, -1]
