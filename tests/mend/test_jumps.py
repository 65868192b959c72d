"""A loss that jumps has a surrogate for its gradient, and no edit is told that leaves it out."""

import math

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.mend import jumps
from tests.mend.points import module

LOSSES = {
    "smooth": (lambda t: math.sin(9 * t), False),
    "steep": (lambda t: math.tanh(1e5 * (t - 0.123)), False),
    "with a kink": (lambda t: abs(t - 0.3) + t**2, False),
    "rounded": (lambda t: float(np.float32(3 + t)), False),
    "never finite": (lambda t: math.inf, False),
    "a step": (lambda t: float(t > 0.0071), True),
    "a step beside a slope": (lambda t: 5 * t**2 + 0.1 * (t > -0.3), True),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_jump_is_told_from_a_slope(name):
    loss, jumping = LOSSES[name]
    assert jumps(loss) is jumping


SPIKES = """
import numpy as np

x = np.array([[0.9, -0.2], [0.4, 0.7], [-0.5, 1.2], [1.1, 0.3]])
y = np.array([1.0, 0.0, 1.0, 0.0])

def value_and_grad(params):
    w = params["w"]
    v = x @ w
    fires = (v > 0.6).astype(float)
    loss = ((fires - y) ** 2).sum() / 2 + 0.05 * (v**2).sum()
    dv = (fires - y) / (1 + np.abs(v - 0.6)) ** 2
    dv = dv + 0.1 * v
    return loss, {"w": x.T @ dv}
"""


def test_a_surrogate_is_not_left_out(tmp_path):
    mine = module(tmp_path, SPIKES)
    mend = check_gradients(mine.value_and_grad, {"w": np.array([0.8, 0.5])}).mend
    assert mend.edits == ()
    assert "the loss jumps near the point: its gradient is a surrogate" in mend.note


def test_it_would_else_be(tmp_path, monkeypatch):
    monkeypatch.setattr("bpttcheck.check.search.mending_point.jumps", lambda _: False)
    mine = module(tmp_path, SPIKES)
    assert check_gradients(mine.value_and_grad, {"w": np.array([0.8, 0.5])}).mend.edits
