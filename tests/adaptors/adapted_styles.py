"""One network in every style that an adaptor takes; ``slip`` is a factor on its dW."""

import copy
import types

from bpttcheck import adaptors
from tests.adaptors import styles_of_code as code
from tests.adaptors.styles_of_code import Layer, Net, drawn

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
