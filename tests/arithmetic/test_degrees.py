"""Degrees of what the field computes, and which calls and divisions a number depends on."""

import numpy as np
import pytest

from bpttcheck.arithmetic.base import Inapplicable
from bpttcheck.arithmetic.degrees import Degree, Ledger, degrees, kept_in


def test_degrees_bound_what_is_really_there():
    x, y = degrees((2,), 1)
    ledger = Ledger()
    with kept_in(ledger):
        z = (x * x + y) / (x + 1)
        assert (z.top, z.bottom) == (2, 1)
        every = [z.exp(), (z * z).unknown("f"), (-z).log(), Degree.jointly("L", [x, z])]
    within = sum(every, Degree(0)).within
    assert ledger.false_acceptance(10, within) == pytest.approx(
        np.log2(10 + 1 + 2 * (4 + 2) * 4**2 // 2) - 61
    )
    total = Degree(1, 3) + Degree(2, 1)  # a/b + c/d = (ad + cb)/bd
    assert (total.top, total.bottom) == (5, 4)
    inverse = Degree(1, 3) / Degree(4, 2)  # (a/b) / (c/d) = ad/bc
    assert (inverse.top, inverse.bottom) == (3, 7)
    inverse = 1 / Degree(4, 2)
    assert (inverse.top, inverse.bottom) == (2, 4)
    with pytest.raises(Inapplicable):
        Degree(1) ** -2
    assert (z**2).top == 4


def test_a_bound_counts_what_its_number_depends_on_and_nothing_else():
    x, y = degrees((2,), 1)
    ledger = Ledger()
    with kept_in(ledger):
        first, other = x.exp(), (1 / (y * y)).log()
        both = [first + other, first - other, first * other, first / other, 1 / (first * other)]
        both += [Degree.jointly("L", [first, other]), -((other * first) ** 3), 2 * (first + other)]
    alone = np.log2(1 + 2 * 1**2 // 2 * 1) - 61  # one call, of an argument of degree one
    assert ledger.false_acceptance(1, first.within) == pytest.approx(alone)
    for one in (first, -first, first**2, 3 * first, first + 1, 1 - first, np.array([first]).sum()):
        assert one.within == first.within
    for z in both:
        assert z.within & (first.within | other.within) == first.within | other.within
    # y² below, 2 + 2 of the degree of 1/y² twice: two calls, a division.
    together = np.log2(1 + 2 + 4 * 2**2 // 2) - 61
    assert ledger.false_acceptance(1, (first + other).within) == pytest.approx(together)
