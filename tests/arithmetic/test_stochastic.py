"""Randomly rounded floats, and comparisons in number systems that code may branch on."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.arithmetic.balls import balls, precision
from bpttcheck.arithmetic.base import Inapplicable
from bpttcheck.arithmetic.dual import duals
from bpttcheck.arithmetic.finite_field import random_residues
from bpttcheck.arithmetic.stochastic import stochastic

RELATIONS = (operator.lt, operator.le, operator.gt, operator.ge)
OPERATIONS = (operator.add, operator.sub, operator.mul, operator.truediv)
ordinary = st.floats(1e-3, 1e3)


@given(ordinary, ordinary, st.sampled_from(OPERATIONS), st.integers(0, 99))
def test_an_operation_is_off_by_one_neighbour_at_most(a, b, operation, seed):
    (x,) = stochastic(np.array([a]), seed)
    exact = operation(a, b)
    (y,) = stochastic(np.array([b]), seed)
    assert abs(float(operation(x, y)) - exact) <= np.spacing(abs(exact))


@given(ordinary, st.integers(-(2**30), 2**30), st.sampled_from(OPERATIONS), st.integers(0, 99))
def test_a_constant_of_few_bits_is_exact(a, k, operation, seed):
    (x,) = stochastic(np.array([a]), seed)
    b = (k or 1) / 1024
    for result, exact in ((operation(x, b), operation(a, b)), (operation(b, x), operation(b, a))):
        assert abs(float(result) - exact) <= np.spacing(abs(exact))


def test_a_constant_that_was_rounded_varies_up_and_down():
    (x,) = stochastic(np.array([1.0]), 3)
    seen = {float(x * 0.1) for _ in range(60)}
    assert min(seen) < 0.1 < max(seen)
    assert all(abs(z - 0.1) <= 2 * np.spacing(0.1) for z in seen)
    one = [float(stochastic(np.array([1.0]), s)[0] * 0.5) for s in range(60)]
    assert min(one) < 0.5 < max(one)  # the product itself, to either side


def test_runs_differ_and_repeat():
    sums = [float(stochastic(np.full(50, 0.1), seed).sum()) for seed in range(8)]
    assert len(set(sums)) > 1
    assert sums == [float(stochastic(np.full(50, 0.1), seed).sum()) for seed in range(8)]


def test_cancellation_shows_in_the_spread():
    near_one = [float((1 - np.tanh(stochastic(np.array([20.0]), s)) ** 2)[0]) for s in range(8)]
    assert np.ptp(near_one) > 4 * np.exp(-40.0)  # all digits of tanh′(20) are lost


def test_functions_outside_their_domain_are_nan_or_infinite():
    (zero, huge, minus) = stochastic(np.array([0.0, 1e3, -1.0]), 0)
    assert float(huge.exp()) == np.inf
    assert np.isnan(float(minus.log()))
    assert np.isnan(float(minus.sqrt()))
    assert np.isnan(float(minus**0.5))
    assert np.isinf(float(1 / zero)) or float(1 / zero) > 1e300
    assert abs(minus) > 0 > -abs(minus)
    assert minus <= -1 and minus >= -1 and minus < 0  # noqa: PT018


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (2.0, 1.0), (-1.0, 0.0)])
def test_balls_and_duals_compare_as_numbers_do(relation, a, b):
    with precision(64):
        (x,), (y,) = balls([a]), balls([b])
        assert relation(x, y) == relation(a, b)
        assert relation(x, b) == relation(a, b)
        (d,) = duals(balls([a]), balls([1.0]))
        assert relation(d, y) == relation(a, b)
        assert relation(d, d * 0 + b) == relation(a, b)


@pytest.mark.parametrize("relation", RELATIONS)
def test_what_cannot_be_compared_says_so(relation):
    with precision(64):
        (third,) = balls([1.0]) / 3
        for tie in (third, *balls([1.0])):
            other = tie if tie is third else balls([1.0])[0]
            with pytest.raises(Inapplicable, match="overlap"):
                relation(tie, other)
    (residue,) = random_residues("r", (1,))
    with pytest.raises(Inapplicable, match="no order"):
        relation(residue, 0)
    assert relation(residue, residue)  # any of them is the largest
    with pytest.raises(TypeError):
        relation(balls([1.0])[0], "one")


def test_balls_are_equal_where_they_are_known_to_be():
    with precision(64):
        one, two = balls([1.0, 2.0])
        assert one == 1
        assert one != two
        with pytest.raises(Inapplicable, match="overlap"):
            assert one / 3 == one / 3
        assert (balls([[1.0, 3.0], [2.0, -1.0]]).max(axis=1) == balls([3.0, 2.0])).all()


def test_half_of_the_results_are_varied_to_either_side_alike():
    values = stochastic(np.ones(4000), 1) * 1
    steps = [(float(z) - 1) * 2**53 for z in values]  # one down, two up: the spacing doubles at 1
    shares = [steps.count(step) / len(steps) for step in (-1, 0, 2)]
    assert sum(shares) == 1
    assert shares == pytest.approx([1 / 4, 1 / 2, 1 / 4], abs=0.03)


@pytest.mark.parametrize(("bits", "steps"), [(20, 1), (21, 2)])
def test_a_constant_of_more_than_twenty_bits_after_the_point_was_rounded(bits, steps):
    """Where it is varied, and its product too, the two may add up."""
    b = 1.5 + 2.0**-bits
    products = stochastic(np.ones(400), 2) * b
    assert max(abs(float(z) - b) for z in products) == steps * np.spacing(b)
