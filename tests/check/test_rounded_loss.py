"""A loss that was rounded to be read has no slope: that is said, at every seed."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.search.problem import check_problem


def least_squares(case, rounding, slip=1.0):
    """Return a squared error after tanh; ``rounding`` makes of the loss what is returned."""
    x, y = case.rng.normal(size=(case.B, case.m)), case.rng.normal(size=(case.B, case.p))

    def value_and_grad(params):
        h = np.tanh(x @ params["W"])
        e = h - y
        return rounding(float((e * e).sum() / 2)), {"W": slip * x.T @ (e * (1 - h * h))}

    return value_and_grad, {"W": case.rng.normal(size=(case.m, case.p))}


ROUNDINGS = {
    "2 decimals": lambda loss: round(loss, 2),
    "4 decimals": lambda loss: round(loss, 4),
    "8 decimals": lambda loss: round(loss, 8),
    "4 digits": lambda loss: float(f"{loss:.4g}"),
}


@pytest.mark.parametrize("slip", [1.0, -1.0])
@pytest.mark.parametrize("rounding", ROUNDINGS.values(), ids=list(ROUNDINGS))
def test_a_rounded_loss_is_undecided_at_every_seed(rounding, slip):
    def problem(case):
        return least_squares(case, rounding, slip)

    for seed in range(3):
        report = check_problem(problem, seed=seed, max_examples=2)
        assert report.verdict == "undecided", str(report)
        assert report.reason == "the loss is rounded to few digits, at all 8 cases"
    assert report.kind == "rounded"
    assert "return it as it was computed" in str(report)


def test_one_point_says_which_loss():
    def value_and_grad(params):
        return round(float(np.sin(params["w"]).sum()), 3), {"w": np.cos(params["w"])}

    report = check_gradients(value_and_grad, {"w": np.array([0.1, 0.2, 0.4])})
    assert (report.verdict, report.kind) == ("undecided", "rounded")
    assert report.reason == "loss: rounded to few digits, 0.688: return it as it was computed"


def test_few_digits_by_themselves_are_no_rounding():
    """A sum of halves at the point, a loss that stands still, and one that counts."""

    def halves(params):
        w = params["w"]
        return float((w * w).sum() / 2), {"w": w}

    assert check_gradients(halves, {"w": np.array([0.5, 1.5, 2.0])}).verdict == "right"

    def tenth(params):
        return 0.1, {"w": np.ones_like(params["w"])}

    assert check_gradients(tenth, {"w": np.array([0.5, 1.5])}).verdict == "wrong"

    def counting(params):
        return float((params["w"] > 0).sum()), {"w": np.ones_like(params["w"])}

    assert check_gradients(counting, {"w": np.array([0.5, 1.5])}).kind != "rounded"


def test_a_rounded_loss_beside_ones_that_cannot_be_computed():
    def near(params):
        if params["w"][0] != 0.5:
            raise ValueError("not here")
        return 0.1, {"w": np.ones(1)}

    report = check_gradients(near, {"w": np.array([0.5])})
    assert report.kind != "rounded"
    assert report.verdict == "undecided"
