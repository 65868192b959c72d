"""Rounding that is the user's right: constants, data and buffers are no mistakes of a formula."""

import itertools

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.verdict.generic import ORACLE
from tests.day import share

COUNTS = (3, 5, 7, 10, 11, 49)


def least_squares(count, scaled, slip=1.0):
    """Return a mean of squares whose gradient is scaled as people write it."""
    rng = np.random.default_rng(count)
    x, y = rng.normal(size=(count, 2)), rng.normal(size=count)

    def value_and_grad(given):
        error = x @ given["w"] - y
        return (error**2).mean(), {"w": scaled(x.T @ error, count) * slip}

    return value_and_grad, {"w": rng.normal(size=2)}


SCALES = {
    "(2 / N) g": lambda g, n: (2 / n) * g,
    "(1.0 / N) (2 g)": lambda g, n: (1.0 / n) * (2 * g),
    "2 (g / N)": lambda g, n: 2 * (g / n),
    "0.2 (10 g) / N": lambda g, n: 0.2 * (10 * g) / n,
}


@pytest.mark.parametrize(("scale", "count"), share(itertools.product(SCALES, COUNTS), 5))
def test_a_constant_is_rounded_before_a_parameter_meets_it(scale, count):
    report = check_gradients(*least_squares(count, SCALES[scale]))
    assert report.ok, str(report)
    assert report["w"].oracle == ORACLE


@pytest.mark.parametrize("count", share(COUNTS, 3))
def test_a_constant_that_is_off_by_more_than_rounding_is_wrong(count):
    report = check_gradients(*least_squares(count, SCALES["(2 / N) g"], slip=1 + 1e-11))
    assert report.verdict == "wrong"
    assert "+0 more" not in str(report)


def filtered(order, slip=0.0):
    """Return a leaky trace of the data, its gradient by the trace taken in another order."""
    rng = np.random.default_rng(order)
    x, decay = rng.normal(size=12), 0.9

    def value_and_grad(given):
        state, loss, trace = 0.0, 0.0, 0.0
        for x_t in x:
            state = decay * state + given["w"][0] * x_t
            trace = (1 - 0.1 + slip) * trace + x_t
        loss = state * state / 2
        return loss, {"w": np.array([state * trace])}

    return value_and_grad, {"w": rng.normal(size=1)}


@pytest.mark.parametrize("order", share(range(8), 4))
def test_a_trace_of_the_data_alone_is_a_constant_too(order):
    assert check_gradients(*filtered(order)).ok
    assert check_gradients(*filtered(order, slip=1e-9)).verdict == "wrong"


@pytest.mark.parametrize("seed", share(range(6), 3))
def test_targets_that_sum_to_one_but_for_rounding(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(4, 3)), rng.uniform(size=(4, 5))
    y /= y.sum(axis=1, keepdims=True)

    def value_and_grad(given, slip=0.0):
        z = x @ given["W"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        q = e / e.sum(axis=1, keepdims=True)
        return -(y * np.log(q)).sum(), {"W": x.T @ (q - y + slip)}

    params = {"W": rng.normal(size=(3, 5))}
    assert check_gradients(value_and_grad, params).ok
    lie = check_gradients(lambda p: value_and_grad(p, 1e-9), params)
    assert lie.verdict == "wrong"


def in_float32(seed, transposed=False):
    """Return a small tanh layer whose data are float32, as its parameters are."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6, 3)).astype(np.float32)
    y = rng.uniform(size=(6, 3)).astype(np.float32)
    y /= y.sum(axis=1, keepdims=True)

    def value_and_grad(given):
        z = x @ given["W"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        q = e / e.sum(axis=1, keepdims=True)
        g = x.T @ (q - y)
        return -(y * np.log(q)).sum(), {"W": g.T if transposed else g}

    return value_and_grad, {"W": rng.normal(size=(3, 3)).astype(np.float32)}


@pytest.mark.parametrize("seed", share(range(6), 3))
def test_data_in_float32_stay_as_they_were_when_parameters_are_widened(seed):
    report = check_gradients(*in_float32(seed))
    assert report.ok, str(report)
    assert any("judged in float64" in note for note in report.notes)
    assert check_gradients(*in_float32(seed, transposed=True)).verdict == "wrong"


def in_buffers(seed, slip=1.0):
    """Return a loss in float64 whose gradient is added up in float32."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(9, 4, 3)), rng.normal(size=(9, 4, 2))

    def value_and_grad(given):
        gradient = np.zeros((3, 2), np.float32)
        loss = 0.0
        for x_t, y_t in zip(x, y, strict=True):
            h = np.tanh(x_t @ given["W"])
            loss += ((h - y_t) ** 2).sum() / 2
            gradient += x_t.T @ ((h - y_t) * (1 - h * h))
        return loss, {"W": gradient * np.float32(slip)}

    return value_and_grad, {"W": rng.normal(size=(3, 2))}


@pytest.mark.parametrize("seed", share(range(8), 4))
def test_gradients_in_float32_are_right_as_far_as_that_shows(seed):
    problem = in_buffers(seed)
    reports = [check_gradients(*problem, seed=s) for s in range(3)]
    assert {r.verdict for r in reports} == {"right"}
    assert any("comes in float32" in note for note in reports[0].notes)
    assert 1e-7 < reports[0]["W"].floor / reports[0]["W"].size < 1e-2
    assert check_gradients(*in_buffers(seed, slip=1.01)).verdict == "wrong"
