"""The loss along a line: points that are moved at once are those that are moved one by one."""

import math

import numpy as np
import pytest

from bpttcheck.check.derivative import few_numbers
from bpttcheck.check.derivative.line_restriction import LineRestriction

BASE = {
    "few": np.array([[0.5, -0.0, 3.0], [1e-310, -2.0, 1e300]]),
    "one": np.array(0.25),
    "narrow": np.array([0.5, 0.75], np.float32),
    "many": np.linspace(0.5, 1.5, few_numbers.FEW + 1),
    "fixed": np.array([1.0]),
}
TS = [k * 2.0**-20 for k in range(-4, 5)]


def line(asked=None, loss=None):
    rng = np.random.default_rng(0)
    names = [name for name in BASE if name != "fixed"]
    direction = {name: np.asarray(rng.normal(size=BASE[name].shape)) for name in names}
    direction["few"][0, 2] = 0.0
    claim = {name: np.asarray(rng.normal(size=a.shape)) for name, a in BASE.items()}
    asked = [] if asked is None else asked

    def value(point):
        asked.append({name: a.tobytes() for name, a in point.items()})
        return math.fsum(np.sin(point[name]).sum() for name in names) if loss is None else loss()

    return LineRestriction(value, BASE, direction, claim, 1.0, 2.0**-53)


@pytest.mark.parametrize("room", [1, 20, few_numbers.ROOM])
def test_residuals_at_once_are_those_one_by_one(room, monkeypatch):
    alone, together = [], []
    one = line(alone)
    expected = [one.residual(t) for t in TS]
    monkeypatch.setattr(few_numbers, "ROOM", room)
    many = line(together)
    assert many.residuals(TS) == expected
    assert together == alone  # to the byte, in this order
    assert many.evaluations == len(TS) - 1  # R(0) is known
    assert many.residuals([TS[3], TS[3], 0.5]) == [expected[3]] * 2 + [one.residual(0.5)]
    assert many.evaluations == len(TS)


def test_each_number_that_moves_is_pushed_off_and_no_other():
    along = line()
    t = 2.0**-20
    there = along.point(t)
    assert there["few"][0, 2] == 3.0
    assert there["fixed"] is BASE["fixed"]
    pushes = (there["few"] - (BASE["few"] + t * along.direction["few"])) / np.spacing(there["few"])
    assert 0 < np.abs(pushes).max() <= few_numbers.PUSH + 1
    assert {name: a.tobytes() for name, a in along.point(0.0).items()} == {
        name: (a + 0 * along.direction.get(name, 0)).astype(a.dtype).tobytes()
        for name, a in BASE.items()
    }


def test_a_loss_that_is_not_finite_spoils_no_other():
    losses = iter([1.5, math.nan, math.inf, 2.5])
    along = line(loss=lambda: next(losses))
    found = along.residuals([0.25, 0.5, 1.0, 2.0])
    assert [math.isfinite(r) for r in found] == [True, False, False, True]
    assert along.seen == [1.0, 1.5, 2.5]
