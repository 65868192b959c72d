"""The complex step in a check: it confirms and decides where it is carried, and only there."""

from types import SimpleNamespace

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.verdict import complex_step_check
from bpttcheck.check.verdict.block import Block
from tests.diagnosis.mistaken_rnn import drawn, network


def test_the_complex_step_confirms_where_it_is_carried():
    params, y = drawn(np.random.default_rng(0))

    def numbers_alone(given):
        if any(a.dtype == object for a in given.values()):
            raise TypeError("numbers alone")
        return network(y)(given)

    report = check_gradients(numbers_alone, params)
    assert report.ok
    for block in report.blocks:
        assert block.agreement < block.floor, block
        assert block.oracle == "central differences of order 8"
    assert "the complex step agrees to" in str(report)


def dropping(y, how):
    """Lose the imaginary part of the recurrent weights, of the loss, or of everything."""
    inside = network(y)

    def value_and_grad(params):
        given = dict(params)
        if how == "one path":
            given["W"] = np.real(given["W"])
        elif how == "with a warning":
            buffer = np.zeros_like(np.real(given["W"]))
            buffer[...] = given["W"]
            given["W"] = buffer
        loss, grads = inside(given)
        return (np.real(loss) if how == "at the end" else loss), grads

    return value_and_grad


@pytest.mark.parametrize("how", ["one path", "with a warning", "at the end"])
def test_a_dropped_imaginary_part_is_not_believed(how):
    params, y = drawn(np.random.default_rng(0))
    report = check_gradients(dropping(y, how), params)
    assert report.ok
    assert all(block.agreement is None for block in report.blocks)


def test_a_gradient_too_small_for_differences_is_decided_by_the_complex_step():
    def value_and_grad(params):
        loss = 1e3 + params["a"].sum() ** 2 + 1e-15 * np.sin(params["b"]).sum()
        return loss, {
            "a": np.full(2, 2 * params["a"].sum()),
            "b": 1e-15 * np.cos(params["b"]),
        }

    params = {"a": np.array([1e-3, 2e-3]), "b": np.array([0.3, 0.7])}
    report = check_gradients(value_and_grad, params)
    assert report["b"].oracle == "complex step"
    assert report["b"].verdict == "right"
    assert 4 * report["b"].floor < 1e-15

    def real(given):
        loss, grads = value_and_grad(given)
        return float(loss), grads

    assert check_gradients(real, params)["b"].oracle == "central differences of order 8"


@pytest.mark.parametrize("exponent", [-10, 0, 10])
@pytest.mark.parametrize(("share", "verdict"), [(1 / 2, "right"), (2, "undecided")])
def test_how_far_off_the_complex_step_may_be_to_decide(share, verdict, exponent, monkeypatch):
    """In parts of the gradient: along a line through all, a block moves by the size of its own."""
    largest, bound, size = 1.0, 2.0**-30, 2.0**exponent
    error = bound + share * complex_step_check.ROUNDED * largest * size
    seen = complex_step_check.Carried(error, bound, 1.0)
    monkeypatch.setattr(complex_step_check, "is_carried", lambda *_: seen)
    block = Block("a", (1,), "undecided", "the loss is too large", "", 1.0, "", 1.0)
    test = SimpleNamespace(params={"a": np.array([size])}, claim={"a": np.array([largest])})
    found = complex_step_check.confirmed(test, {"a": block}, np.random.default_rng(0), ())
    assert found["a"].verdict == verdict
