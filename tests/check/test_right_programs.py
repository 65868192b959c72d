"""Right programs are right: a sample of those that the benchmark asks about."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import right_programs
from benchmarks.programs import PRECISIONS, STYLES, program
from benchmarks.right_programs import asked, bound
from tests.day import share

STEP = np.finfo(np.longdouble).tiny ** np.longdouble(0.25)

ROUNDING = 1e-12 + 2.0**22 * float(np.finfo(np.longdouble).eps)
"""Of the data in float64, and of the longest type, which is float64 itself in some places."""


def error(function, shapes):
    """Return how far gradients are from the complex step, of each block's largest entry."""
    rng = np.random.default_rng(0)
    point = {k: rng.normal(size=shape).astype(np.clongdouble) for k, shape in shapes.items()}
    _, gradients = function({k: v.copy() for k, v in point.items()})
    worst = 0.0
    for name, theta in point.items():
        expected = np.zeros(theta.shape, dtype=np.longdouble)
        for index in np.ndindex(theta.shape):
            moved = {k: v.copy() for k, v in point.items()}
            moved[name][index] += 1j * STEP
            expected[index] = np.asarray(function(moved)[0]).imag / STEP
        assert np.isfinite(expected).all()
        gap = np.abs(gradients[name].real - expected).max()
        worst = max(worst, float(gap / (np.abs(expected).max() or 1)))
    return worst


@pytest.mark.parametrize("number", share(range(0, 2000, 25), 4))
def test_the_gradient_is_the_derivative_of_the_loss(number):
    one = program(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may underflow
        function, params = one.problem(replace(one.case))
        loss, gradients = function(params)
    assert np.isfinite(loss)
    assert all(np.isfinite(g).all() for g in gradients.values())
    wide, _ = one.wide(replace(one.case))
    assert error(wide, {k: np.shape(v) for k, v in params.items()}) < ROUNDING


def test_a_wrong_program_would_be_seen():
    one = program(1)
    wrong = replace(one, source=one.source.replace("da @ W.T", "da @ W"))
    assert wrong.source != one.source
    wide, params = wrong.wide(replace(one.case))
    assert error(wide, {k: np.shape(v) for k, v in params.items()}) > 1e-3


def test_every_style_and_precision_is_there_and_texts_differ():
    some = [program(k) for k in range(300)]
    assert {p.style for p in some} == set(STYLES)
    assert {p.precision for p in some} == set(PRECISIONS)
    assert len({p.source for p in some}) == len(some)


def test_a_program_is_the_same_everywhere():
    lines = program(8).text.splitlines()
    assert lines[2:4] == ["    x = rng.normal(size=(T, B, m))", "    X = x.reshape(-1, m)"]
    assert "        loss = np.sum((e ** 2)) / (2 * N)" in lines


ALARMS = (0, 1, 3, 4, 15, 19, 37, 45, 49, 54, 55, 100, 114, 117, 123, 139, 146, 171, 177, 194)
"""Of every kind that was once called wrong, or made the checker raise."""


@pytest.mark.parametrize("number", share([*ALARMS, *range(200, 2000, 90)], 2))
def test_no_right_program_is_called_wrong(number):
    one = program(number)
    report = asked(one)
    allowed = ("right", "undecided") if one.style in ("saturated", "underflow") else ("right",)
    assert report.verdict in allowed, f"{one.text}\n{report}"


def test_a_checker_that_raises_is_counted(monkeypatch):
    def liar(*_, **__):
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(right_programs, "check_gradients", liar)
    report = asked(program(0))
    assert report.verdict == right_programs.VERDICTS[3]
    assert report.reason == "ZeroDivisionError: float division by zero"


def test_the_bound_is_that_of_clopper_and_pearson():
    assert bound(2000, 0) == pytest.approx(1 - 0.05 ** (1 / 2000))
    assert bound(20, 1) == pytest.approx(0.21610619, rel=1e-6)  # as tables have it
