"""Central differences: an error estimate that covers the error, and gradients it does not cover."""

import numpy as np
import pytest

from bpttcheck import rnn, scalar_rnn
from bpttcheck.arithmetic.balls import balls
from bpttcheck.witnesses.differences import central_differences
from tests.day import share

KNOWN = {
    "exp": (np.exp, np.exp),
    "a steep tanh": (lambda x: np.tanh(40 * x), lambda x: 40 / np.cosh(40 * x) ** 2),
    "sines that alias": (lambda x: np.sin(9 * x), lambda x: 9 * np.cos(9 * x)),
    "a pole nearby": (lambda x: 1 / (1 + 25 * x * x), lambda x: -50 * x / (1 + 25 * x * x) ** 2),
    "a narrow bump": (
        lambda x: np.exp(-((100 * x - 30) ** 2)),
        lambda x: -200 * (100 * x - 30) * np.exp(-((100 * x - 30) ** 2)),
    ),
    "single precision inside": (lambda x: np.float32(np.sin(x)), np.cos),
    "cancellation": (lambda x: (1e8 + x * x) - 1e8, lambda x: 2 * x),
    "small here, large nearby": (lambda x: x**3, lambda x: 3 * x * x),
    "nothing": (lambda x: 0 * x, lambda x: 0 * x),
    "a kink, not too near": (lambda x: np.abs(x - 3), lambda x: np.sign(x - 3)),
}
POINTS = (-1.7, -0.31, 0.004, 0.2968, 0.5, 1.25, 5.3, 1e-12)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("x", POINTS)
def test_the_error_is_within_its_estimate(name, x):
    f, derivative = KNOWN[name]
    estimate = central_differences(lambda p: f(p["x"]), {"x": x})["x"]
    assert estimate.value.shape == estimate.error.shape == ()
    assert abs(estimate.value - derivative(x)) <= estimate.error
    assert np.isfinite(estimate.error)


def test_the_estimate_is_not_infinite_comfort():
    """Where f is smooth and exact to the last digit, nine digits are found."""
    estimate = central_differences(lambda p: np.exp(p["x"]), {"x": 0.5})["x"]
    assert estimate.error <= 1e-9 * np.exp(0.5)
    assert abs(estimate.value - (1 + 1e-9) * np.exp(0.5)) > estimate.error


def test_overflow_at_wide_steps_leaves_the_narrow_ones():
    def f(p):
        with np.errstate(over="ignore"):
            return np.exp(3000 * p["x"])

    estimate = central_differences(f, {"x": 0.2})["x"]
    assert abs(estimate.value - 3000 * np.exp(600)) <= estimate.error


def test_no_two_finite_steps_give_no_estimate():
    estimate = central_differences(lambda p: 1.0 if p["x"] == 0 else np.nan, {"x": 0.0})["x"]
    assert estimate.error == np.inf


def vector(seed, phi, loss, masked, T=4, B=2, m=2, n=3, p=3):
    random = np.random.default_rng(seed)
    params = {"U": random.standard_normal((n, m)), "W": random.standard_normal((n, n)),
              "V": random.standard_normal((p, n)), "b": random.standard_normal(n),
              "b_s": random.standard_normal(p)}  # fmt: skip
    x, h0 = random.standard_normal((T, B, m)), random.standard_normal((B, n))
    y = random.integers(0, p, (T, B)) if loss == "nll" else random.standard_normal((T, B, p))
    mask = np.array([[1, 1], [1, 0], [0, 1], [1, 0]]) if masked else None

    def both(given):
        weights = {k: given[k] for k in params}
        return rnn.value_and_grad(weights, given["x"], y, h0=given["h0"], phi=phi, loss=loss,
                                  mask=mask, reduction="mean" if masked else "sum")  # fmt: skip

    return both, params | {"x": x, "h0": h0}


def misses(estimates, grads):
    """Return the names of gradients with an entry beyond its estimate."""
    return {
        k for k, e in estimates.items() if not (np.abs(e.value - grads[k]) <= e.error).all()
    }  # fmt: skip


@pytest.mark.parametrize("phi", share(["tanh", "sigmoid", "relu", "linear"], 2))
@pytest.mark.parametrize(("loss", "masked"), [("nll", True), ("squared_error", False)])
def test_the_vector_networks_gradients(phi, loss, masked):
    both, point = vector(0, phi, loss, masked)
    estimates = central_differences(lambda given: both(given)[0], point)
    grads = both(point)[1]
    assert misses(estimates, grads) == set()
    # Liars: the sum for the mean (or half), a transpose, the next entry, the sixth digit.
    assert misses(estimates, {k: 2 * g for k, g in grads.items()}) == set(point)
    assert misses(estimates, grads | {"W": grads["W"].T}) == {"W"}
    assert misses(estimates, {k: np.roll(g, 1) for k, g in grads.items()}) == set(point)
    assert misses(estimates, {k: g * (1 + 2.0**-17) for k, g in grads.items()}) == set(point)


@pytest.mark.parametrize("phi", ["tanh", "sigmoid", "relu", "linear"])
@pytest.mark.parametrize("theta", ["linear", "tanh"])
def test_the_scalar_networks_gradients(phi, theta):
    random = np.random.default_rng(1)
    x, y = random.standard_normal((2, 5, 2))
    point = {"w": 0.7, "v": -1.3, "x": x, "h0": random.standard_normal(2)}

    def both(given):
        params = {k: given[k] for k in "wv"}
        return scalar_rnn.value_and_grad(
            params, given["x"], y, h0=given["h0"], phi=phi, theta=theta
        )

    estimates = central_differences(lambda given: both(given)[0], point)
    grads = both(point)[1]
    assert misses(estimates, grads) == set()
    moved = {k for k, g in grads.items() if g.any()}  # ReLU can be off, and h_0 of no effect
    assert {"w", "v", "x"} <= moved
    assert misses(estimates, {k: -g for k, g in grads.items()}) == moved
    assert misses(estimates, {k: g * (1 + 2.0**-17) for k, g in grads.items()}) == moved


def test_the_function_gets_copies():
    def f(p):
        value = (p["x"] ** 2).sum()
        p["x"] *= 0
        return value

    point = {"x": np.array([1.0, 2.0])}
    estimate = central_differences(f, point)["x"]
    assert (np.abs(estimate.value - [2, 4]) <= estimate.error).all()
    assert point["x"].tolist() == [1, 2]


def test_bad_input():
    def f(p):
        return p["x"].sum()

    for error, params, message in (
        (TypeError, [1.0], "params: expected a mapping of arrays, got list"),
        (TypeError, {"x": balls([1.0])}, r"params\['x'\]: expected real numbers, got dtype object"),
        (TypeError, {"x": [1j]}, r"params\['x'\]: expected real numbers, got dtype complex128"),
        (ValueError, {"x": [np.nan]}, r"params\['x'\]: expected finite numbers, got nan"),
    ):
        with pytest.raises(error, match=message):
            central_differences(f, params)
    with pytest.raises(ArithmeticError, match="f: expected a finite number at the parameters"):
        central_differences(lambda p: np.inf, {"x": 1.0})
    with pytest.raises(ArithmeticError, match=r"f: expected one number, got shape \(2,\)"):
        central_differences(lambda p: p["x"], {"x": [1.0, 2.0]})
