"""Mistaken messages of the bank, by hand: added up, or lost but for the initial states."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck.cells.forward import equations
from bpttcheck.cells.lstm import lstm
from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.mistakes.bank import passes
from tests.diagnosis.test_adjoint import network


def flow_of(net, cause, detail):
    """Return what the pass of that name leaves."""
    (make,) = (p for p in passes(net.cell) if (p.cause, p.detail) == (cause, detail))
    return make.flow(Base(net))


def test_all_messages_are_added_up():
    """As in a loop that never sets dh_next anew: ``dh_next += da @ W``."""
    net = network(rnn())
    flow = flow_of(net, "message-not-reset", "all messages are added up")
    dW, coming = 0.0, 0.0
    for k in reversed(range(len(net.x))):
        da = (flow.inject[k] + coming) * (1 - net.run.h[k + 1] ** 2)
        dW = dW + da.T @ net.run.h[k]
        coming = coming + da @ net.weights["W"]
    np.testing.assert_allclose(flow.gradient("W"), dW, rtol=1e-12)
    np.testing.assert_allclose(flow.gradient("h0"), coming, rtol=1e-12)


ALONE = [
    (rnn(), "except from the first step to h_0"),
    (lstm(), "of the state and of the cell, but for h_0 and c_0"),
]


@pytest.mark.parametrize(("cell", "detail"), ALONE, ids=["rnn", "lstm"])
def test_no_message_but_to_the_initial_states(cell, detail):
    """Each step is then a network of its own: the weights have the sum, the states the first's."""
    net = network(cell)
    flow = flow_of(net, "recurrent-message-dropped", detail)
    own = [Base(step(net, k)).right for k in range(len(net.x))]
    for name in net.weights:
        role = "c" if name == "b_s" else name
        total = sum(one.gradient(role) for one in own)
        np.testing.assert_allclose(flow.gradient(role), total, rtol=1e-12, atol=1e-15)
    for role in cell.initial:
        np.testing.assert_allclose(flow.gradient(role), own[0].gradient(role), rtol=1e-12)


def step(net, k):
    """Return the network of one step alone, which begins in the states that it began in."""
    now = slice(k, k + 1)
    initial = {state: net.run.made[state][k] for state in net.initial}
    return replace(
        net,
        x=net.x[now],
        initial=initial,
        y=net.y[now],
        run=equations(net.cell, net.weights, net.x[now], initial),
        mask=net.mask[now],
        others={state: w[now] for state, w in net.others.items()},
    )
