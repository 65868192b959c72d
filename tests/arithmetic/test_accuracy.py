"""Values and derivatives to 4 ulp, or one subnormal step, measured against balls."""

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

import bpttcheck
from bpttcheck import log_softmax, nll, nll_gradient, relu, sigmoid, softmax, tanh
from bpttcheck.activations import activation_calls
from bpttcheck.arithmetic.balls import exactly, precision
from bpttcheck.arithmetic.each_row import perform
from tests.arithmetic.ulp import allowed, ulps


def decay(a):
    """Return e^(−|a|), which balls enclose at any distance, as they do not e^|a|."""
    return (-abs(a)).exp()


EXACT = {
    "tanh": lambda a: a.tanh(),
    "tanh′": lambda a: (2 * decay(a) / (1 + decay(a) ** 2)) ** 2,
    "sigmoid": lambda a: (decay(a) if a < 0 else 1) / (1 + decay(a)),
    "sigmoid′": lambda a: decay(a) / (1 + decay(a)) ** 2,
    "relu": lambda a: a if a > 0 else arb(0),
    "linear": lambda a: a,
}
OURS = {
    "tanh": tanh,
    "tanh′": tanh.prime,
    "sigmoid": sigmoid,
    "sigmoid′": sigmoid.prime,
    "relu": relu,
    "linear": bpttcheck.linear,
}
DTYPES = [np.float32, np.float64, np.longdouble]

reals = st.one_of(
    st.floats(-1, 1),
    st.floats(-50, 50),
    st.floats(-800, 800),
    st.floats(-12000, 12000),
    st.floats(allow_nan=False, allow_infinity=False),
)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OURS)
@given(a=reals)
@example(a=-3.122138979253524)  # where sech² is off by 5.3 ulp
@example(a=-5.540711668633518)  # and σ′ by 4.3, if nobody keeps what rounding takes from 1 + q
@example(a=1.7257635234524948441)
@example(a=30.0)
@example(a=-40.0)
@example(a=372.6)  # tanh′ is subnormal in float64
@example(a=-744.9)  # so is σ
@example(a=11355.5)  # and in longdouble
@example(a=52.0)  # and in float32
def test_activations(name, dtype, a):
    with np.errstate(over="ignore"):
        a = dtype(a)
    if not np.isfinite(a):
        return
    got = OURS[name](a)
    assert got.dtype == dtype
    with precision(200):
        exact = EXACT[name](exactly(a))
        assert ulps(got[()], exact) <= allowed(exact, dtype), f"{name}({a!r}) = {got!r}"


def softmax_in_balls(o):
    """Return every ŷ_i, 1 − ŷ_i and ln ŷ_i; called with precision enough for the gap of logits."""
    e = [exactly(x).exp() for x in o]
    total = sum(e[1:], e[0])
    rest = [sum((e[j] for j in range(len(e)) if j != i), arb(0)) for i in range(len(e))]
    probabilities = [x / total for x in e]
    complements = [x / total for x in rest]
    logs = [-(rest[i] / e[i]).log1p() for i in range(len(e))]
    return probabilities, complements, logs


logit = st.one_of(st.floats(-3, 3), st.floats(-300, 300), st.sampled_from([1e4, -1e4, 40.0, 0.0]))


@pytest.mark.parametrize("dtype", DTYPES)
@given(o=st.lists(logit, min_size=1, max_size=9), data=st.data())
@example(o=[40.0, 0.0], data=None)
@example(o=[1e4, -1e4, 0.0], data=None)
@example(o=[0.1, -300.7], data=None)
@example(o=[0.0, 0.0, -1e4], data=None)
def test_softmax_and_nll(dtype, o, data):
    o = np.array(o, dtype=dtype)
    c = 0 if data is None else data.draw(st.integers(0, len(o) - 1))
    with precision(300):
        probabilities, complements, logs = softmax_in_balls(o)
        gradient = [*probabilities]
        gradient[c] = -complements[c]
        checks = [
            *zip(softmax(o), probabilities, strict=True),
            *zip(log_softmax(o), logs, strict=True),
            *zip(nll_gradient(o, c), gradient, strict=True),
            *zip(nll_gradient(o, np.eye(len(o), dtype=dtype)[c]), gradient, strict=True),
            (nll(o, c)[()], -logs[c]),
        ]
        for got, exact in checks:
            assert got.dtype == dtype
            assert ulps(got, exact) <= allowed(exact, dtype), f"{o.tolist()}, class {c}"


@given(o=st.lists(logit, min_size=2, max_size=6), y=st.data())
def test_soft_targets_to_8_ulp_of_the_larger_product(o, y):
    o = np.array(o)
    y = np.array(y.draw(st.lists(st.floats(0, 2), min_size=len(o), max_size=len(o))))
    got = nll_gradient(o, y)
    with precision(300):
        probabilities, complements, _ = softmax_in_balls(o)
        for i in range(len(o)):
            others = sum((exactly(y[j]) for j in range(len(y)) if j != i), arb(0))
            left, right = probabilities[i] * others, exactly(y[i]) * complements[i]
            unit = np.spacing(float(max(left.mid(), right.mid())))
            error = abs(exactly(got[i]) - (left - right)) / arb(float(unit))
            assert float(error.upper()) <= 8


@given(p=st.integers(50, 300), seed=st.integers(0, 2**32 - 1))
def test_many_classes_do_not_add_up_rounding(p, seed):
    o = np.random.default_rng(seed).uniform(-40, 40, p)
    with precision(200):
        e = [exactly(x).exp() for x in o]
        total = sum(e[1:], e[0])
        for got, log, x in zip(softmax(o), log_softmax(o), e, strict=True):
            assert ulps(got, x / total) <= 4
            assert ulps(log, (x / total).log()) <= 4


@pytest.mark.parametrize("dtype", DTYPES)
@given(o=st.lists(st.lists(logit, min_size=3, max_size=3), min_size=1, max_size=5), c=st.data())
def test_mean_is_as_accurate_as_the_sum(dtype, o, c):
    o = np.array(o, dtype=dtype)
    classes = np.array(c.draw(st.lists(st.integers(0, 2), min_size=len(o), max_size=len(o))))
    with precision(300):
        rows = [softmax_in_balls(row)[2] for row in o]
        losses = [-logs[k] for logs, k in zip(rows, classes, strict=True)]
        exact = sum(losses[1:], losses[0]) / len(o)
        # One more rounding than the 4 ulp of the sum.
        assert ulps(nll(o, classes, reduction="mean")[()], exact) <= allowed(exact, dtype) + 1


def test_a_liar_is_seen():
    """The derivative from a rounded h, as most code has it, has no correct digit at 30."""
    with precision(200):
        liar = 1 - np.tanh(30.0) ** 2
        assert ulps(liar, EXACT["tanh′"](arb(30))) > 4
        naive = softmax(np.array([40.0, 0.0]))[0] - 1
        assert ulps(naive, -softmax_in_balls([40.0, 0.0])[1][0]) > 4


def test_float32_is_float64_rounded_once():
    a = np.linspace(-20, 20, 1000, dtype=np.float32).reshape(-1, 4)
    targets = np.arange(len(a)) % 4
    for f in (
        tanh.prime,
        sigmoid,
        sigmoid.prime,
        softmax,
        log_softmax,
        lambda o: nll_gradient(o, targets),
    ):
        got, wide = f(a), f(a.astype(np.float64))
        np.testing.assert_array_equal(got, wide.astype(np.float32), strict=True)


@pytest.mark.parametrize("f", [tanh, sigmoid, relu, bpttcheck.linear])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble, np.complex128])
def test_what_loops_write_is_the_value_to_the_last_bit(f, dtype):
    """Within loops a squashing function writes into room that is there, by calls of its own."""
    info = np.finfo(dtype)
    sizes = np.array([0, info.smallest_subnormal, info.tiny, info.eps, 0.3, 1, 20, 90, 720, 1e30])
    for a in (np.concatenate([sizes, -sizes]).astype(dtype), np.full(2, -0.0, dtype)):
        with np.errstate(all="ignore"):
            value, out = f.value(a), np.empty_like(a)
            f.within("phi")(a, out)
            rows = np.empty((3, *a.shape), a.dtype)
            perform(activation_calls(f, f.within("phi"), [a[::-1], a, a], list(rows)))
        for found in (out, rows[0, ::-1], rows[1], rows[2]):
            np.testing.assert_array_equal(found, value)
            np.testing.assert_array_equal(np.signbit(found.real), np.signbit(value.real))
