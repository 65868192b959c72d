"""Adaptors for NumPy code: right code, a liar and bad input, and nothing of the user's changed."""

import copy
import sys
import threading
import types

import numpy as np
import pytest
import styles_of_code as code
from refusals import refusals, refuses
from styles_of_code import Layer, Net, drawn

from bpttcheck import adaptors, check_gradients
from bpttcheck.check.search import check_problem

ALL = drawn()
WEIGHTS = {k: ALL[k] for k in ("U", "W", "b")}
X, H0 = ALL["x"], ALL["h0"]


def plain(slip):
    return adaptors.from_function(
        lambda p: code.loss_and_gradients(X, H0, **p, slip=slip), WEIGHTS,
        returns=["U", "W", "b", None],
    )  # fmt: skip


def named(slip):
    def function(p):
        loss, dU, dW, db, _ = code.loss_and_gradients(X, H0, **p, slip=slip)
        return loss, {"dU": dU, "dW": dW, "db": db, "loss": loss}

    return adaptors.from_function(function, WEIGHTS, returns="d{}")


def vjp(slip):
    return adaptors.from_vjp(
        lambda p: code.forward(**p), lambda dh, cache: code.backward(dh, cache, slip), ALL
    )


def pullback(slip):
    def forward(p):
        h, cache = code.forward(**p)
        return h, lambda dh: dict(zip(ALL, code.backward(dh, cache, slip), strict=True))

    return adaptors.from_vjp(forward, None, ALL)


def two_outputs(slip):
    """All states, and the last once more: their cotangents add up."""

    def forward(p):
        h, cache = code.forward(**p)
        return {"all": h, "last": h[-1]}, cache

    def backward(dy, cache):
        dh = dy["all"]
        dh[-1] += dy["last"]
        return code.backward(dh, cache, slip)

    return adaptors.from_vjp(forward, backward, ALL)


def without_a_cache(slip):
    layer = Layer(**copy.deepcopy(WEIGHTS), slip=slip)

    def forward(p):
        layer.params[:] = p["U"], p["W"], p["b"]
        return layer.forward(p["x"], p["h0"])

    return adaptors.from_vjp(
        forward, lambda dh: (*layer.backward(dh), *layer.grads), ALL, cache=False
    )


def cell(slip):
    return adaptors.from_cell(
        lambda p, x, h: code.step_forward(x, h, **p),
        lambda dh, cache: code.step_backward(dh, cache, slip), WEIGHTS, X, H0,
    )  # fmt: skip


def cell_of_two_states(slip):
    """A second state counts the first: c_t = c_{t−1} + h_t."""

    def forward(p, x, h, c):
        after, cache = code.step_forward(x, h, **p)
        return after, c + after, cache

    def backward(dh, dc, cache):
        dx, dh, dU, dW, db = code.step_backward(dh + dc, cache, slip)
        return dx, dh, dc, {"b": db, "W": dW, "U": dU}

    state = {"h0": H0, "c0": 2 * H0}
    return adaptors.from_cell(forward, backward, WEIGHTS, X, state)


def layer(slip):
    return adaptors.from_layer(
        Layer(**WEIGHTS, slip=slip), {"x": X, "h0": H0},
        params={"U": "params[0]", "W": "params[1]", "b": "params[2]"}, gradients="grads",
    )  # fmt: skip


def attributes(slip):
    return adaptors.from_object(
        Net(**WEIGHTS, slip=slip), lambda net: net.train(X, H0), params=["U", "W", "b"],
        gradients="d{}",
    )  # fmt: skip


class Dictionaries:
    """Keeps parameters and gradients in dictionaries, behind properties without setters."""

    def __init__(self, slip):
        self._weights, self._slip, self._grads = dict(WEIGHTS), slip, {}

    parameters = property(lambda self: self._weights)
    gradients = property(lambda self: self._grads)

    def loss(self):
        loss, *grads, _ = code.loss_and_gradients(X, H0, **self._weights, slip=self._slip)
        self._grads.update(zip("UWb", grads, strict=True))
        return loss


def dictionaries(slip):
    return adaptors.from_object(
        Dictionaries(slip), Dictionaries.loss, params="parameters", gradients="gradients"
    )


def returned(slip):
    def run(net):
        net.train(X, H0)
        return net.train(X, H0), [net.dU, net.dW, net.db]

    return adaptors.from_object(Net(**WEIGHTS, slip=slip), run, params=["U", "W", "b"])


def update(slip):
    return adaptors.from_update(
        Layer(**WEIGHTS, slip=slip), lambda net: net.step(X, H0, 0.5),
        params={"U": "params[0]", "W": "params[1]", "b": "params[2]"}, learning_rate=0.5,
    )  # fmt: skip


def program(slip=1.0):
    """Return a module whose function reads its parameters from the globals."""
    module = types.ModuleType("program")
    vars(module).update(copy.deepcopy(WEIGHTS), x=X, h0=H0, slip=slip, code=code)
    exec(
        "grads = {}\n"
        "def run():\n"
        "    loss, *g, _ = code.loss_and_gradients(x, h0, U, W, b, slip)\n"
        "    grads.update(zip('UWb', g))\n"
        "    return (loss, *g)\n"
        "def step(rate):\n"
        "    global U\n"
        "    loss, dU, dW, db = run()\n"
        "    U = U - rate * dU\n"
        "    W[...] -= rate * dW\n"
        "    b[...] -= rate * db\n"
        "    return loss\n",
        vars(module),
    )
    return module


def module_globals(slip):
    module = program(slip)
    return adaptors.from_globals(module, module.run, params=["U", "W", "b"])


def dictionary_of_globals(slip):
    module = program(slip)
    return adaptors.from_globals(
        vars(module), lambda: module.run()[0], params=["U", "W", "b"], gradients="grads"
    )


def update_of_globals(slip):
    module = program(slip)
    return adaptors.from_update(
        module, lambda own: own.step(1.0), params=["U", "W", "b"], learning_rate=1.0
    )


STYLES = [
    plain, named, vjp, pullback, two_outputs, without_a_cache, cell, cell_of_two_states, layer,
    attributes, dictionaries, returned, update, module_globals, dictionary_of_globals,
    update_of_globals,
]  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_right_code_and_a_liar(style):
    before = copy.deepcopy(ALL)
    report = check_gradients(*style(1.0))
    assert report.ok, report
    names = {block.name for block in report.blocks}
    assert {"U", "W", "b"} <= names
    assert not [note for note in report.notes if "argument" in note]
    liar = check_gradients(*style(1 + 1e-6))
    assert liar.verdict == "wrong"
    assert {b.name for b in liar.blocks if b.verdict == "wrong"} == {"W"}
    for name, array in before.items():
        assert np.array_equal(ALL[name], array), name


@pytest.mark.parametrize("style", [vjp, pullback, two_outputs, cell, layer])
def test_input_and_initial_state_are_checked(style):
    assert {"x", "h0"} <= set(style(1.0).params)


def test_a_wrong_input_gradient_is_found():
    def backward(dh, cache):
        dx, dh0, *rest = code.backward(dh, cache)
        return dx[::-1], 2 * dh0, *rest

    report = check_gradients(*adaptors.from_vjp(lambda p: code.forward(**p), backward, ALL))
    assert {b.name for b in report.blocks if b.verdict == "wrong"} == {"x", "h0"}


def test_the_complex_step_goes_through_objects():
    """Parameters are replaced wherever the object refers to them, by numbers of another type."""
    net = Layer(**WEIGHTS)
    net.backward = types.MethodType(_assigning, net)
    report = check_gradients(
        *adaptors.from_layer(net, {"x": X, "h0": H0}, params="params", gradients="grads")
    )
    assert report.ok
    assert all(block.agreement is not None for block in report.blocks)


@pytest.mark.parametrize("style", [plain, vjp, two_outputs, cell, attributes, module_globals])
def test_generic_code_is_decided_without_rounding_through_an_adaptor(style):
    report = check_gradients(*style(1.0))
    assert {b.oracle for b in report.blocks} == {"balls through the code itself"}
    assert any("exactly in GF(2⁶¹ − 1)" in note for note in report.notes)
    again = check_gradients(*style(1.0))
    assert again.to_dict() == report.to_dict()
    liar = check_gradients(*style(1 + 1e-15))  # far below what differences see
    assert {b.name for b in liar.blocks if b.verdict == "wrong"} == {"W"}


def test_float32_objects_are_promoted():
    narrow = {k: a.astype(np.float32) for k, a in ALL.items()}
    inputs = {"x": narrow.pop("x"), "h0": narrow.pop("h0")}
    net = Layer(**narrow)
    net.backward = types.MethodType(_assigning, net)
    report = check_gradients(
        *adaptors.from_layer(net, inputs, params="params", gradients="grads")
    )  # fmt: skip
    assert report.ok, report
    assert report.precision == "float64"
    assert [b.name for b in report.blocks[:3]] == ["params[0]", "params[1]", "params[2]"]


def _assigning(self, dh):
    dx, dh0, *self.grads = code.backward(dh, self.cache)
    return dx, dh0


def test_an_object_is_copied_and_keeps_its_state_between_calls():
    class Forgetful(Net):
        def train(self, x, h0):
            dW = getattr(self, "dW", 0.0)
            loss = super().train(x, h0)
            self.dW = self.dW + dW
            return loss

    net = Forgetful(**WEIGHTS)
    adapted = adaptors.from_object(
        net, lambda net: net.train(X, H0), params=["U", "W", "b"], gradients="d{}"
    )
    report = check_gradients(*adapted)
    assert (report.verdict, report.kind) == ("wrong", "second call")
    assert not hasattr(net, "dW")


@pytest.mark.parametrize("style", [module_globals, update_of_globals])
def test_globals_are_put_back_even_when_the_function_raises(style):
    module = program()
    own = {k: vars(module)[k] for k in WEIGHTS}
    if style is module_globals:
        adapted = adaptors.from_globals(module, module.run, params=["U", "W", "b"])
    else:
        adapted = adaptors.from_update(
            module, lambda given: given.step(1.0), params=["U", "W", "b"], learning_rate=1.0
        )
    assert check_gradients(*adapted).ok
    module.slip = "two"
    with pytest.raises(TypeError):
        adapted.value_and_grad({k: 2 * a for k, a in adapted.params.items()})
    for name, array in own.items():
        assert vars(module)[name] is array
        assert np.array_equal(array, WEIGHTS[name])


def test_a_search_over_shapes():
    def problem(case):
        arrays = drawn(case.T, case.B, case.m, case.n, case.seed)
        return adaptors.from_vjp(
            lambda p: code.forward(**p),
            lambda dh, cache: code.backward(dh, cache, 1.0 if case.T < 3 else 1.5), arrays,
        )  # fmt: skip

    report = check_problem(problem, max_examples=3)
    assert report.verdict == "wrong"
    assert report.case.T == 3
    assert "right at T = 2, all else equal" in report.search["lines"]


def test_an_update_is_read_off_exactly_at_a_large_rate():
    """A tiny loss: beside parameters of size 1 the change would have a few digits left."""

    class Sine:
        def __init__(self):
            self.W = np.array([0.3, -2.0])

    def adapted(rate):
        def run(own):
            before = own.W.copy()
            own.W = before - rate * 1e-12 * np.cos(before)
            return 1e-12 * np.sin(before).sum()

        return adaptors.from_update(Sine(), run, params=["W"], learning_rate=rate)

    assert check_gradients(*adapted(2.0**60)).ok
    assert check_gradients(*adapted(1.0)).kind == "raised"


def test_cotangents_are_those_of_the_seed():
    values = [
        adaptors.from_vjp(lambda p: code.forward(**p), code.backward, ALL, seed=seed)
        for seed in (0, 0, 1)
    ]
    first, same, other = (a.value_and_grad(a.params)[0] for a in values)
    assert first == same != other


class Locked(Net):
    def __init__(self, **weights):
        super().__init__(**weights)
        self.lock = threading.Lock()


net = Net(**WEIGHTS)
BAD = [
    (lambda: adaptors.from_function(3, WEIGHTS), TypeError,
     "loss_and_gradients: expected a function, got int"),
    (lambda: adaptors.from_function(abs, [1.0]), TypeError,
     "params: expected a mapping of names to arrays, got list"),
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
    (lambda: adaptors.from_cell(abs, abs, ALL, X, H0), ValueError,
     "params: expected names other than h0, x, which are given"),
    (lambda: adaptors.from_cell(abs, abs, WEIGHTS, X, {"h0": None}), TypeError,
     "state['h0']: expected an array of floats, got objects of type NoneType"),
    (lambda: adaptors.from_object(net, abs, params=["U", "Q"]), ValueError,
     "params: 'Q' does not lead anywhere in Net"),
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
     "forward: Net has no method 'forward'"),
    (lambda: adaptors.from_layer(net, {"x": X}, params="U"), ValueError,
     "params, gradients: expected both or neither, got one of them"),
    (lambda: adaptors.from_layer(net, {"U": X}, params="U", gradients="dU", forward=abs,
                                 backward=abs), ValueError,
     "inputs: expected names that no parameter has, got U"),
    (lambda: adaptors.from_globals(net, abs, params=["U"]), TypeError,
     "module: expected a module or its globals(), got Net"),
    (lambda: adaptors.from_globals(program(), abs, params=["V"]), ValueError,
     "params: 'V' does not lead anywhere in program"),
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
     "ValueError: gradients: 'dU' does not lead anywhere in Net"),
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
    assert str(caught.value) == (
        f"{title} is needed for this adaptor: pip install 'bpttcheck[{name}]'"
    )
