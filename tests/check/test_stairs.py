"""Losses with stairs, plateaus and kinks: what a step sees there is no slope."""

import itertools
from functools import partial

import numpy as np
import pytest

from bpttcheck import check_gradients
from tests.day import share


def rounded(digits, wide, slip=1.0):
    """Return a squared error of rounded outputs, with the gradient of what was rounded."""
    rng = np.random.default_rng(digits)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))

    def value_and_grad(given):
        z = x @ given["W"]
        out = np.round(z * wide) / wide
        return float(((out - y) ** 2).sum() / 2), {"W": x.T @ (out - y) * slip}

    return value_and_grad, {"W": rng.normal(size=(3, 2))}


def softmax_nll(gap, given, slip=1.0):
    e = np.exp(np.array([0.0, -gap]) + given["b"])
    p = e / e.sum()
    return float(-np.log(p[0])), {"b": slip * (p - [1.0, 0.0])}


def logistic(gap, given):
    y = 1 / (1 + np.exp(gap - given["b"]))
    return float(-np.log(1 - y).sum()), {"b": y}


def from_one(gap, given):
    h = np.tanh(gap / 2 + given["b"])
    return float(np.square(1 - h).sum()), {"b": -2 * (1 - h) * (1 - h**2)}


OF_ONES = {"softmax": softmax_nll, "logistic": logistic, "tanh": from_one}
"""Right programs, of which little is left where their units are saturated."""


@pytest.mark.parametrize("wide", [1, 4, 8, 16])
def test_the_gradient_straight_through_a_staircase_is_not_right(wide):
    """Wrong where the loss stands still for longer than any float type could hide."""
    reports = [check_gradients(*rounded(seed, wide)) for seed in range(4)]
    assert all(report.verdict != "right" for report in reports)
    wrong = [str(report) for report in reports if report.verdict == "wrong"]
    assert wrong or wide > 1
    for told in wrong:
        assert "the loss is a staircase here: its derivative is 0" in told


def test_a_loss_that_does_not_move_at_all_is_no_staircase():
    """As one step from zeros does not depend on the recurrent matrix."""

    def value_and_grad(given):
        h = given["W"] @ np.zeros(2) + given["b"]
        return float(h @ h), {"W": np.outer(h, [1.0, 0.5]), "b": 2 * h}

    report = check_gradients(value_and_grad, {"W": np.ones((2, 2)), "b": np.array([0.5, -1.0])})
    assert (report["W"].verdict, report["b"].verdict) == ("wrong", "right")
    assert report["W"].reason == "the loss does not depend on it here: its derivative is 0"


@pytest.mark.parametrize("name", OF_ONES)
@pytest.mark.parametrize("gap", share((25, 27, 28, 31, 33, 36, 39, 45, 70), 3))
def test_what_numbers_near_one_leave_is_not_judged(name, gap):
    """Each is rounded by 2⁻⁵³, and what is left of it no larger, far away neither."""
    for seed, size in ((14, 4.0), (38, 4.0), (24, 4.0), (0, 0.1), (7, 0.1), (3, 1.0)):
        b = size * np.random.default_rng(seed).normal(size=2)
        report = check_gradients(partial(OF_ONES[name], gap), {"b": b}, locate=False)
        assert report.verdict != "wrong", (seed, str(report))


def test_what_a_probability_near_one_hides_is_found_where_it_is_not():
    for gap in (0, 5, 12):
        report = check_gradients(partial(softmax_nll, gap, slip=2.0), {"b": np.array([0.1, -0.3])})
        assert report.verdict == "wrong"


@pytest.mark.parametrize("bent", [0.0, 1.0])
def test_a_dead_unit_is_no_staircase(bent):
    """Whose gradient is handed through, as where the mask of a ReLU is forgotten."""

    def value_and_grad(given):
        h = np.maximum(given["w"] - 3, 0.0)
        return float(h.sum() + bent * (h @ h)), {"w": np.ones(3)}

    report = check_gradients(value_and_grad, {"w": np.array([0.5, 0.7, 1.0])})
    assert report["w"].reason == "the loss stands still here: its derivative is 0"


@pytest.mark.parametrize(("away", "where"), [(0.0, "at this very point"), (0.5, "beside")])
def test_where_a_kink_is(away, where):
    def value_and_grad(given):
        h = np.maximum(given["w"] - 1 - away, 0.0)
        return float(h.sum() + h @ h), {"w": np.ones(3) + 2 * h}

    report = check_gradients(value_and_grad, {"w": np.array([0.5, 0.7, 1.0])})
    assert report.verdict == "undecided"
    assert f"a kink {where}" in report["w"].reason


@pytest.mark.parametrize("size", [1e300, 1e307, 1e308])
@pytest.mark.parametrize("signs", [(1, 1, -1), (1, 0, 0)])
def test_gradients_whose_slopes_overflow_are_never_right(size, signs):
    def value_and_grad(given):
        return float(given["a"] @ given["a"]), {"a": size * np.array(signs)}

    report = check_gradients(value_and_grad, {"a": np.array([0.1, -0.1, 0.6])})
    assert report.verdict == ("wrong" if size < 1e305 else "undecided")


def test_a_loss_that_is_rounded_for_printing_is_not_called_wrong():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(6, 3)), rng.normal(size=6)

        def value_and_grad(given, x=x, y=y):
            h = np.tanh(x @ given["w"])
            loss = round(float(((h - y) ** 2).sum() / 2), 4)
            return loss, {"w": x.T @ ((h - y) * (1 - h * h))}

        assert check_gradients(value_and_grad, {"w": rng.normal(size=3)}).verdict != "wrong"


def cross_entropy(w, slip=1.0):
    """Return −mean log y of σ, computed as 1 − y, of which saturation leaves a few bits."""
    x, t = np.array([1.0, 0.5, -0.3]), np.array([1.0, 0.0, 0.0])

    def value_and_grad(given):
        y = 1 / (1 + np.exp(-(33 * float(given["w"][0]) * x + float(given["b"][0]))))
        loss = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
        d = (y - t) / 3 * slip
        return float(loss), {"w": np.array([(d * x * 33).sum()]), "b": np.array([d.sum()])}

    return value_and_grad, {"w": np.array([w]), "b": np.array([0.1])}


@pytest.mark.parametrize("w", share(np.linspace(1.9, 2.2, 13), 3))
def test_a_stair_of_rounding_says_nothing_of_the_slope(w):
    assert check_gradients(*cross_entropy(w), locate=False).verdict != "wrong"
    assert check_gradients(*cross_entropy(w, slip=1.5), locate=False).verdict != "right"


@pytest.mark.parametrize(
    ("size", "seed"), share(itertools.product((20.0, 40.0, 200.0), range(4)), 3)
)
def test_from_plateau_to_plateau_there_is_no_slope(size, seed):
    """All units are saturated, and 1 − h² is 0: a step that reaches the other plateau is none."""
    rng = np.random.default_rng(seed)
    x = rng.choice([-1.0, 1.0], size=(4, 2))
    weights = rng.normal(size=3)

    def value_and_grad(given):
        h = np.tanh(np.asarray(x @ given["W"], dtype=float))
        da = weights * (1 - h * h)
        return float((h @ weights).sum()), {"W": x.T @ da}

    params = {"W": size * rng.choice([-1.0, 1.0], size=(2, 3)) * rng.uniform(1.5, 2, (2, 3))}
    report = check_gradients(value_and_grad, params, seed=seed, locate=False)
    assert report.verdict != "wrong", str(report)


@pytest.mark.parametrize("slip", [0.3, 0.999, 1.5])
def test_a_kink_beside_the_point_does_not_hide_a_mistake(slip):
    def value_and_grad(given, slip=slip):
        a = np.asarray(given["a"], dtype=float)
        return float(np.maximum(a, 0) @ [1.0, 2.0]), {"a": (a > 0) * np.array([slip, 2.0])}

    for beside in (1e-3, 1e-6, 1e-9):
        report = check_gradients(value_and_grad, {"a": np.array([beside, 1.0])})
        assert report.verdict != "right", (beside, str(report))
        assert report.verdict == "wrong" or (beside, slip) == (1e-9, 0.999)
        honest = check_gradients(lambda p: value_and_grad(p, 1.0), {"a": np.array([beside, -1.0])})
        assert honest.verdict == "right", (beside, str(honest))
