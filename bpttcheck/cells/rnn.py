"""The vanilla RNN: one gate, and the state is that gate.

    a_t = b + W h_{t−1} + U x_t,   h_t = φ(a_t)

Source: Goodfellow, Bengio and Courville 2016, eqs. 10.8–10.28.
"""

from functools import lru_cache

from bpttcheck.activations import Activation, activation, tanh
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make the state."""
    s.state("h", s.gate("", s.before("h")))


def factors(s: Values) -> Factors:
    """Return what the state depends on."""
    return {"h": {"": 1}}


def rnn(phi: Activation | str = tanh) -> Cell:
    """Return the vanilla RNN with an activation of the state, or its name.

    Raises:
        TypeError, ValueError: ``phi`` is no activation.
    """
    return _declared(activation("phi", phi))


@lru_cache(64)  # of a user's activations, which may be many, the last ones
def _declared(phi: Activation) -> Cell:
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
