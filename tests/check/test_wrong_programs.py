"""What is granted to rounding hides no mistake in the same programs."""

import pytest

from benchmarks.programs import program
from benchmarks.right_programs import asked
from benchmarks.wrong_programs import SLIPS, changed, mistakes, spoilt
from tests.day import share

SOME = list(mistakes(0, 50))


@pytest.mark.parametrize(
    ("slip", "one"), share(SOME, 3), ids=lambda value: getattr(value, "number", value)
)
def test_a_wrong_program_is_not_called_right(slip, one):
    report = asked(one)
    assert report.verdict in ("wrong", "undecided"), f"{slip}\n{one.text}\n{report}"


def test_the_sample_has_most_slips_and_each_changes_the_gradient():
    assert len(SOME) > 20
    assert len({slip for slip, _ in SOME}) > 6
    assert all(changed(program(one.number), one) > 1e-5 for _, one in SOME)


def test_every_slip_fits_somewhere():
    found = {spoilt(program(k)) for k in range(400)} - {None}
    assert {slip for slip, _ in found} == set(SLIPS)
