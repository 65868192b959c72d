"""What a step costs in calls of Python, which is what small networks pay for; no clock asked."""

import gc
import sys

import numpy as np

from bpttcheck import tanh
from bpttcheck.activations import Activation
from tests.bptt.forms import forms, problem


def calls(form, T, **chosen):
    network, params, x, y, options, states = problem(form, T, 2, 2, 3, 2, 0)
    options |= chosen
    count = 0

    def event(_, what, __):
        nonlocal count
        count += what == "call"

    before = sys.getprofile()
    gc.disable()  # what others hang on a collection would be called, too, and counted
    sys.setprofile(event)
    try:
        network.value_and_grad(params, x, y, **options, **states)
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@forms
def test_steps_are_listed_and_cost_no_call(form):
    calls(form, 2)  # what is remembered of a cell is found
    assert calls(form, 12) == calls(form, 3)


def test_an_activation_of_ones_own_is_called_once_a_step():
    own = Activation("own", lambda a: np.tanh(a), tanh.derivative)
    calls("rnn", 2, phi=own)
    there = calls("rnn", 12, phi=own) - calls("rnn", 11, phi=own)
    assert 2 <= there <= 4  # what writes it into a row, the function, and a look at its shape
