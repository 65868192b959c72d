"""The vanilla RNN: one gate, and the state is that gate.

    a_t = b + W h_{t−1} + U x_t,   h_t = φ(a_t)
"""

from functools import cache

from bpttcheck.activations import Activation, tanh
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make the state."""
    s.state("h", s.gate("", s.before("h")))


def factors(s: Values) -> Factors:
    """Return what the state depends on."""
    return {"h": {"": 1}}


@cache
def rnn(phi: Activation = tanh) -> Cell:
    """Return the vanilla RNN with an activation of the state."""
    return Cell(
        "rnn",
        "The vanilla RNN",
        {"": Gate("state", phi)},
        step,
        {"h": "state"},
        factors,
        options={"phi": phi},
        source="Goodfellow, Bengio and Courville 2016, eqs. 10.8–10.28",
    )
