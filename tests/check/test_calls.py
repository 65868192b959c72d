"""Calls of the user's function: how many there are, and what they leave as it was."""

import random

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program.calls import WATCHED, Calls

A = {"a": np.array([0.5, -1.0]), "b": np.ones(3)}


class Counting:
    def __init__(self):
        self.calls = 0

    def __call__(self, p):
        self.calls += 1
        return np.sin(p["a"]).sum() + p["b"].sum(), {"a": np.cos(p["a"]), "b": np.ones(3)}


def moved(step):
    return A | {"a": A["a"] + step}


def test_a_loss_that_is_known_is_not_computed_again():
    function = Counting()
    calls = Calls(function, None, A, None)
    value, _, _ = calls.value_and_grad(A)
    assert calls.value(A) == value
    assert calls.value({n: a.copy() for n, a in A.items()}) == value
    assert (function.calls, calls.losses, calls.gradients) == (1, 0, 1)
    other = calls.value(moved(1))
    assert other != value
    assert calls.value(moved(1)) == other
    assert (function.calls, calls.losses) == (2, 1)
    calls.freeze()
    assert calls.value(A) == value
    assert function.calls == 3
    for k in range(1, 10):
        calls.value(moved(k))
    calls.value(A)  # forgotten
    assert function.calls == 13


def test_a_loss_of_its_own_is_always_called():
    function, loss = Counting(), Counting()
    calls = Calls(function, lambda p: loss(p)[0], A, None)
    calls.value_and_grad(A)
    calls.value(A)
    calls.value(A)
    assert (function.calls, loss.calls) == (1, 2)


@pytest.mark.parametrize("source", ["python", "numpy", "torch"])
def test_random_numbers_are_the_same_from_the_first_call_on(source):
    """Also where they show in one loss of many, as with dropout of one unit in a thousand."""
    if source == "torch":
        torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")

    def rarely():
        if source == "torch":
            return float(torch.rand(()))
        return random.random() if source == "python" else np.random.random()

    drawn = []

    def function(p):
        drawn.append(rarely())
        return np.sin(p["a"]).sum(), {"a": np.cos(p["a"])}

    report = check_gradients(function, {"a": A["a"]})
    assert report.ok
    assert "the loss draws global random numbers; they were held fixed" in report.notes
    assert len(set(drawn)) == 1


def test_a_function_that_draws_nothing_is_not_said_to():
    report = check_gradients(Counting(), A)
    assert not [note for note in report.notes if "random" in note]


def same(p):
    return p["a"].sum() + p["b"].sum(), {"a": p["a"], "b": np.ones(3)}


def parts(p):
    both = np.ones(5)
    return p["a"].sum() + p["b"].sum(), {"a": both[1:3], "b": both[2:]}


KEPT = {"a": np.ones(2), "b": np.ones(3)}


def kept(p):
    return p["a"].sum() + p["b"].sum(), KEPT


def apart(p):
    both = np.ones(6)
    return p["a"].sum() + p["b"].sum(), {"a": both[1:3], "b": both[3:]}


SHARED = [
    (same, {"alias"}), (parts, {"shared"}), (kept, {"buffer"}), (apart, set()),
]  # fmt: skip


@pytest.mark.parametrize(("function", "kinds"), SHARED, ids=[f.__name__ for f, _ in SHARED])
def test_memory_that_is_shared_is_remarked_on(function, kinds):
    calls = Calls(function, None, A, None)
    for _ in range(WATCHED):
        calls.value_and_grad(A)
    assert set(calls.behaviour) == kinds
    if kinds == {"alias"}:
        assert calls.behaviour["alias"] == "the gradient of a shares memory with a parameter"
    if kinds == {"shared"}:
        assert calls.behaviour["shared"] == "gradients of a and b share memory"


def test_the_pair_comes_back_in_its_own_types():
    def narrow(p):
        return np.float32(1.5), {"a": np.ones(2, np.float32), "b": [1, 2, 3]}

    value, grads, (loss, came) = Calls(narrow, None, A, None).value_and_grad(A)
    assert (value, type(value)) == (1.5, float)
    assert {g.dtype for g in grads.values()} == {np.dtype(np.float64)}
    assert loss.dtype == came["a"].dtype == np.float32
