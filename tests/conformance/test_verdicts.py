"""What a check decides: underflow, saturation, inaccurate functions, other orders, overflow."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck import Cell, Gate, Network, adaptors, tanh
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.conformance import Comparison, Layout, check_conformance, errors
from bpttcheck.conformance.judged import concluded
from tests.adaptors import styles_of_code as code
from tests.adaptors.styles_of_code import drawn
from tests.conformance.rows import ROWS, tanh_rnn


def rnn(phi, dtype=np.float32, scale=1.0, **options):
    """Return a tanh RNN that has a tanh of its own; slopes are 1 − h²."""
    params = {k: (scale * a).astype(dtype) for k, a in drawn(**options).items()}

    def forward(p):
        h, caches = p["h0"], []
        for x in p["x"]:
            before, h = h, phi(x @ p["U"] + h @ p["W"] + p["b"]).astype(dtype)
            caches.append((x, before, p["U"], p["W"], h))
        return np.stack([c[-1] for c in caches]), caches

    return adaptors.from_vjp(forward, code.backward, params)


def through_exp(a):
    """Return tanh as 1 − 2/(1 + e^2a): within roundings of one, not of itself."""
    return 1 - 2 / (1 + np.exp(2 * a))


def test_right_but_for_the_accuracy_of_its_tanh():
    report = check_conformance(*rnn(through_exp, scale=1e-2), ROWS)
    assert report.verdict == "inaccurate", report
    assert report.ok
    assert report.reason.startswith("right but for the accuracy of its tanh (off by ")
    assert 2.0**-26 < report.inexact["tanh"] < 2.0**-22
    assert report.to_dict()["inexact"] == report.inexact
    assert check_conformance(*rnn(np.tanh, scale=1e-2), ROWS).verdict == "right"


def test_one_gradient_alone_is_not_off_by_the_accuracy_of_a_function():
    """A tanh that is off is off in all gradients; an entry that is nearly nothing, in one."""
    adapted = rnn(np.tanh, scale=4.0)
    told = check_conformance(*adapted, ROWS)["W"]

    def backward(dh, cache):
        dx, dh0, dU, dW, db = code.backward(dh, cache)
        dW = dW.astype(np.float64)
        dW[told.index] += 3 * told.bound
        return dx, dh0, dU, dW, db

    adapted = adaptors.from_vjp(lambda p: code.forward(**p), backward, adapted.params)
    report = check_conformance(*adapted, ROWS)
    assert report.verdict == "wrong"
    assert [part.name for part in report.parts if part.verdict == "wrong"] == ["W"]


@pytest.mark.parametrize("off", [1e-5, -1e-3])
def test_a_tanh_that_is_off_by_more_is_another_function(off):
    report = check_conformance(*rnn(lambda a: np.tanh(a) * (1 + off)), ROWS)
    assert report.verdict == "wrong"
    assert report["outputs"].verdict == "wrong"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_smallest_error_that_would_have_been_seen(dtype):
    """A gradient that is off by twice as much is wrong, by a fifth of it right."""
    told = check_conformance(*tanh_rnn(dtype=dtype), ROWS)["W"]
    assert told.visible < (1e-5 if dtype == np.float32 else 3e-14)
    assert f"{told.visible:.0e}" in str(check_conformance(*tanh_rnn(dtype=dtype), ROWS))
    for times, verdict in ((2.0, "wrong"), (0.2, "right")):
        adapted = rnn(np.tanh, dtype)

        def backward(dh, cache, factor=1 + times * told.visible):
            dx, dh0, dU, dW, db = code.backward(dh, cache)
            return dx, dh0, dU, dW.astype(np.float64) * factor, db

        adapted = adaptors.from_vjp(lambda p: code.forward(**p), backward, adapted.params)
        assert check_conformance(*adapted, ROWS)["W"].verdict == verdict


def test_the_last_state_alone_after_many_steps():
    """No state before it is known: errors go through the Jacobians of all steps."""
    params = drawn(T=60, dtype=np.float32)

    def forward(p):
        h, cache = code.forward(**p)
        return h[-1], (cache, h)

    def backward(dlast, kept):
        dh = np.zeros_like(kept[1])
        dh[-1] = dlast
        return code.backward(dh, kept[0])

    layout = ROWS.but(outputs="h_T[B,n]")
    assert check_conformance(*adaptors.from_vjp(forward, backward, params), layout).ok
    params["W"] *= 1 + 2.0**-12
    other = adaptors.from_vjp(
        lambda p: forward({**p, "W": p["W"] * np.float32(1 + 2.0**-12)}), backward, params
    )
    assert check_conformance(*other, layout).verdict == "wrong"


@pytest.mark.parametrize(("limit", "T", "sharp"), [("COST", 100, 1e-4), ("LARGEST", 4, 1e-5)])
def test_of_what_is_large_less_is_kept(limit, T, sharp, monkeypatch):
    """Ellipsoids in place of old generators, boxes in place of both: wider, and still right."""
    adapted = tanh_rnn(T=T, dtype=np.float32)
    before = max(p.visible for p in check_conformance(*adapted, ROWS).parts)
    monkeypatch.setattr(errors, limit, 0)
    report = check_conformance(*adapted, ROWS)
    assert report.verdict == "right", report
    assert before < max(p.visible for p in report.parts) < sharp


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_narrow_types(name):
    """Right and wrong in halves: a transposed matrix is told apart."""
    types = pytest.importorskip("ml_dtypes", reason="bfloat16 is optional")
    dtype = np.float16 if name == "float16" else types.bfloat16
    adapted = tanh_rnn(T=2, dtype=dtype)
    report = check_conformance(*adapted, ROWS)
    assert report.unit == (2.0**-11 if name == "float16" else 2.0**-8)
    assert report["outputs"].verdict == "right", report
    assert report.verdict != "wrong", report
    assert check_conformance(*adapted, ROWS.but(W="W")).verdict == "wrong"


def test_a_gradient_that_is_zero_is_right_and_does_not_underflow():
    adapted = tanh_rnn(T=1)
    params = {**adapted.params, "h0": np.zeros((2, 4))}
    report = check_conformance(adapted.value_and_grad, params, ROWS)
    assert report["W"].verdict == "right"
    assert report["W"].widest == 0.0
    assert "inf" not in str(report)


def test_a_slope_is_that_of_the_programs_own_value():
    """Arguments of terms of 255 that cancel are known to 1e-4, tanh of them to the bit."""
    adapted = rnn(np.tanh, T=30, B=1, m=5, n=1, seed=9)
    params = {**adapted.params, "x": 255 * adapted.params["x"]}
    assert check_conformance(adapted.value_and_grad, params, ROWS).verdict == "right"


def test_saturated_everywhere_is_undecided_and_one_unit_that_is_not_decides():
    adapted = tanh_rnn(T=1, B=1)
    params = {**adapted.params, "b": np.full(4, 25.0)}
    report = check_conformance(adapted.value_and_grad, params, ROWS)
    assert report.verdict == "undecided"
    assert report.reason.startswith("every gradient is faint, smaller weights or inputs would")
    params["b"] = np.array([25.0, 25.0, 25.0, 0.0])
    assert check_conformance(adapted.value_and_grad, params, ROWS).verdict == "right"


@pytest.mark.parametrize(
    ("last", "verdict"), [({"gradient": False}, "undecided"), ({"gradient": True}, "right")]
)
def test_last_states_are_no_gradients(last, verdict):
    """Where every gradient is faint, last states that are right do not decide."""
    right = Comparison("outputs", (1,), "right", (0,), 1.0, 1.0, 1e-9, 0.1)
    faint = replace(right, name="W", verdict="undecided", reason="faint", gradient=True, faint=True)
    parts = (right, replace(right, name="c_T", **last), faint)
    assert concluded(parts, float_type(np.dtype(np.float64))).verdict == verdict


def test_what_counts_and_what_is_too_small_is_told_by_name():
    """The entries of all that were seen, and which of them underflow."""
    some = [("outputs", "right", (3, 400)), ("U", "underflows", (4, 2)), ("W", "underflows", (4,))]
    parts = tuple(Comparison(k, s, v, (0,), 1.0, 1.0, 1e-9, 0.1) for k, v, s in some)
    told = concluded(parts, float_type(np.dtype(np.float64)))
    assert told.verdict == "right"
    assert told.reason == "all 1,212 entries of outputs, U, W; U, W: underflows"


def grown(seed=0, **options):
    """Return a ReLU RNN whose states leave the range of float32, or do not."""
    params = {k: np.abs(a) for k, a in drawn(dtype=np.float32, seed=seed, **options).items()}
    params["W"] = params["W"] * np.float32(1e12)

    def forward(p):
        h, caches = p["h0"], []
        for x in p["x"]:
            before, h = h, np.maximum(x @ p["U"] + h @ p["W"] + p["b"], 0)
            caches.append((x, before, p["U"], p["W"], h))
        return np.stack([c[-1] for c in caches]), caches

    def backward(dh, caches):
        message, dx = np.zeros_like(dh[0]), []
        total = [0.0, 0.0, 0.0]
        for t in reversed(range(len(caches))):
            x, before, U, W, after = caches[t]
            da = (dh[t] + message) * (after > 0)
            dx.append(da @ U.T)
            message = da @ W.T
            each = (x.T @ da, before.T @ da, da.sum(axis=0))
            total = [a + g for a, g in zip(total, each, strict=True)]
        return (np.stack(dx[::-1]), message, *total)

    return adaptors.from_vjp(forward, backward, params)


@pytest.mark.parametrize(("T", "verdict"), [(2, "right"), (6, "undecided")])
def test_what_overflows_is_undecided(T, verdict):
    with np.errstate(all="ignore"):
        report = check_conformance(*grown(T=T), ROWS.but(phi="relu"))
    assert report.verdict == verdict, report
    if verdict == "undecided":
        assert "leave the range of the float type" in report.reason


def test_a_sum_whose_terms_overflow_is_undecided():
    """2e38 + 2e38 − 3e38 is within float32, and infinite where it is added up so."""
    params = {k: np.zeros_like(a) for k, a in drawn(T=1, B=1, dtype=np.float32).items()}
    params["x"][...] = 1
    params["U"][:, 0] = 2e38, 2e38, -3e38

    def forward(p):
        (x,) = p["x"]
        a = x[:, 0:1] * p["U"][0] + x[:, 1:2] * p["U"][1] + x[:, 2:3] * p["U"][2]
        return np.maximum(a, 0)[None], p

    def backward(dh, p):
        return {k: np.zeros_like(a) for k, a in p.items()}

    with np.errstate(all="ignore"):
        report = check_conformance(
            *adaptors.from_vjp(forward, backward, params), ROWS.but(phi="relu")
        )
    assert report["outputs"].verdict == "undecided", report
    assert report["outputs"].reason == "it may overflow"


def test_a_gradient_that_is_no_number_for_no_reason_is_wrong():
    def backward(dh, cache):
        dx, dh0, dU, dW, db = code.backward(dh, cache)
        return dx, dh0, dU, dW * np.nan, db

    adapted = adaptors.from_vjp(lambda p: code.forward(**p), backward, drawn())
    report = check_conformance(*adapted, ROWS)
    assert report.verdict == "wrong"
    assert report.reason.startswith("gradients['W']: expected finite numbers, got nan at index")


def test_a_gradient_of_another_shape_is_refused():
    def backward(dh, cache):
        dx, dh0, dU, dW, db = code.backward(dh, cache)
        return dx, dh0, dU, dW[:1], db

    adapted = adaptors.from_vjp(lambda p: code.forward(**p), backward, drawn())
    with pytest.raises(ValueError, match=r"^gradients\['W'\]: expected shape \(4, 4\)"):
        check_conformance(*adapted, ROWS)


def test_a_cell_of_ones_own_that_asks_for_what_is_not_enclosed():
    def step(s):
        s.state("h", np.exp(s.gate("g", s.before("h"))))

    def factors(s):
        return {"h": {"g": np.exp(s["g"])}}

    mine = Network(Cell("mine", "Mine", {"g": Gate("candidate", tanh)}, step, {"h": "x"}, factors))
    layout = Layout(
        mine, {"U": "U_g.T", "W": "W_g.T", "b": "b_g", "x": "x[T,B,m]", "h0": "h0[B,n]"}
    )
    report = check_conformance(*tanh_rnn(), layout)
    assert report.verdict == "undecided"
    assert report.reason == "midpoints and radii: numpy.exp is not enclosed"
