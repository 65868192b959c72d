"""The two sides that a counterexample shows: as short as they can be told apart."""

from dataclasses import replace

import pytest

from tests.statements.trials import CASE, trial

SIDES = [
    ("2 * w == v", ("1", "-1.5")),
    ("w == v / 1024", ("0.5", "-0.0014648438")),
    ("w / 2 ** 40 == v", ("4.5474735e-13", "-1.5")),
    ("x[1] * 10 == v", ("10", "-1.5")),
    ("w == w + 1 / 10 ** 9", ("0.5", "0.500000001")),
]


@pytest.mark.parametrize(("says", "sides"), SIDES, ids=[says for says, _ in SIDES])
def test_the_sides_of_a_counterexample(says, sides):
    lie = trial(says)
    lie.enclose(replace(CASE, x=CASE.x[:, :1], h0=CASE.h0[:1], y=CASE.y[:, :1]))
    assert lie.counterexample.finding.sides == sides
