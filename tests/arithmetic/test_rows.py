"""Rows of tangents: all directions at once say what one dual number a direction says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck.arithmetic import rows
from bpttcheck.arithmetic.balls import Ball, balls, precision
from bpttcheck.arithmetic.dual import duals, tangent_of
from bpttcheck.arithmetic.finite_field import residues
from bpttcheck.runs.systems import Balls, Degrees, Field, Floats
from bpttcheck.witnesses.duals import derivatives

numbers = st.lists(st.integers(-3, 3), min_size=2, max_size=2)
directions_of = st.lists(numbers, min_size=1, max_size=4)


def rational(z):
    """Use every operation that a pass of ours does, with numbers of Python's too."""
    a, b = z[..., 0], z[..., 1]
    q = (a * b - 3 * a + a / (b * b + 1) - (-b)) / (2 + a * a)
    return q - 1 / (a * a + 1) + (5 - b) ** 2 + 0.25 * a


def elementary(z):
    return rational(z) + np.exp(z[..., 0]) * np.tanh(z[..., 1]) + np.log(np.exp(z[..., 1]) + 1)


SYSTEMS = {
    "balls": (balls, Ball, rows.BallRow, elementary),
    "field": (residues, None, rows.FieldRow, elementary),
}


@pytest.mark.parametrize("name", SYSTEMS)
@given(values=numbers, directions=directions_of)
def test_a_row_is_a_dual_number_for_each_direction(name, values, directions):
    enter, ball, row, function = SYSTEMS[name]
    with precision(128):
        z, towards = enter(values), np.array(directions, dtype=float)
        at_once = rows.perturbed(z, towards, 0, row.of)
        assert at_once.shape == (1, 2)
        found = rows.tangents(function(at_once), 0, len(towards), row.numbers)
        one_by_one = tangent_of(function(duals(z, enter(towards))))
        for a, b in zip(found, one_by_one, strict=True):
            if ball:
                assert a.value.overlaps(b.value)
                assert a.radius < 2**-100
            else:
                assert a == b


@given(values=numbers, directions=directions_of)
def test_every_system_gives_the_directions_last(values, directions):
    towards = np.array(directions, dtype=float)
    exact = None
    for system in (Balls(128), Field("0"), Degrees(""), Floats()):
        with system.active():
            z = system.constant(np.array(values, dtype=float))
            found = derivatives(system, z, towards, lambda z: {"y": rational(z)})["y"]
        assert found.shape == (len(towards),)
        if isinstance(system, Balls):
            exact = [float(b.value.mid()) for b in found]
        if isinstance(system, Floats):
            # About twenty operations on numbers below 100, each rounded once.
            assert np.allclose(found, exact, rtol=0, atol=20 * 100 * 2.0**-53)


def test_a_value_without_tangents_has_zeros():
    with precision(64):
        z = rows.perturbed(
            balls([2.0, 3.0]), np.array([[0.0, 1.0], [0.0, 2.0]]), 0, rows.BallRow.of
        )
        found = rows.tangents(z, 0, 2, rows.BallRow.numbers)
        assert found.shape == (2, 2)
        assert [float(b.value) for b in found.reshape(-1)] == [0, 0, 1, 2]
        constant = rows.tangents(balls([[1.0]]), 0, 3, rows.BallRow.numbers)
        assert [float(b.value) for b in constant.reshape(-1)] == [0, 0, 0]


def test_a_row_that_is_not_finite_says_so():
    with precision(64):
        (z,) = rows.perturbed(balls([0.0]), np.ones((2, 1)), 0, rows.BallRow.of).reshape(-1)
        assert z.is_finite()
        assert not (z / balls([0.0])[0]).is_finite()


def test_an_axis_that_is_not_of_directions_is_refused():
    with pytest.raises(ValueError, match="axis"):
        rows.tangents(balls([[1.0, 2.0]]), 1, 3, rows.BallRow.numbers)
