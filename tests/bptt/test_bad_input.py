"""Bad input: one clear error naming the argument, what was expected and what came."""

import numpy as np
import pytest

import bpttcheck
from bpttcheck import Activation, Loss, log_softmax, nll, nll_gradient, scalar_rnn, softmax, tanh
from bpttcheck.arithmetic.balls import balls
from bpttcheck.runs.scalar_rnn_model import Case
from bpttcheck.runs.softmax_nll_model import Case as RowCase
from bpttcheck.verification import replay, verify
from tests.refusals import refusals, refuses

P = {"w": 0.5, "v": 1.0}
X = [1.0, 2.0]


def vg(params=P, x=X, targets=X, **options):
    return lambda: scalar_rnn.value_and_grad(params, x, targets, **options)


def fwd(params=P, x=X, **options):
    return lambda: scalar_rnn.forward(params, x, **options)


def scalar_case(x, h0, y):
    return Case(1, 1, x, h0, y)


def row_case(o, y, targets="class"):
    return RowCase(o, y, targets)


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
     "phi: expected one of linear, relu, sigmoid, tanh, got 'tan'"),
    (fwd(phi="identity"), ValueError, "phi: 'identity' is now called 'linear'"),
    (fwd(theta=np.tanh), TypeError,
     "theta: expected an Activation or one of linear, relu, sigmoid, tanh, got ufunc"),
    (fwd(params={"w": 1e200, "v": 1e200}, x=[1.0] * 3, phi="linear"), OverflowError,
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
    (lambda: scalar_rnn.backward(P, None, X), TypeError,
     "run: expected what forward returned, got None"),
    (fwd(phi=Activation("sum", lambda a: a.sum(), lambda a: a)), ValueError,
     "phi 'sum': expected the shape of its argument, (2,), got ()"),
    (fwd(theta=Activation("sum", lambda a: a.sum(), lambda a: a)), ValueError,
     "theta 'sum': expected the shape of its argument, (2,), got ()"),
    (fwd(x=[-4.0, 1.0], phi=Activation("root", np.sqrt, np.sqrt)), ArithmeticError,
     "forward: expected a number from finite input, got NaN"),
    (vg(loss=Loss("flat", lambda a, y: 1.0 + 0 * a, lambda a, y: a)), ValueError,
     "loss 'flat': expected one number a sequence, shape (), got (2,)"),
    (vg(loss=Loss("one", lambda a, y: a.sum(), lambda a, y: a.sum())), ValueError,
     "gradient of loss 'one': expected the shape of its argument, (2,), got ()"),
    (lambda: Activation("square", np.square, np.square)(1e200), OverflowError,
     "activation 'square': overflows float64"),
    (fwd(params={"w": np.float32(1), "v": np.float32(1)}, x=np.float32([1]), h0=1e300), ValueError,
     "h0: expected numbers within the range of float32, got 1e+300"),
    (fwd(x=np.array([], dtype=object)), TypeError, "x: expected an array of numbers"),
    (lambda: softmax(balls([np.inf, 0])), ValueError, "o: expected finite numbers"),
    (lambda: scalar_case([[1]], [0], [[1], [2]]), ValueError,
     "x: expected T + 1 = 3 steps, got shape (1, 1)"),
    (lambda: scalar_case([1, 2], [0], [1]), ValueError, "y: expected shape (T, B), got (1,)"),
    (lambda: row_case([[0, 0]], [[2, 0]], "class"), ValueError, "y: expected one-hot rows"),
    (lambda: row_case([[0, 0]], [[0.2, 0.2]], "distribution"), ValueError,
     "y: expected rows that sum to one for targets='distribution'"),
    (lambda: row_case([[0, 0]], [[1, 0]], "foo"), ValueError,
     "targets: expected class, distribution or any, got 'foo'"),
    (lambda: row_case([[0, 0]], [[1, 0, 0]]), ValueError, "y: expected (B, p) = (1, 2), got"),
    (lambda: verify(["nope"]), ValueError, "identities: expected registered IDs, got 'nope'"),
    (lambda: verify([], ["nope"]), ValueError, "claims: expected registered IDs, got 'nope'"),
    (lambda: verify([], max_examples=0), ValueError, "max_examples: expected a whole number ≥ 1"),
    (lambda: replay("nope", None), ValueError, "name: expected the ID of an identity or a claim"),
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


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)


def rejected(said):
    raise ValueError(said)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: rejected("y: expected 1, got 2"), ValueError),
        (lambda: rejected("x: expected 1,\ngot 2"), ValueError),
        (lambda: rejected("x: expected 1, got 2"), TypeError),
        (lambda: None, ValueError),
    ],
    ids=["another argument", "two lines", "another kind", "no error"],
)
def test_what_is_no_such_refusal(call, kind):
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        refuses(call, kind, "x: expected 1,")
    refuses(lambda: rejected("x: expected 1, got 2"), ValueError, "x: expected 1,")


def test_far_apart_logits_are_no_error_where_the_result_is_a_float():
    assert bpttcheck.softmax([1.5e308, -1.5e308]).tolist() == [1, 0]
    assert nll([1.5e308, -1.5e308], 0) == 0
    assert nll_gradient([1.5e308, -1.5e308], 1).tolist() == [1, -1]


def test_predictions_are_no_view_of_the_states():
    run = scalar_rnn.forward(P, X)
    error = run.y_hat
    error -= 1
    assert (run.h[1:] == scalar_rnn.forward(P, X).h[1:]).all()


def test_complex_and_longdouble_python_numbers_keep_what_they_are():
    assert scalar_rnn.forward({"w": 1j, "v": 1.0}, [1.0, 2.0], phi="linear").s[1] == 2 + 1j
    third = np.longdouble(1) / 3
    assert scalar_rnn.forward({"w": 0.0, "v": 1.0}, [third], phi="linear").s[0] == third
    assert scalar_rnn.forward({"w": 1.0, "v": 1.0}, balls([1.0, 2.0])).s.dtype == object


def test_a_one_hot_row_of_integers_is_a_row_of_weights():
    assert nll_gradient([[0.0, 1.0]], [[0, 1]]).tolist() == nll_gradient([[0.0, 1.0]], [1]).tolist()


def test_narrow_floats_under_strict_error_state():
    with np.errstate(all="raise"):
        assert softmax(np.array([0, -95], np.float32))[0] == 1
