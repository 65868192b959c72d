"""What tells two values apart: their numbers, and how far down their parts are looked at."""

import numpy as np
import pytest

from bpttcheck.mend.values import digest

PAIRS = [
    (np.ones(2), np.ones((2, 1))),
    ([1.0, [2.0]], [1.0, [3.0]]),
    ([1.0], (1.0,)),
    ({"a": 1.0}, {"b": 1.0}),
    (slice(1), slice(2)),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_values_are_told_apart(one, other):
    assert digest(one) == digest(one) != digest(other)


def test_parts_are_looked_at_three_deep():
    assert digest([[[1.0]]]) is not None
    assert digest([[[[1.0]]]]) is None
    assert digest({"a": ({"b": 1.0},)}) is not None
    assert digest({"a": ({"b": [1.0]},)}) is None


def test_a_list_that_holds_itself_is_told_from_nothing():
    endless = [1.0]
    endless.append(endless)
    assert digest(endless) is None
