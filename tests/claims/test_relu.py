"""What is said of ReLU is decided where it means something: off the kink."""

import pytest

from bpttcheck.claims import CLAIMS
from tests.identities.test_at_one_case import near_the_kink

READINGS = CLAIMS["notes.relu-solution"].readings


@pytest.mark.parametrize("name", [r.name for r in READINGS if r.name.startswith("strong")])
def test_no_case_refutes_in_which_rounding_chooses_the_slope(name):
    (reading,) = (r for r in READINGS if r.name == name)
    ((identity, _),) = reading.statements()
    assert near_the_kink(roundings=14) in identity.domain
    assert near_the_kink(roundings=10) not in identity.domain
    assert near_the_kink(roundings=14, phi="tanh") not in identity.domain
