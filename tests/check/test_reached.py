"""What is in reach of a function: objects that are called, and copies that keep who is who."""

import numpy as np

from bpttcheck.check.program.inert import called
from bpttcheck.check.program.renewed import Renewed


class Held:
    """A user's object."""

    def __init__(self, **held):
        vars(self).update(held)

    def __call__(self):
        return self


class Later(Held):
    """One that is called by what it inherits."""


def test_the_function_that_a_call_runs():
    assert called(Held()) is Held.__call__
    assert called(Later()) is Held.__call__
    assert called(np.sin) is None
    assert called(3.0) is None


def test_an_object_that_is_held_twice_is_copied_once():
    shared = Held(eps=1e-8)
    whole = Held(one=shared, two=shared)
    shared.whole = whole
    made = Renewed().of(whole)
    assert made is not whole
    assert made.one is made.two is not shared
    assert made.one.whole is made
    assert (made.one.eps, shared.eps) == (0.0, 1e-8)
