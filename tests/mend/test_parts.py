"""A part of a mend: what it does not make right it may not take further off."""

from bpttcheck.mend.mending_search import further_off
from bpttcheck.mend.place import Ran


def ran(right, **misses):
    return Ran(True, frozenset(right), {name: [(miss, 1e-9)] for name, miss in misses.items()})


def test_what_stays_wrong_is_not_taken_further_off():
    before = [ran("", c=0.5, W=-1e-6), ran("", c=0.5, W=2e-6)]
    untouched = [ran("c", c=0.0, W=-1e-6), ran("c", c=0.0, W=2e-6)]
    nearer = [ran("c", c=0.0, W=1e-7), ran("c", c=0.0, W=0.0)]
    further = [ran("c", c=0.0, W=1e-7), ran("c", c=0.0, W=-3e-6)]
    assert not further_off(before, untouched, frozenset("c"))
    assert not further_off(before, nearer, frozenset("c"))
    assert further_off(before, further, frozenset("c"))
    assert not further_off(before, further, frozenset("cW"))
