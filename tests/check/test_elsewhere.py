"""Gradients of another call, or of other parameters: right at the point, and wrong beside it."""

import numpy as np
import pytest

from bpttcheck import check_gradients


def layer(kept):
    """Return a tanh layer whose gradient ``kept`` may replace by one of a call before."""
    rng = np.random.default_rng(0)
    x, y, W = rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), rng.normal(size=(3, 2))
    memory = {"W": W}

    def value_and_grad(given):
        own = np.array(given["W"], float)
        h = np.tanh(x @ own)
        g = x.T @ ((h - y) * (1 - h * h))
        return float(((h - y) ** 2).sum() / 2), {"W": kept(memory, g, own, x, y)}

    return value_and_grad, {"W": W}


def honest(memory, g, own, x, y):
    return g


def of_the_call_before(memory, g, own, x, y):
    before = memory.get("g", g)
    memory["g"] = g
    return before.copy()


def of_the_first_call(memory, g, own, x, y):
    return memory.setdefault("g", g).copy()


def of_the_weights_it_was_made_with(memory, g, own, x, y):
    h = np.tanh(x @ memory["W"])
    return x.T @ ((np.tanh(x @ own) - y) * (1 - h * h))


@pytest.mark.parametrize(
    "kept", [of_the_call_before, of_the_first_call, of_the_weights_it_was_made_with]
)
def test_a_gradient_that_is_kept_is_wrong(kept):
    report = check_gradients(*layer(kept))
    assert report.verdict == "wrong"
    assert "gradient" in report.reason
    assert "others" in report.reason or "beside it" in report.reason


def test_one_that_is_not_is_right():
    assert check_gradients(*layer(honest)).ok


def test_a_gradient_that_does_not_depend_on_the_point_may_be_right():
    c = np.arange(1.0, 4.0)
    report = check_gradients(lambda p: (float(p["a"] @ c), {"a": c.copy()}), {"a": np.ones(3)})
    assert report.ok
