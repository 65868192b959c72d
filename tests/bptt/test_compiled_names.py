"""Compiled loops of a cell whose state has a name of several letters: the LSTM's numbers."""

from functools import partial

import pytest

from bpttcheck import Cell, Network
from bpttcheck.bptt.compiled.plan import plan
from tests.bptt.test_compiled import DTYPES, both, close, drawn
from tests.cells.declared import LSTM_GATES

pytestmark = pytest.mark.xdist_group("compiled")  # by one worker, who compiles once


def step(s):
    o, i, f, g = s.gates("oifg", s.before("h"))
    s.state("memory", f * s.carried("memory") + i * g)
    s.state("h", o * s.squashed("memory"))


def factors(s):
    return {
        "h": {"o": s.squashed("memory"), "memory": s["o"] * s.slope("memory")},
        "memory": {"i": s["g"], "f": s["memory-"], "g": s["i"], "memory-": s["f"]},
    }


def test_a_state_may_have_a_name_of_several_letters():
    states = {"h": "state", "memory": "cell"}
    own = Cell("own", "The LSTM", LSTM_GATES, step, states, factors, path="memory")
    assert plan(own, 3, 2, 2, 3, 2, 3) is not None
    network, params, x, y, _ = drawn("lstm", 3, 2, 2, 3, 2, DTYPES[0])
    one, other = both(partial(Network(own).value_and_grad, params, x, y))
    close(one[1], other[1])
    expected = network.value_and_grad(params, x, y)[1]
    close(one[1], {"memory0" if k == "c0" else k: a for k, a in expected.items()})
