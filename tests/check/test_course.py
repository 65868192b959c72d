"""What a check of one point does, in which order, and how often it calls."""

import time

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program.clock import Clock
from bpttcheck.check.verdict.undiagnosed import deepened, undiagnosed
from tests.day import in_turn
from tests.diagnosis.mistaken_rnn import drawn, network


def counted(value_and_grad):
    calls = []

    def counting(given):
        calls.append(1)
        return value_and_grad(given)

    return counting, calls


def floats_alone(function):
    def value_and_grad(given):
        loss, gradients = function(given)
        return float(loss), gradients

    return value_and_grad


def test_right_code_is_called_some_fifty_times():
    params, y = drawn(np.random.default_rng(0))
    counting, calls = counted(floats_alone(network(y)))
    report = check_gradients(counting, params)
    assert report.ok
    assert report.losses + report.gradients == len(calls) <= 80


def test_the_verdict_is_told_before_anything_is_located():
    params, y = drawn(np.random.default_rng(0))
    counting, calls = counted(floats_alone(network(y, "transpose")))
    told = []
    report = check_gradients(
        counting, params, on_verdict=lambda early: told.append((early, len(calls)))
    )
    ((early, after),) = told
    assert early.verdict == report.verdict == "wrong"
    assert after < min(125, len(calls))
    right = []
    check_gradients(network(y), params, on_verdict=right.append)
    assert [r.verdict for r in right] == ["right"]


def test_some_gradients_alone():
    params, y = drawn(np.random.default_rng(1))
    report = check_gradients(network(y, "transpose"), params, only=["V", "c"])
    assert report.ok
    assert [b.name for b in report.blocks] == ["V", "c"]
    assert check_gradients(network(y, "transpose"), params, only="W").verdict == "wrong"
    with pytest.raises(ValueError, match=r"only: expected some of .*, got 'w'; did you mean"):
        check_gradients(network(y), params, only=["w"])


@in_turn(2, 1)
def test_what_was_found_wrong_stays_wrong_when_it_is_asked_for_more():
    params, y = drawn(np.random.default_rng(2))
    report, _ = undiagnosed(network(y, "transpose"), params, locate=False, suspect="W")
    assert [b.name for b in report.blocks] == ["W"]
    whole = deepened(report)
    assert whole.verdict == "wrong"
    assert {b.name for b in whole.blocks} == set(params)
    assert whole["W"].index is not None
    assert deepened(whole).verdict == "wrong"


def test_a_budget_that_is_over_ends_the_walk_and_not_the_verdict():
    params, y = drawn(np.random.default_rng(3))
    wrong = floats_alone(network(y, "transpose"))
    report, _ = undiagnosed(wrong, params, locate=False)
    spent = Clock(1e-9)
    counting = len(report.blocks)
    found = deepened(report, spent)
    assert found.verdict == "wrong"
    assert len(found.blocks) == counting
    for bad in (0, -1.0, "1", True):
        with pytest.raises(ValueError, match="budget: expected a number > 0 or None"):
            check_gradients(wrong, params, budget=bad)


def test_a_budget_bounds_the_verdict_too():
    params, y = drawn(np.random.default_rng(4))
    slow = floats_alone(network(y))

    def sleeping(given):
        time.sleep(0.01)
        return slow(given)

    report = check_gradients(sleeping, params, budget=0.05)
    assert report.verdict == "undecided"
    assert report.reason == "the budget of 0.05 s was over before the verdict"
    assert 0 < report.losses + report.gradients < 20
    assert check_gradients(sleeping, params, budget=60).ok
