"""Adaptors for NumPy code: what they refuse at once, and what shows at a call."""

import sys
import threading

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from tests.adaptors import styles_of_code as code
from tests.adaptors.adapted_styles import ALL, H0, WEIGHTS, X, program
from tests.adaptors.styles_of_code import Layer, Net
from tests.refusals import refusals, refuses


class Locked(Net):
    def __init__(self, **weights):
        super().__init__(**weights)
        self.lock = threading.Lock()


net = Net(**WEIGHTS)
BAD = [
    (lambda: adaptors.from_function(3, WEIGHTS), TypeError,
     "loss_and_gradients: expected a function, got int"),
    (lambda: adaptors.from_function(abs, [1]), TypeError,
     "params[0]: expected an array of floats, got dtype int64"),
    (lambda: adaptors.from_function(abs, {"x": [1, 2]}), TypeError,
     "params['x']: expected an array of floats, got dtype int64"),
    (lambda: adaptors.from_function(abs, WEIGHTS, returns=["U", "W"]), ValueError,
     "returns: expected each of U, W, b once, got U, W"),
    (lambda: adaptors.from_function(abs, WEIGHTS, returns="d"), ValueError,
     'returns: expected names, or a pattern such as "d{}", got \'d\''),
    (lambda: adaptors.from_vjp(abs, 3, ALL), TypeError, "backward: expected a function, got int"),
    (lambda: adaptors.from_vjp(abs, None, ALL, cache=False), ValueError,
     "backward: expected a function where cache=False, got None"),
    (lambda: adaptors.from_vjp(abs, abs, ALL, seed=-1), ValueError,
     "seed: expected a whole number ≥ 0, got -1"),
    (lambda: adaptors.from_cell(abs, abs, WEIGHTS, 1.0, H0), ValueError,
     "x: expected T ≥ 1 time steps, time first, got shape ()"),
    (lambda: adaptors.from_cell(abs, abs, WEIGHTS, X[:0], H0), ValueError,
     f"x: expected T ≥ 1 time steps, time first, got shape (0, {X.shape[1]}, {X.shape[2]})"),
    (lambda: adaptors.from_cell(abs, abs, ALL, X, H0), ValueError,
     "params: expected names other than h0, x, which are given"),
    (lambda: adaptors.from_cell(abs, abs, WEIGHTS, X, {"h0": None}), TypeError,
     "state['h0']: expected an array of floats, got objects of type NoneType"),
    (lambda: adaptors.from_object(net, abs, params=["U", "Q"]), ValueError,
     "params: expected a path in Net, got 'Q', which does not lead anywhere"),
    (lambda: adaptors.from_object(net, abs, params=["slip", "train"]), TypeError,
     "params: train: expected an array of floats, got method"),
    (lambda: adaptors.from_object(net, abs, params="U + 1"), ValueError,
     "params: expected a path such as \"W\", \"params[0]\" or \"cell.grads['W']\", got 'U + 1'"),
    (lambda: adaptors.from_object(net, abs, params=3), TypeError,
     "params: expected a path, paths, or a mapping of names to paths, got int"),
    (lambda: adaptors.from_object(net, abs, params=[]), ValueError,
     "params: expected at least one array, got none"),
    (lambda: adaptors.from_object(net, abs, params=["U", "W"], gradients=["dU"]), ValueError,
     "gradients: expected 2 paths (U, W), got 1"),
    (lambda: adaptors.from_object(net, abs, params=["U"], gradients={"W": "dW"}), ValueError,
     "gradients: expected paths for U, got W"),
    (lambda: adaptors.from_object(net, abs, params=["U"], gradients="d{}", returns=["U"]),
     ValueError, "gradients, returns: expected one of them, got both"),
    (lambda: adaptors.from_object(Locked(**WEIGHTS), abs, params=["U"]), TypeError,
     "Locked: expected an object that can be copied; copy.deepcopy raised TypeError: can"),
    (lambda: adaptors.from_layer(net, [X]), TypeError,
     "inputs: expected a mapping of names to arrays, got list"),
    (lambda: adaptors.from_layer(net, {"x": X}), ValueError,
     "forward: expected a method of Net, got 'forward'"),
    (lambda: adaptors.from_layer(net, {"x": X}, params="U"), ValueError,
     "params, gradients: expected both or neither, got one of them"),
    (lambda: adaptors.from_layer(net, {"U": X}, params="U", gradients="dU", forward=abs,
                                 backward=abs), ValueError,
     "inputs: expected names that no parameter has, got U"),
    (lambda: adaptors.from_globals(net, abs, params=["U"]), TypeError,
     "module: expected a module or its globals(), got Net"),
    (lambda: adaptors.from_globals(program(), abs, params=["V"]), ValueError,
     "params: expected a path in program, got 'V', which does not lead anywhere"),
    (lambda: adaptors.from_update(net, abs, params=["U"], learning_rate=0), ValueError,
     "learning_rate: expected a finite number > 0, got 0"),
]  # fmt: skip


@refusals(BAD)
def test_bad_input(call, kind, message):
    refuses(call, kind, message)


def of_vjp(forward=lambda p: code.forward(**p), backward=code.backward, **options):
    return adaptors.from_vjp(forward, backward, ALL, **options)


def of_cell(forward=lambda p, x, h: code.step_forward(x, h, **p), backward=code.step_backward):
    return adaptors.from_cell(forward, backward, WEIGHTS, X, H0)


def of_layer(backward):
    return adaptors.from_layer(
        Layer(**WEIGHTS), {"x": X, "h0": H0}, params="params", gradients="grads", backward=backward
    )


growing = iter(range(1, 100))

AT_A_CALL = [
    (of_vjp(forward=lambda p: 3.0),
     "TypeError: forward: expected (outputs…, cache), got float; cache=False if it keeps none"),
    (of_vjp(forward=lambda p: (np.arange(3), None)),
     "TypeError: outputs: expected arrays of floats, got dtype int64"),
    (of_vjp(forward=lambda p: (np.ones(next(growing)), None), backward=lambda dy, cache: ALL),
     "ValueError: outputs: expected the shapes of the first call, (1,), got (2,)"),
    (of_vjp(backward=lambda dh, cache: code.backward(dh, cache)[:3]),
     "ValueError: backward: expected 5 gradients (x, h0, U, W, b), got 3"),
    (of_vjp(backward=lambda dh, cache: {"U": 1.0}),
     "ValueError: backward: expected gradients named x, h0, U, W, b, got U"),
    (of_vjp(backward=lambda dh, cache: 1.0),
     "TypeError: backward: expected the gradients of x, h0, U, W, b, got one float"),
    (of_cell(forward=lambda p, x, h: h),
     "ValueError: forward: expected (state, cache), got ndarray"),
    (of_cell(backward=lambda dh, c: (dh,)),
     "ValueError: backward: expected (dx, dstate, gradients…), got tuple of 1"),
    (of_cell(backward=lambda dh, c: code.step_backward(dh, c)[:4]),
     "ValueError: backward: expected 3 gradients (U, W, b), got 2"),
    (of_layer(lambda own, dh: None),
     "ValueError: backward: expected the gradients of x, h0, got nothing"),
    (of_layer(lambda own, dh: own.grads.pop() if own.backward(dh) else 0),
     "ValueError: backward: expected the gradients of x, h0, got 1"),
    (adaptors.from_object(net, lambda own: 1.0, params=["U"], gradients="d{}"),
     "ValueError: gradients: expected a path in Net, got 'dU', which does not lead anywhere"),
    (adaptors.from_object(net, lambda own: vars(own).update(g={"dU": 0.0}) or 1.0, params=["U"],
                          gradients="g.U"),
     "ValueError: gradients: expected a path in Net, got 'g.U', which does not lead anywhere: g"),
    (adaptors.from_object(net, lambda own: vars(own).update(g={"dU": 0.0}) or 1.0, params=["U"],
                          gradients="g"),
     "ValueError: gradients: g has no 'U', it is a dict with 'dU'"),
    (adaptors.from_object(net, lambda own: 1.0, params=["U", "W"], gradients="b"),
     "TypeError: gradients: expected b to be a dict or list, got ndarray"),
    (adaptors.from_update(Layer(**WEIGHTS), lambda own: own.step(X, H0, 1e-9), params="params",
                          learning_rate=1e-9),
     "ValueError: learning_rate: expected one at which parameters change by more than 8192ths of"),
    (adaptors.from_function(lambda p: 1.0, WEIGHTS),
     "TypeError: loss_and_gradients: expected the loss and its gradients, got float"),
]  # fmt: skip


@pytest.mark.parametrize(("adapted", "message"), AT_A_CALL, ids=[m for _, m in AT_A_CALL])
def test_what_shows_at_a_call_is_in_the_report(adapted, message):
    report = check_gradients(*adapted)
    assert (report.verdict, report.kind) == ("undecided", "raised")
    assert report.reason.startswith(f"value_and_grad: raised {message}"), report


def test_another_shape_is_wrong():
    report = check_gradients(*of_vjp(backward=lambda dh, c: (1.0, *code.backward(dh, c)[1:])))
    assert (report.verdict, report.kind) == ("wrong", "shape")
    assert report.reason == "gradients['x']: expected shape (5, 2, 3), got ()"


@pytest.mark.parametrize(
    ("call", "name", "title"),
    [(lambda: adaptors.from_torch(abs, ALL), "torch", "PyTorch"),
     (lambda: adaptors.from_module(net, ALL), "torch", "PyTorch"),
     (lambda: adaptors.from_jax(abs, ALL), "jax", "JAX")],
)  # fmt: skip
def test_a_library_that_is_not_installed(monkeypatch, call, name, title):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError) as caught:
        call()
    assert str(caught.value) == f"{title} is needed for this adaptor: pip install {name}"
