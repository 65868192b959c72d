"""The diagnosis in a report: what is said of one function at one point, and when nothing is."""

import json
import re

import numpy as np
import pytest

import bpttcheck
from bpttcheck import check_gradients
from bpttcheck.check.search.problem import check_problem
from tests.day import in_turn, share
from tests.diagnosis.mistaken_rnn import drawn, network


@in_turn(2)
def test_at_one_point():
    params, y = drawn(np.random.default_rng(0), T=6, B=2)
    report = check_gradients(network(y, "transpose"), params)
    assert report.cause.name == "recurrent-transpose"
    assert report.cause.unique
    text = str(report)
    assert "cause: recurrent-transpose" in text
    assert "the recurrent message uses W where it needs Wᵀ" in text
    assert "[rnn.hidden-gradient]" in text
    assert "recognised as a vanilla RNN, tanh, squared error" in text
    found = json.loads(json.dumps(report.to_dict()))["cause"]
    assert found["name"] == "recurrent-transpose"
    assert found["explanations"][0][0]["identity"] == "rnn.hidden-gradient"
    assert set(found["explanations"][0][0]["parameters"]) == {"U", "W", "b", "x", "h0"}


@in_turn(2)
def test_data_may_be_handed_over():
    params, y = drawn(np.random.default_rng(0), T=5, B=2)
    hidden = network(y, "no slope")
    opaque = {"f": hidden}

    class Opaque:
        __slots__ = ()

        def __call__(self, given):
            return FUNCTIONS["hidden"](given)

    FUNCTIONS["hidden"] = opaque["f"]
    without = check_gradients(Opaque(), params)
    assert without.verdict == "wrong"
    report = check_gradients(Opaque(), params, data={"labels": y})
    assert report.cause.name == "slope-missing"
    with pytest.raises(TypeError, match=r"^data: expected a mapping of names to arrays, got int$"):
        check_gradients(hidden, params, data=3)
    with pytest.raises(TypeError, match=r"^data\['x'\]: expected an array of numbers, got dtype"):
        check_gradients(hidden, params, data={"x": "abc"})


FUNCTIONS = {}


def attention(change):
    """Return code that is no network of ours, its gradient changed."""
    rng = np.random.default_rng(3)
    keys = rng.normal(size=(4, 3))

    def value_and_grad(params):
        q, M = params["q"], params["M"]
        z = keys @ M @ q
        e = np.exp(z - z.max())
        w = e / e.sum()
        loss = np.log(1 + (w**2).sum())
        dw = 2 * w / (1 + (w**2).sum())
        dz = w * (dw - w @ dw)
        return loss, change({"q": M.T @ (keys.T @ dz), "M": np.outer(keys.T @ dz, q)}, params)

    params = {"q": rng.normal(size=3), "M": rng.normal(size=(3, 3))}
    return value_and_grad, params


OUTSIDE = [
    ("sign", lambda g, p: {k: -v for k, v in g.items()}),
    ("common-factor", lambda g, p: g | {"M": g["M"] * 0.7}),
    ("transposed-gradient", lambda g, p: g | {"M": g["M"].T}),
    ("zero", lambda g, p: g | {"q": 0 * g["q"]}),
    ("weight-decay", lambda g, p: {k: v + 0.01 * p[k] for k, v in g.items()}),
    ("slice-missing", lambda g, p: g | {"M": g["M"] * np.array([[1], [0], [1]])}),
    ("", lambda g, p: g | {"q": g["q"] + 1e-3 * np.sin(7 * g["q"])}),
]


@pytest.mark.parametrize(("cause", "change"), share(OUTSIDE, 12))
@in_turn(2, 1)
def test_code_that_is_no_network_of_ours(cause, change):
    report = check_gradients(*attention(change))
    assert report.verdict == "wrong"
    assert (report.cause.name if report.cause else "") == cause, report
    if not cause:
        assert any(note.startswith("no cause is named: ") for note in report.notes)


def test_from_which_length_on():
    def problem(case):
        def lie(given):
            W, b = given["W"], given["b"]
            late = 1.0 + 0.1 * np.sin(3 * W) * (case.T > 3)
            return np.sin(W).sum() + np.cos(b).sum(), {"W": np.cos(W) * late, "b": -np.sin(b)}

        return lie, {"W": case.rng.normal(size=(2, case.n)), "b": case.rng.normal(size=3)}

    report = check_problem(problem, max_examples=1)
    assert report.cause is None
    right_at, W, b = report.search["lines"]
    assert right_at == "right at T = 3, all else equal"
    assert re.fullmatch(r"W: wrong at T ≥ 4, right at the \d+ other cases that asked it", W)
    assert re.fullmatch(r"b: right at all \d+ cases that asked it", b)


def test_shared_memory_is_remarked_on():
    buffer = np.zeros(2)

    def reused(params):
        buffer[:] = np.cos(params["a"])
        return np.sin(params["a"]).sum(), {"a": buffer}

    a = {"a": np.array([0.5, -1.0])}
    assert any("in the same memory at every call" in n for n in check_gradients(reused, a).notes)

    def square(params):
        return (params["a"] ** 2).sum() / 2, {"a": params["a"]}

    remark = "the gradient of a shares memory with a parameter"
    assert remark in check_gradients(square, a).notes

    def twice(params):
        g = np.cos(params["a"] + params["b"])
        return np.sin(params["a"] + params["b"]).sum(), {"a": g, "b": g}

    report = bpttcheck.check_gradients(twice, a | {"b": np.ones(2)})
    assert "gradients of a and b share memory" in report.notes


def states_of(x, h0, U, W, b):
    h = [h0]
    for x_t in x:
        h.append(np.tanh(x_t @ U + h[-1] @ W + b))
    return np.stack(h)


def pulled_back(dh, h, x, U, W):
    message, da = 0.0, np.zeros_like(dh)
    for t in reversed(range(len(dh))):
        da[t] = (dh[t] + message) * (1 - h[t + 1] ** 2)
        message = da[t] @ W  # Wᵀ for row vectors
    dW, dU = np.einsum("tbi,tbj->ij", h[:-1], da), np.einsum("tbi,tbj->ij", x, da)
    return {"x": da @ U.T, "h0": message, "U": dU, "W": dW, "b": da.sum((0, 1))}


@in_turn(2, 1)
def test_states_alone_through_an_adaptor_and_without_targets():
    rng = np.random.default_rng(1)
    shapes = {"x": (5, 2, 3), "h0": (2, 4), "U": (3, 4), "W": (4, 4), "b": (4,)}
    params = {name: 0.6 * rng.normal(size=shape) for name, shape in shapes.items()}

    def forward(p):
        h = states_of(**p)
        return h[1:], (h, p)

    def backward(dh, cache):
        h, p = cache
        return pulled_back(dh, h, p["x"], p["U"], p["W"])

    def square(p):
        h = states_of(**p)
        return (h[1:] ** 2).sum() / 2, pulled_back(h[1:], h, p["x"], p["U"], p["W"])

    for function in (bpttcheck.adaptors.from_vjp(forward, backward, params)[0], square):
        report = check_gradients(function, params)
        assert report.cause.name == "recurrent-transpose", report
        assert "recognised as a vanilla RNN, tanh" in str(report)


def test_what_is_too_large_is_not_diagnosed():
    def lie(given):
        return np.sin(given["a"]).sum(), {"a": 2 * np.cos(given["a"])}

    report = check_gradients(lie, {"a": np.ones(20_001)})
    assert report.cause is None
    assert any("there are more than 20,000 numbers" in note for note in report.notes)


@in_turn(2, 1)
def test_float32_code_is_diagnosed_within_what_its_precision_bears():
    params, y = drawn(np.random.default_rng(0), T=6, B=2, dtype=np.float32)

    def narrow(given):
        return network(y, "transpose")({k: a.astype(np.float32) for k, a in given.items()})

    report = check_gradients(narrow, params)
    assert report.precision == "float32"
    assert report.cause.name == "recurrent-transpose"


@in_turn(2)
def test_mistakes_that_coincide_are_told_together():
    """At T = 1 the first step is the last, and one that is skipped leaves nothing."""
    params, y = drawn(np.random.default_rng(0), T=1, B=2)
    report = check_gradients(network(y, "last step skipped"), params)
    assert report.verdict == "wrong"
    assert report.cause is None
    (note,) = [note for note in report.notes if note.startswith("no cause is named: ")]
    assert "5 mistakes coincide at the points that were tried: first-step-skipped, last-" in note
    params, y = drawn(np.random.default_rng(0), T=2, B=2)
    report = check_gradients(network(y, "output gradient early"), params)
    assert report.cause is not None
    assert "output-gradient-shifted" in report.cause.name.split(" | ")


@in_turn(2, 1)
def test_further_points_are_asked_where_something_fits_the_first():
    """Of code that is not recognised, each costs losses."""
    after_the_verdict = []
    for factor, named in ((np.cos, False), (lambda g: 0.5, True)):
        calls = []
        value_and_grad, params = attention(
            lambda g, p, factor=factor: g | {"M": g["M"] * factor(g["M"])}
        )

        def counted(given, calls=calls, value_and_grad=value_and_grad):
            calls.append(1)
            return value_and_grad(given)

        check_gradients(counted, params, locate=False)
        verdict = len(calls)
        report = check_gradients(counted, params)
        assert report.verdict == "wrong"
        assert (report.cause is not None) is named
        after_the_verdict.append(len(calls) - verdict)
    without, with_cause = after_the_verdict
    assert without < with_cause < 6 * verdict
