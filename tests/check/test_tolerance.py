"""An iteration that stops at a tolerance: the gradient of its solution is not called wrong."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.derivative.tolerance import Tolerances
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.probe_point import probe
from bpttcheck.check.search.problem import check_problem
from bpttcheck.check.verdict.undiagnosed import undiagnosed

pytestmark = pytest.mark.usefixtures("causes")


def equilibrium(rng, tolerance, slip=None):
    """Return half the square of h = tanh(W h + U x), solved for, with its implicit gradient."""
    n, x, y = 3, rng.normal(size=2), rng.normal(size=3)
    W = rng.normal(size=(n, n))

    def value_and_grad(params):
        h = np.zeros(n)
        for _ in range(200):
            before, h = h, np.tanh(params["W"] @ h + params["U"] @ x)
            if np.abs(h - before).max() < tolerance:
                break
        slope = 1 - h * h
        adjoint = np.linalg.solve(np.eye(n) - (slope[:, None] * params["W"]).T, h - y) * slope
        if slip is not None:
            adjoint = slip(adjoint, h - y, slope)
        gradients = {"W": np.outer(adjoint, h), "U": np.outer(adjoint, x)}
        return float(((h - y) ** 2).sum() / 2), gradients

    return value_and_grad, {"W": 0.4 * W / np.linalg.norm(W, 2), "U": rng.normal(size=(n, 2))}


@pytest.mark.parametrize("tolerance", [1e-4, 1e-8, 1e-12])
def test_the_implicit_gradient_is_right_as_far_as_the_tolerance_shows(tolerance):
    for seed in range(2):
        report = check_gradients(*equilibrium(np.random.default_rng(seed), tolerance), seed=seed)
        assert report.verdict == "right", str(report)
        floor = max(block.floor for block in report.blocks)
        assert floor < 100 * tolerance + 1e-10  # what is granted is no more than the tolerance's


def test_the_report_says_so():
    def problem(case):
        return equilibrium(case.rng, 1e-6)

    problem.cases = {"regimes": ("given", "no zeros")}
    report = check_problem(problem, max_examples=0)
    assert report.verdict == "right", str(report)
    assert "an iteration stops at a tolerance of 1e-06" in str(report)


@pytest.mark.parametrize(
    "slip",
    [
        lambda adjoint, e, slope: e * slope,  # one step for the solution
        lambda adjoint, e, slope: adjoint * (1 + 1e-5),
        lambda adjoint, e, slope: -adjoint,
    ],
)
@pytest.mark.parametrize("tolerance", [1e-8, 1e-12])
def test_no_mistake_hides_behind_it(slip, tolerance):
    function, point = equilibrium(np.random.default_rng(0), tolerance, slip)
    assert undiagnosed(function, point, locate=False)[0].verdict == "wrong"


def in_log(params):
    p = np.exp(params["w"]) / np.exp(params["w"]).sum()
    return float(-np.log(p[0] + 1e-9)), {"w": p - np.eye(len(p))[0]}


def test_an_epsilon_is_no_tolerance():
    point = {"w": np.array([0.3, -0.2, 0.5])}
    assert Tolerances(probe(Calls(in_log, None, point, None), point)).tighter is None
    report = check_gradients(in_log, point)
    assert (report.verdict, report.cause.name) == ("wrong", "loss-epsilon")


def test_what_is_found():
    function, point = equilibrium(np.random.default_rng(1), 1e-7)
    calls = Calls(function, None, point, None)
    found = Tolerances(probe(calls, point))
    assert found.found == (1e-7,)
    solved = equilibrium(np.random.default_rng(1), 1e-15)[0](point)[0]
    assert abs(found.tighter.value(point) - solved) < 1e-12 < abs(calls.value(point) - solved)
    apart = Calls(function, lambda params: function(params)[0], point, None)
    assert Tolerances(probe(apart, point)).found == ()  # there are two functions


def test_an_iteration_that_would_never_end_without_its_tolerance():
    def endless(params):
        error, w = 1.0, params["w"]
        while error > 1e-6:
            error /= 10 if error > 1e-14 else 1
        return float((w * w).sum() / 2) + error, {"w": w * (1 + 1e-9)}

    report = check_gradients(endless, {"w": np.array([0.7, -1.2])}, budget=30)
    assert (report.verdict, report.cause) == ("wrong", None)
    assert report.losses < 5000
