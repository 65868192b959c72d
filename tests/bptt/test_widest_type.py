"""The way back is of the widest type that it meets, in whatever it is met."""

import numpy as np
import pytest

from bpttcheck import lstm, rnn
from bpttcheck.bptt.recursion import recursion
from tests.bptt.forms import problem


@pytest.mark.parametrize("wide", ["weights", "ds", "both"])
@pytest.mark.parametrize("network", [rnn, lstm])
def test_nothing_is_narrowed(network, wide):
    """In place: what is put into an array of a narrower type is rounded, and nothing is said."""
    _, params, x, *_ = problem(network.cell.name, 3, 2, 4, 5, 3, 0)
    ds = np.random.default_rng(0).normal(size=(3, 2, 3))
    if wide != "ds":
        params = {k: a.astype(np.longdouble) for k, a in params.items()}
        x = x.astype(np.longdouble)
    if wide != "weights":
        ds = ds.astype(np.longdouble)
    run = network.forward(params, x)
    found = recursion(network.weights_of(params, run), run, ds)
    assert {a.dtype for a in (found.dx, *found.steps.values())} == {np.dtype(np.longdouble)}
