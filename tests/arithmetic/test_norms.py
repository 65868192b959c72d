"""Spectral norms and radii: enclosures that contain the known value, and are tight."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.arithmetic.balls import Ball, balls, precision
from bpttcheck.arithmetic.norms import (
    norms_of_balls,
    norms_of_floats,
    radii_of_balls,
    radii_of_floats,
)

BITS = 256
KNOWN = [  # a matrix, the square of its norm, its radius: whole numbers, so exact
    ([[2.0]], 4, 2),
    ([[0.0]], 0, 0),
    ([[1.0, 0.0], [0.0, 1.0]], 1, 1),
    ([[0.0, -1.0], [1.0, 0.0]], 1, 1),
    ([[0.0, 3.0], [0.0, 0.0]], 9, 0),
    ([[2.0, -2.0], [2.0, -2.0]], 16, 0),
    ([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, -2.0]], 4, 2),
    ([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], 1, 1),
    ([[1.0, 1.0], [1.0, 1.0]], 4, 2),
]


def contains(ball, number):
    return ball.value.contains(Ball(number).value)


def tight(ball):
    """Whether the radius is below 2⁻⁴⁰ of the number: what a comparison resolves."""
    return ball.value == 0 or ball.radius * 2**40 < abs(ball.value).mid()


@pytest.mark.parametrize(("matrix", "square", "radius"), KNOWN)
def test_known_norms_and_radii_are_enclosed(matrix, square, radius):
    with precision(BITS):
        (norm,), (rho,) = (f(balls([matrix])) for f in (norms_of_balls, radii_of_balls))
        assert contains(norm * norm, square)
        assert contains(rho, radius)
        assert tight(norm)
        assert tight(rho)
        assert not contains(norm * norm, square + 1), "an enclosure that contains all says nothing"
        assert not contains(rho, radius + 1)


def test_a_jordan_block_takes_the_power_that_it_is_given():
    """Its powers grow by a polynomial beside the eigenvalue's: q^(n−1) to the 1/q is hardly 1."""
    with precision(BITS):
        (rho,) = radii_of_balls(balls([[[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]]))
        assert contains(rho, 1)
        assert tight(rho)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_norms_agree_with_numpys_to_its_rounding(seed, rows, columns):
    a = np.random.default_rng(seed).standard_normal((2, rows, columns))
    with precision(BITS):
        for ball, number in zip(norms_of_balls(balls(a)), norms_of_floats(a), strict=True):
            # LAPACK's singular values: backward stable, p(m, n) ≤ 6 (m + n) here.
            room = Ball(number * 2.0**-52 * 6 * (rows + columns))
            assert abs((ball - float(number)).value) < room.value + ball.radius
            assert tight(ball)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_a_radius_is_that_of_the_eigenvalues_that_made_the_matrix(seed, n):
    """Integer triangular matrices, turned by an integer unimodular one: exact eigenvalues."""
    random = np.random.default_rng(seed)
    eigenvalues = random.integers(-5, 6, n)
    upper = np.triu(random.integers(-2, 3, (n, n)), 1) + np.diag(eigenvalues)
    turn = np.eye(n, dtype=int) + np.tril(np.ones((n, n), dtype=int), -1)
    back = np.linalg.inv(turn).round().astype(int)
    assert (turn @ back == np.eye(n)).all()
    with precision(1280):
        (rho,) = radii_of_balls(balls([turn @ upper @ back]))
        assert contains(rho, int(np.abs(eigenvalues).max()))


def test_what_is_not_finite_has_no_norm():
    a = np.array([[[1.0, np.inf]], [[3.0, 4.0]]])
    norms = norms_of_floats(a)
    assert np.isnan(norms[0])
    assert norms[1] == 5
    assert np.isnan(radii_of_floats(np.full((1, 2, 2), np.nan))[0])


def test_a_ball_around_zero_has_a_norm_around_zero():
    with precision(BITS):
        third = Ball(1) / 3
        column = np.full((1, 3, 1), third - third)
        (norm,) = norms_of_balls(column)
        assert contains(norm, 0)
        assert norm.is_finite()
