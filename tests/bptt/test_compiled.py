"""Compiled loops: NumPy's numbers, of every cell; what they do not take, they leave alone."""

import os
import threading
from functools import partial

import numpy as np
import pytest

from bpttcheck import Activation, Cell, Network, compile_loops, rnn
from bpttcheck.activations import linear, relu, sigmoid, tanh
from bpttcheck.bptt.compiled import compiled_passes
from bpttcheck.bptt.compiled.plan import plan
from tests.bptt.forms import FORMS, problem
from tests.cells.declared import OWN
from tests.day import share
from tests.refusals import refusals, refuses

pytest.importorskip("numba", reason="Numba is optional: pip install .[fast]")
pytest.importorskip("scipy", reason="SciPy is optional: pip install .[fast]")

pytestmark = pytest.mark.xdist_group("compiled")  # by one worker, who compiles once

DTYPES = share([np.float64, np.float32], 2)
"""A day one of them: each takes some seven seconds to compile where it was not yet."""
SHAPES = [(1, 1, 1, 1, 2), (9, 3, 2, 5, 3), (30, 40, 3, 24, 4)]
"""(T, B, m, n, p); the last has three blocks of steps, and products that BLAS is asked for."""


@pytest.fixture(autouse=True)
def _off_at_last():
    yield
    compile_loops(False)


def drawn(form, T, B, m, n, p, dtype):
    """Return a cell's network with all that it takes, weights of a size that does not saturate."""
    if form in FORMS:
        network, params, x, y, options, states = problem(form, T, B, m, n, p, 0, dtype)
    else:
        network, options, random = Network(OWN[form]), {}, np.random.default_rng(0)
        size, cell = {"m": m, "n": n, "p": p, "r": 1 + n // 2}, network.cell
        params = {k: random.normal(size=[size[s] for s in a]) for k, a in cell.axes.items()}
        params = {k: a.astype(dtype) for k, a in params.items()}
        x, y = random.normal(size=(T, B, m)).astype(dtype), random.integers(0, p, (T, B))
        widths = {f"{k}0": size[cell.width(k)] for k in cell.states}
        states = {k: random.normal(size=(B, w)).astype(dtype) for k, w in widths.items()}
    params = {k: a / n**0.5 if k[0] == "W" else a for k, a in params.items()}
    return network, params, x, y, options | states


def both(call):
    """Return what a call returns with NumPy's loops, and with compiled ones."""
    found = []
    for on in (False, True):
        compile_loops(on)
        found.append(call())
    compile_loops(False)
    return found


def flat(found):
    loss, grads = found
    return np.concatenate([np.reshape(loss, 1), *(grads[k].reshape(-1) for k in sorted(grads))])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", [*FORMS, *OWN])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_number_is_that_of_numpy_within_rounding(shape, form, dtype):
    """Both are the gradients of some nearby input: a few ulp of every number, T steps long."""
    T, B, m, n, p = shape
    network, params, x, y, given = drawn(form, *shape, dtype)
    for more in ({}, {"reduction": "mean", "loss": "squared_error"}):
        targets = np.zeros((T, B, p), dtype) + y[..., None] if more else y
        one, other = both(
            lambda t=targets, o=more: network.value_and_grad(params, x, t, **given, **o)
        )
        assert [*one[1]] == [*other[1]]
        assert all(a.shape == other[1][k].shape for k, a in one[1].items())
        assert {a.dtype for a in (other[0], *other[1].values())} == {np.dtype(dtype)}
        random, moved = np.random.default_rng(1), []
        nudge = float(np.finfo(dtype).eps) ** 0.5
        for _ in range(4):
            near = {
                k: a * (1 + nudge * random.choice([-1.0, 1.0], a.shape)).astype(dtype)
                for k, a in params.items()
            }
            moved.append(flat(network.value_and_grad(near, x, targets, **given, **more)))
        sensitivity = np.max([np.abs(a - flat(one)) for a in moved], axis=0) / nudge
        # 40 roundings a step, each way and of each of the two, in sums of n + m + p + T·B terms.
        roundings = 2 * 40 * T * (n + m + p + T * B)
        bound = roundings * np.finfo(dtype).eps / 2 * (sensitivity + np.abs(flat(one)).max())
        assert (np.abs(flat(one) - flat(other)) <= bound).all()
        assert (
            np.abs(flat(one) - flat(other)).max()
            <= 1e4 * np.finfo(dtype).eps * np.abs(flat(one)).max()
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", [*FORMS, *OWN])
def test_a_pass_has_everything_by_its_name(form, dtype):
    for T, lead in ((4, (2,)), (3, ())):
        network, params, x, _, given = drawn(form, T, 2, 3, 4, 2, dtype)
        options = {k: a for k, a in given.items() if k not in network.cell.initial}
        given = {k: a[0] if not lead and k not in options else a for k, a in given.items()}
        x = x if lead else x[:, 0]
        one, other = both(partial(network.forward, params, x, **given))
        assert one.made.keys() == other.made.keys()
        close(
            one.made | {"s": one.s, "a": one.stack}, other.made | {"s": other.s, "a": other.stack}
        )
        ds = np.random.default_rng(2).normal(size=one.s.shape).astype(dtype)
        back, again = both(partial(network.backward, params, one, ds))
        assert back.steps.keys() == again.steps.keys()
        assert back.weights.keys() == again.weights.keys()
        close(back.steps | back.weights, again.steps | again.weights)
        close({"x": back.dx}, {"x": again.dx})


def close(ours, theirs):
    for k, a in ours.items():
        assert a.shape == theirs[k].shape, k
        assert np.abs(a - theirs[k]).max() <= 400 * np.finfo(a.dtype).eps * (np.abs(a).max() + 1), k


@pytest.mark.parametrize("squash", [tanh, sigmoid, relu, linear])
def test_squashing_functions_to_four_ulp(squash):
    """Where they are subnormal to one of the smallest step; the reference is of 64 digits' bits."""
    dtype = DTYPES[0]
    sizes = np.concatenate(
        [np.geomspace(1e-30, 80, 300), [340.0, 372.4, 700.0, 720.0, 744.0, 800.0]]
    )
    a = np.concatenate([sizes, -sizes, [0.0]]).astype(dtype)
    network = Network(rnn.kind(phi=squash))
    params = {
        "U": np.ones((1, 1), dtype),
        "W": np.zeros((1, 1), dtype),
        "V": np.ones((1, 1), dtype),
    }
    compile_loops()
    run = network.forward(params, a[:, None])
    slopes = network.backward(params, run, np.ones_like(run.s)).da[:, 0]
    for found, function in ((run.h[1:, 0], squash.value), (slopes, squash.derivative)):
        exact = function(a.astype(np.longdouble))
        step = np.spacing(np.abs(exact).astype(dtype))
        assert (np.abs(found - exact) <= 4 * step).all()
        tiny = np.abs(exact) < np.finfo(dtype).smallest_normal
        assert (np.abs(found - exact)[tiny] <= step[tiny]).all()


@pytest.mark.parametrize("scale", [0.0, 300.0])
def test_zeros_and_saturation(scale):
    dtype = DTYPES[0]
    network, params, x, y, given = drawn("lstm", 12, 2, 2, 3, 3, dtype)
    params = {k: a * dtype(scale) for k, a in params.items()}
    one, other = both(lambda: network.value_and_grad(params, x, y, **given))
    assert (
        np.abs(flat(one) - flat(other)).max() <= 1e4 * np.finfo(dtype).eps * np.abs(flat(one)).max()
    )
    if scale:
        assert (np.abs(network.forward(params, x, **given).stack) > 40).mean() > 0.5


def test_nothing_given_is_changed_and_what_is_returned_stands_alone():
    network, params, x, y, given = drawn("lstm", 4, 2, 2, 3, 2, DTYPES[0])
    arrays = {**params, **given, "x": x, "y": y}
    before = {k: a.copy() for k, a in arrays.items()}
    for a in arrays.values():
        a.flags.writeable = False
    compile_loops()
    _, grads = network.value_and_grad(params, x, y, **given)
    assert all((before[k] == a).all() for k, a in arrays.items())
    first = flat((0.0, grads))
    network.value_and_grad(params, 2 * x, y, **given)
    assert (flat((0.0, grads)) == first).all()


SOFTSIGN = Activation("softsign", lambda a: a / (1 + abs(a)), lambda a: 1 / (1 + abs(a)) ** 2)


@pytest.mark.parametrize("what", ["mask", "checkpoints", "longdouble", "complex", "half", "phi"])
def test_what_they_do_not_take_is_left_to_numpy(what, monkeypatch):
    _, params, x, y, given = drawn("rnn", 5, 2, 2, 3, 2, np.float64)
    dtype = {"longdouble": np.longdouble, "complex": np.complex128, "half": np.float16}.get(what)
    if dtype is not None:
        params = {k: a.astype(dtype) for k, a in params.items()}
        x, given = x.astype(dtype), {k: a.astype(dtype) for k, a in given.items()}
    more = {"mask": np.ones((5, 2), bool)} if what == "mask" else {}
    more |= {"checkpoint_every": 2} if what == "checkpoints" else {}
    more |= {"phi": SOFTSIGN} if what == "phi" else {}
    monkeypatch.setattr(compiled_passes, "_go", None)  # which would be no function
    one, other = both(lambda: rnn.value_and_grad(params, x, y, **given, **more))
    assert one[0] == other[0]
    assert all((a == other[1][k]).all() for k, a in one[1].items())


def test_a_step_that_is_no_list_of_operations_is_left_to_numpy():
    gates = {"f": rnn.cell.gates[""]}

    def exponential(s):
        s.state("h", np.exp(s.gate("f", s.before("h"))))

    def double(s):
        s.state("h", 2 * s.gate("f", s.before("h")))

    for step, factor in ((exponential, lambda s: np.exp(s["f"])), (double, lambda _: 2)):

        def factors(s, factor=factor):
            return {"h": {"f": factor(s)}}

        own = Cell("own", "A cell of this test", gates, step, {"h": "state"}, factors)
        assert (plan(own, 5, 2, 2, 3, 2, 3) is None) == (step is exponential)
        params, x, y = drawn("rnn", 5, 2, 2, 3, 2, DTYPES[0])[1:4]
        params = {k if k in ("V", "b_s") else f"{k}_f": a for k, a in params.items()}
        one, other = both(partial(Network(own).value_and_grad, params, x, y))
        assert abs(one[0] - other[0]) <= 1e3 * np.finfo(x.dtype).eps * abs(one[0])
        close(one[1], other[1])


P, X, Y, GIVEN = drawn("rnn", 3, 1, 2, 2, 2, DTYPES[0])[1:]
MOST = np.finfo(DTYPES[0]).max
HUGE = np.full((2, 2), MOST)
BAD = [
    (
        lambda: rnn.value_and_grad(P | {"W": P["W"] * np.nan}, X, Y),
        ValueError,
        "params['W']: expected finite numbers, got nan",
    ),
    (
        lambda: rnn.value_and_grad(P | {"W": P["W"][:1]}, X, Y),
        ValueError,
        "params['W']: expected (n, n) = (2, 2), got (1, 2)",
    ),
    (
        lambda: rnn.value_and_grad(P | {"b": None}, X, Y),
        TypeError,
        "params['b']: expected an array of numbers",
    ),
    (
        lambda: rnn.value_and_grad(P, X, Y + 2),
        ValueError,
        "targets: expected class indices 0 … 1, got ",
    ),
    (lambda: rnn.value_and_grad(P, X, Y, h0=np.inf), ValueError, "h0: expected finite numbers"),
    (lambda: rnn.value_and_grad(P, X, Y, loss="nil"), ValueError, "loss: expected one of nll"),
    (lambda: rnn.value_and_grad(P, X, Y, reduction="max"), ValueError, "reduction: expected one"),
    (lambda: rnn.forward(P | {"U": HUGE}, X * 10), OverflowError, "forward: overflows"),
    (
        lambda: rnn.backward(P, rnn.forward(P, X), np.full((3, 1, 2), MOST)),
        ArithmeticError,
        "backward: ",
    ),
    (lambda: compile_loops(1), TypeError, "on: expected True or False, got 1"),
]


@refusals(BAD)
def test_error(call, kind, message):
    compile_loops()
    refuses(call, kind, message)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork.. was called:RuntimeWarning")  # by JAX, if it is there
def test_threads_and_a_fork_compute_the_same():
    network, params, x, y, given = drawn("lstm", 9, 3, 2, 5, 3, DTYPES[0])
    compile_loops()

    def bits():
        return flat(network.value_and_grad(params, x, y, **given)).tobytes()

    expected, found = bits(), []
    threads = [
        threading.Thread(target=lambda: found.extend(bits() for _ in range(5))) for _ in "abc"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 15
    if hasattr(os, "fork"):
        child = os.fork()
        if not child:
            os._exit(0 if bits() == expected else 1)
        assert os.waitpid(child, 0)[1] == 0
