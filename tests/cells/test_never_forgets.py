"""``lstm.kind(forget=False)`` is the LSTM of statements whose forget gate is always open."""

import numpy as np
import pytest

from bpttcheck import lstm
from bpttcheck.bptt.recursion import recursion
from bpttcheck.cells.forward import equations
from bpttcheck.runs import lstm as runs
from tests.bptt.forms import in_the_field, problem


def same(weights, x, states, ds, mask):
    """Assert that every number of the two is the same to the last bit."""
    short, full = lstm.kind(forget=False), runs.kinds["none"]
    assert "f" not in short.gates
    assert full.gates.keys() == {"i", "f", "g", "o"}
    own = {k: weights[k] for k in short.axes}
    run, other = equations(short, own, x, states, mask=mask), equations(full, weights, x, states,
                                                                         mask=mask)  # fmt: skip
    assert (other.f == 1 + 0 * other.f).all()
    for name in run.made:
        assert (run.made[name] == other.made[name]).all(), name
    assert (run.s == other.s).all()
    found, theirs = recursion(own, run, ds), recursion(weights, other, ds)
    for name in found.steps:
        assert (found.steps[name] == theirs.steps[name]).all(), name
    for name in found.weights:
        assert (found.weights[name] == theirs.weights[name]).all(), name
    assert (found.dx == theirs.dx).all()
    for name in theirs.weights.keys() - found.weights.keys():  # f_t = 1 has no slope
        assert (theirs.weights[name] == 0 * weights[name]).all(), name


MASK = np.array([[1, 0], [0, 1], [1, 1]], dtype=bool)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_in_float64(masked, seed):
    _, weights, x, _, _, states = problem("lstm", 3, 2, 2, 3, 2, seed)
    ds = np.random.default_rng(seed).standard_normal((3, 2, 2))
    starts = {k: states[f"{k}0"] for k in "hc"}
    same(weights, x, starts, ds, MASK if masked else None)


@pytest.mark.parametrize("masked", [False, True])
def test_in_the_field(masked):
    same(*in_the_field(lstm.cell, 3, 2, 2, 3, 2), MASK if masked else None)


def test_a_gate_that_forgets_a_little_is_another_network():
    """The liar: σ(40) is not one, and b_f has a gradient."""
    _, weights, x, y, _, states = problem("lstm", 3, 2, 2, 3, 2, 0)
    own = {k: a for k, a in weights.items() if not k.endswith("_f")}
    nearly = weights | {"U_f": 0 * weights["U_f"], "W_f": 0 * weights["W_f"],
                        "b_f": np.full(3, 30.0)}  # fmt: skip
    loss, _ = lstm.value_and_grad(own, x, y, forget=False, **states)
    other, grads = lstm.value_and_grad(nearly, x, y, **states)
    assert abs(loss - other) < 1e-9
    assert grads["b_f"].all()
