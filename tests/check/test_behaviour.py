"""``check_gradients`` on functions that misbehave: a report or an error names what happened."""

import random
import sys
import time

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program.clock import available, time_limit
from tests.refusals import refuses

A = {"a": np.array([0.5, -1.0])}


def loss_of(params):
    return np.sin(params["a"]).sum()


def grad_of(params):
    return {"a": np.cos(params["a"])}


def good(params):
    return loss_of(params), grad_of(params)


ARGUMENTS = [
    ([1, 2], TypeError, "params[0]: expected an array of floats, got dtype int64"),
    ({}, ValueError, "params: expected at least one array, got none"),
    ({"a": [1, 2]}, TypeError, "params['a']: expected an array of floats, got dtype int64"),
    ({"a": "x"}, TypeError, "params['a']: expected an array of floats, got dtype <U1"),
    ({"a": None}, TypeError, "params['a']: expected an array of floats, got objects of type"),
    ({"a": [1.0, [2.0]]}, ValueError, "params['a']: expected a rectangular array of numbers"),
    ({"a": np.zeros((0, 2))}, ValueError,
     "params['a']: expected at least one entry, got shape (0, 2)"),
    ({"a": [1.0, np.nan]}, ValueError,
     "params['a']: expected finite numbers, got nan at index (1,)"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "kind", "message"), ARGUMENTS)
def test_arguments(params, kind, message):
    refuses(lambda: check_gradients(good, params), kind, message)


def test_options():
    with pytest.raises(TypeError, match=r"^value_and_grad: expected a function, got int$"):
        check_gradients(3, A)
    with pytest.raises(TypeError, match=r"^loss: expected a function, got float$"):
        check_gradients(good, A, loss=1.0)
    with pytest.raises(ValueError, match=r"^seed: expected a whole number ≥ 0, got -1$"):
        check_gradients(good, A, seed=-1)
    with pytest.raises(ValueError, match=r"^seconds: expected a number > 0 or None, got 0$"):
        check_gradients(good, A, seconds=0)


def raises(params):
    raise KeyError("h0")


def leaves(params):
    sys.exit("done")


def sleeps(params):
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except Exception:
            pass


class Counting:
    """Returns another loss at every call."""

    def __init__(self, step):
        self.step, self.calls = step, 0

    def __call__(self, params):
        self.calls += 1
        return loss_of(params) + self.step(self.calls), grad_of(params)


class Accumulating:
    """Right at the first call; forgets to zero its gradients."""

    def __init__(self):
        self.grad = np.zeros(2)

    def __call__(self, params):
        self.grad += np.cos(params["a"])
        return loss_of(params), {"a": self.grad}


own = np.random.default_rng(0)

RETURNS = [
    (lambda p: loss_of(p), "undecided", "contract",
     "value_and_grad: expected the pair (loss, gradients), got float64"),
    (lambda p: (1.0, {}, 3), "undecided", "contract",
     "value_and_grad: expected the pair (loss, gradients), got tuple of 3"),
    (lambda p: (np.sin(p["a"]), grad_of(p)), "undecided", "contract",
     "loss: expected a single real number, got shape (2,)"),
    (lambda p: (3, grad_of(p)), "undecided", "contract",
     "loss: expected a float, got dtype int64, which has no slope"),
    (lambda p: (None, grad_of(p)), "undecided", "contract",
     "loss: expected a single real number, got objects of type NoneType"),
    (lambda p: (1j, grad_of(p)), "undecided", "contract",
     "loss: expected a single real number, got a complex one"),
    (lambda p: (np.nan, grad_of(p)), "undecided", "nan", "loss: expected a finite number, got nan"),
    (lambda p: (loss_of(p), [1]), "undecided", "contract",
     "gradients: expected a mapping of names to arrays, got list"),
    (lambda p: (loss_of(p), {"b": 1.0}), "wrong", "names",
     "gradients: expected the names a, got b"),
    (lambda p: (loss_of(p), {"a": np.ones(3)}), "wrong", "shape",
     "gradients['a']: expected shape (2,), got (3,)"),
    (lambda p: (loss_of(p), {"a": np.array([1.0, np.inf])}), "wrong", "nan",
     "gradients['a']: expected finite numbers, got inf at index (1,)"),
    (lambda p: (loss_of(p), {"a": None}), "wrong", "dtype",
     "gradients['a']: expected real numbers, got objects of type NoneType"),
    (raises, "undecided", "raised",
     "value_and_grad: raised KeyError at test_behaviour.py:60: 'h0'"),
    (leaves, "undecided", "exit", "value_and_grad: called sys.exit('done')"),
    (lambda p: (loss_of(p) + own.normal(), grad_of(p)), "undecided", "random",
     "value_and_grad: two calls at the same point return the losses"),
    (Accumulating(), "wrong", "second call",
     "gradient of a: a second call at the same point returns others; a[0] was"),
    (Counting(lambda k: 0.5 * (k % 2)), "undecided", "state",
     "value_and_grad: two calls at the same point return the losses"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "verdict", "kind", "reason"), RETURNS)
def test_what_comes_back(function, verdict, kind, reason):
    report = check_gradients(function, A)
    assert (report.verdict, report.kind) == (verdict, kind), report
    assert report.reason.startswith(reason), report
    assert str(report).startswith(f"{verdict}: {reason}")


@pytest.mark.skipif(not available(), reason="no interval timer on this platform or thread")
def test_a_function_that_hangs():
    began = time.monotonic()
    report = check_gradients(sleeps, A, seconds=0.2)
    assert report.verdict == "undecided"
    assert report.reason == "value_and_grad: no answer within 0.2 s"
    assert time.monotonic() - began < 5
    assert available()  # the alarm and its handler are as they were
    with time_limit(0.5), time_limit(0.1):  # the inner one leaves the outer alone
        pass


def test_integer_gradients_are_compared_and_remarked_on():
    report = check_gradients(lambda p: (loss_of(p), {"a": np.array([1, 1])}), A)
    assert report.verdict == "wrong"
    assert "gradients['a'] has dtype int64: no fractions" in report.notes


def test_arguments_are_copies_and_changes_are_seen():
    given = {"a": np.array([0.5, -1.0])}

    def greedy(params):
        result = good({"a": params["a"].copy()})
        params["a"] -= 0.1
        return result

    report = check_gradients(greedy, given)
    assert report.ok
    assert report.notes == ("value_and_grad changes its argument params['a']",)
    assert given["a"].tolist() == [0.5, -1.0]


def test_what_it_prints_is_kept_off_the_screen(capsys):
    def chatty(params):
        print("epoch 1")
        return good(params)

    report = check_gradients(chatty, A)
    assert report.ok
    assert report.notes == ("value_and_grad prints; its output was kept off the screen",)
    assert capsys.readouterr().out == ""


def test_global_randomness_is_held_and_given_back():
    def dropout(params):
        keep = np.random.random(2) < 0.5
        return (keep * np.sin(params["a"])).sum() + random.random(), {
            "a": keep * np.cos(params["a"])
        }

    before = np.random.get_state()[1].tolist(), random.getstate()
    report = check_gradients(dropout, A)
    assert report.ok
    assert "the loss draws global random numbers; they were held fixed" in report.notes
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


def test_what_is_kept_from_the_first_call_is_not_called_random():
    calls = []

    def warming_up(params):
        calls.append(params)
        return np.sin(params["a"]).sum() + (len(calls) == 1), {"a": np.cos(params["a"])}

    report = check_gradients(warming_up, A)
    assert report.ok
    assert "the first call returned another loss than the later ones do" in report.notes
    assert not any("random" in note for note in report.notes)


def test_a_loss_of_its_own_has_to_agree():
    report = check_gradients(good, A, loss=lambda p: 2 * loss_of(p))
    assert (report.verdict, report.kind) == ("undecided", "loss")
    assert check_gradients(good, A, loss=loss_of).ok


def test_a_float_stays_a_float():
    def scalar(params):
        assert isinstance(params["w"], float)
        return params["w"] ** 2, {"w": 2 * params["w"]}

    assert check_gradients(scalar, {"w": 0.5}).ok
