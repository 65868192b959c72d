"""A slope that is known to a few bits is borne out by shorter steps, or contradicted."""

from types import SimpleNamespace

import pytest

from bpttcheck.check.derivative.directional_error import DirectionalError
from bpttcheck.check.derivative.step_consistency import agrees_below


@pytest.mark.parametrize(("room", "agrees"), [(1.9, True), (2.1, False)])
def test_what_shorter_steps_may_be_off_by(room, agrees):
    """By twice what truncation leaves of a pair, the share of the step squared, and no more."""
    slope = DirectionalError(0.0, 1.0, step=0.5, noise=0.0, truncation=0.0, evaluations=2, pair=3.0)

    def pair(step):
        return room * slope.pair * (step / slope.step) ** 2

    line = SimpleNamespace(unit=2.0**-53, rounding=0.0, pair=pair)
    assert agrees_below(line, slope, noise=0.0, unit=1.0) is agrees
