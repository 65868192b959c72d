"""Which arrays may play which role: initial states too, which a program keeps to itself."""

import numpy as np

from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.recognition.readings import CellReadings

T, B, m, n, p = 5, 2, 3, 4, 6
RNG = np.random.default_rng(0)
PARAMS = {"U": RNG.normal(size=(n, m)), "W": RNG.normal(size=(n, n)), "V": RNG.normal(size=(p, n))}
X, H0 = RNG.normal(size=(T, B, m)), RNG.normal(size=(B, n))


def played(params, data):
    """Return who plays h0 where each weight plays itself: where it lies, and its name."""
    found = set()
    for reading in CellReadings(params, data, [rnn()]).plain():
        if all([s.name for s in reading.of(role)] == [role] for role in PARAMS):
            found.add(tuple((s.of, s.name) for s in reading.of("h0")))
    return found


def test_an_initial_state_is_a_parameter_or_given_or_zero():
    assert played(PARAMS, {"x": X}) == {()}
    assert played(PARAMS, {"x": X, "start": H0}) == {(), (("data", "start"),)}
    assert played(PARAMS | {"h0": H0}, {"x": X, "start": H0}) == {(("params", "h0"),)}
