"""Generic code: the formula is decided without rounding, and the program apart from it."""

import numpy as np
import pytest

from bpttcheck import check_gradients, rnn
from bpttcheck.check.derivative import formula, rounding_error
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.derivative.working_precision import Precision
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.probe_point import probe
from bpttcheck.check.verdict.generic import ORACLE
from tests.day import share
from tests.diagnosis.mistaken_rnn import MISTAKES, drawn, network

SMALL = {"T": 3, "B": 2, "m": 2, "n": 2, "p": 2}


def at_a_point(value_and_grad, params):
    calls = Calls(value_and_grad, None, params, 60.0)
    return GradientTest(probe(calls, calls.point()), Precision("float64", 2.0**-53))


def notes(report, word):
    return [note for note in report.notes if note.startswith(word)]


@pytest.mark.parametrize("scale", [1.0, 16.0, 200.0])
def test_right_code_is_right_without_rounding_saturated_or_not(scale):
    params, y = drawn(np.random.default_rng(0), **SMALL, scale=scale)
    report = check_gradients(network(y), params)
    assert report.ok
    assert all(block.oracle == ORACLE for block in report.blocks)
    assert "in GF(2⁶¹ − 1)" in notes(report, "formula: right over balls")[0]
    assert notes(report, "program: its error is")


def test_the_reference_itself():
    rng = np.random.default_rng(1)
    params, _ = drawn(rng, **SMALL)
    x, _ = params.pop("x"), params.pop("h0")
    params["b_s"] = params.pop("c")
    targets = rng.integers(0, 2, (3, 2))
    report = check_gradients(lambda p: rnn.value_and_grad(p, x, targets), params)
    assert report.ok
    assert "in GF(2⁶¹ − 1)" in notes(report, "formula: right")[0]


def test_a_parameter_may_be_a_single_number():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=5)

    def regression(slip):
        def value_and_grad(given):
            z = np.tanh(x @ given["w"] + given["b"])
            da = (z - y) * (1 - z * z)
            return ((z - y) ** 2).sum() / 2, {"w": x.T @ da, "b": da.sum() * slip}

        return value_and_grad

    params = {"w": rng.normal(size=3), "b": 0.5}
    report = check_gradients(regression(1), params)
    assert report["b"].oracle == ORACLE
    assert "in GF(2⁶¹ − 1)" in notes(report, "formula: right")[0]
    wrong = check_gradients(regression(1 + 2.0**-42), params)
    assert (wrong["b"].verdict, wrong["w"].verdict) == ("wrong", "right")


@pytest.mark.parametrize("relative", [1e-3, 1e-9, 2e-12])
def test_an_error_of_any_size_beyond_rounding_is_found_and_its_place(relative):
    params, y = drawn(np.random.default_rng(2), **SMALL)

    def lie(given):
        loss, gradients = network(y)(given)
        gradients["W"][0, 1] = gradients["W"][0, 1] * (1 + relative)
        return loss, gradients

    report = check_gradients(lie, params)
    assert report.verdict == "wrong"
    assert [b.name for b in report.blocks if b.verdict == "wrong"] == ["W"]
    assert report["W"].index == (0, 1)
    assert notes(report, "formula: wrong over balls") == [
        "formula: wrong over balls, without rounding, in W"
    ]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_planted_mistake_is_wrong_in_balls_and_in_the_field(mistake):
    params, y = drawn(np.random.default_rng(3), T=4, B=2, m=2, n=2, p=2)
    if mistake == "clipped":
        params["V"] *= 8
    test = at_a_point(network(y, mistake), params)
    found = formula.formula(test)
    rng = np.random.default_rng(0)
    v = {name: rng.uniform(0.5, 1, a.shape) for name, a in test.params.items()}
    error, bound = found.error(v)
    assert abs(error) > bound
    assert not formula.exactly(test, rng)
    right = at_a_point(network(y), params)
    error, bound = formula.formula(right).error(v)
    assert abs(error) <= bound < 1e-25 * max(abs(g).max() for g in right.claim.values())
    assert formula.exactly(right, rng)


def test_a_branch_is_followed_in_balls_but_says_nothing_in_the_field():
    params, y = drawn(np.random.default_rng(4), **SMALL)
    report = check_gradients(network(y, phi="relu"), params)
    assert report.ok
    assert notes(report, "formula: right over balls")
    assert "GF" not in notes(report, "formula: right over balls")[0]
    lie = check_gradients(network(y, "transpose", phi="relu"), params)
    assert lie.verdict == "wrong"


def test_at_a_tie_either_branch_would_be_right_so_balls_say_nothing():
    def value_and_grad(given):
        a = given["a"]
        return np.maximum(a, 0).sum() + (a * a).sum(), {"a": (a > 0) * 1 + 2 * a}

    test = at_a_point(value_and_grad, {"a": np.array([0.0, 1.0])})
    assert formula.formula(test) is None


def buffers(y):
    """The same network, with buffers of float64: no other number gets in."""
    inside = network(y)

    def value_and_grad(given):
        return inside({name: np.asarray(a, dtype=np.float64) for name, a in given.items()})

    return value_and_grad


def test_code_for_floats_alone_is_left_to_the_differences():
    params, y = drawn(np.random.default_rng(5), **SMALL)
    assert formula.formula(at_a_point(buffers(y), params)) is None
    report = check_gradients(buffers(y), params)
    assert report.ok
    assert not notes(report, "formula")
    assert all(block.oracle != ORACLE for block in report.blocks)


def test_a_program_that_is_not_its_formula_is_seen():
    params, y = drawn(np.random.default_rng(6), **SMALL)

    def two_faced(given):
        loss, gradients = network(y)(given)
        if given["W"].dtype == np.float64:
            gradients["W"] = gradients["W"] * (1 + 1e-10)
        return loss, gradients

    test = at_a_point(two_faced, params)
    found = rounding_error.errors(rounding_error.Runs(test), test, formula.formula(test))
    assert found["W"].share > 1
    assert all(found[name].share <= 1 for name in params if name != "W")
    report = check_gradients(two_faced, params)
    assert report["W"].oracle != ORACLE
    assert notes(report, "program: W off by more than rounding explains")
    blunt = check_gradients(
        lambda p: (
            two_faced(p)[0],
            {n: g * (1.01 if p["W"].dtype == float else 1) for n, g in two_faced(p)[1].items()},
        ),
        params,
    )
    assert blunt.verdict == "wrong"


@pytest.mark.parametrize("seed", share(range(20), 4))
def test_rounding_explains_what_right_code_is_off_by(seed):
    rng = np.random.default_rng(seed)
    scale = float(rng.choice([0.01, 1.0, 4.0, 30.0]))
    sizes = {k: int(rng.integers(1, 5)) for k in ("T", "B", "m", "n", "p")}
    params, y = drawn(rng, **sizes, scale=scale)
    test = at_a_point(network(y), params)
    found = rounding_error.errors(rounding_error.Runs(test), test, formula.formula(test))
    assert all(rounding.share <= 1 for rounding in found.values()), found


def test_many_parameters_are_left_to_the_differences():
    big = {"a": np.ones(formula.ENTRIES + 1)}
    assert (
        formula.formula(at_a_point(lambda p: ((p["a"] ** 2).sum(), {"a": 2 * p["a"]}), big)) is None
    )
    few = {"a": np.ones(formula.ENTRIES)}
    found = formula.formula(at_a_point(lambda p: ((p["a"] ** 2).sum(), {"a": 2 * p["a"]}), few))
    assert found is not None
