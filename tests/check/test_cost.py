"""What a check costs: losses and gradients, however many parameters."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.derivative.step_selection import BUDGET
from tests.day import in_turn, share
from tests.diagnosis.mistaken_rnn import drawn, network


@pytest.mark.parametrize("n", share((300, 310, 320, 1000), 4))
@in_turn(2)
def test_a_million_parameters(n):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=n), rng.normal(size=n)
    params = {"W": rng.normal(size=(n, n)) / np.sqrt(n)}
    grad = value_and_grad_of(x, y)(params)[1]["W"]
    size = np.sqrt((grad**2).mean())
    flat = int(np.argmin(np.abs(np.abs(grad) - size)))

    def lie(given):
        loss, grads = value_and_grad_of(x, y)(given)
        grads["W"].flat[flat] *= 1 + 1e-6
        return loss, grads

    def loss(given):
        return ((np.tanh(given["W"] @ x) - y) ** 2).sum() / 2

    report = check_gradients(value_and_grad_of(x, y), params, loss=loss)
    assert report.ok
    assert 4 * report["W"].floor < 1e-6 * size
    assert report.losses < BUDGET  # three directions, however many parameters
    assert report.gradients == 4  # two at the point, one beside it, and one at the point again
    assert check_gradients(lie, params, loss=loss, locate=False)["W"].verdict == "wrong"


def test_bisection_finds_one_entry_of_many():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=60), rng.normal(size=70)
    params = {"W": rng.normal(size=(70, 60)) / 8}

    def lie(given):
        loss, grads = value_and_grad_of(x, y)(given)
        grads["W"][41, 17] += 1e-8
        return loss, grads

    report = check_gradients(lie, params)
    assert report["W"].index == (41, 17)
    assert report["W"].slices == {1: (17,)}  # 70 positions are too many to ask one by one


def value_and_grad_of(x, y):
    def value_and_grad(params):
        h = np.tanh(params["W"] @ x)
        return ((h - y) ** 2).sum() / 2, {"W": np.outer((h - y) * (1 - h**2), x)}

    return value_and_grad


def test_cost_does_not_grow_with_the_parameters():
    costs = []
    for n in (4, 24):
        params, y = drawn(np.random.default_rng(5), n=n)
        costs.append(check_gradients(network(y), params).losses)
    assert max(costs) < 1.5 * min(costs)


@in_turn(2, 1)
def test_no_line_costs_more_than_the_budget():
    params, y = drawn(np.random.default_rng(1))
    report = check_gradients(network(y, "transpose"), params, seed=1)
    slopes = [report.evidence.slow({n: np.ones(a.shape)}) for n, a in params.items()]
    assert all(s.evaluations <= BUDGET for s in slopes)


@pytest.mark.parametrize("locate", [False, True])
def test_no_cause_is_looked_for_without_locating(locate, causes):
    params, y = drawn(np.random.default_rng(1))
    report = check_gradients(network(y, "transpose"), params, locate=locate, mend=False)
    assert report.verdict == "wrong"
    assert (report.cause is not None) is locate
