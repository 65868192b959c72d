"""Which arrays may play which role: initial states too, which a program keeps to itself."""

import itertools

import numpy as np

from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.recognition import recognise
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


class Many:
    """So many readings of either kind that none of them ends."""

    def __init__(self, *_):
        pass

    def plain(self):
        return itertools.repeat("plain")

    def gated(self):
        return itertools.repeat("gated")


def test_whose_turn_it_is_to_be_tried(monkeypatch):
    """The likeliest of one gate, then those of several, and only then all others of one."""
    tried = []
    monkeypatch.setattr(recognise, "CellReadings", Many)
    monkeypatch.setattr(recognise._Recognition, "fitting", lambda _, one: tried.append(one))
    point = [recognise.Sample(PARAMS, 1.0)]
    assert recognise.recognised(point, {}, 2.0**-53, idle=False) is None
    turns = [(kind, len(list(its))) for kind, its in itertools.groupby(tried)]
    assert turns == [("plain", 400), ("gated", 6000), ("plain", 5600)]
