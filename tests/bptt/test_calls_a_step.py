"""What a step costs in calls of Python, which is what small networks pay for; no clock asked."""

import gc
import sys

import pytest

from tests.bptt.forms import problem

CALLS = {"rnn": 8, "lstm": 16, "gru, reset after": 22, "gru, reset before": 20, "mgu": 19}
"""There and back, of which the vanilla RNN has six there and two back."""


def calls(form, T):
    network, params, x, y, options, states = problem(form, T, 2, 2, 3, 2, 0)
    count = 0

    def event(_, what, __):
        nonlocal count
        count += what == "call"

    before = sys.getprofile()
    gc.collect()  # what others hang on a collection is called, too, and counted
    sys.setprofile(event)
    try:
        network.value_and_grad(params, x, y, **options, **states)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("form", CALLS)
def test_calls_a_step(form):
    calls(form, 2)  # what is remembered of a cell is found
    assert calls(form, 12) - calls(form, 11) == calls(form, 3) - calls(form, 2) <= CALLS[form]
