"""The LSTM with coupled input and forget gate, forward: what is forgotten makes room."""

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cells.cell import Cell, Gate, Step


def step(s: Step) -> None:
    """Make the gates, the cell that is a mean of old and new, and the state it lets out."""
    h = s.before("h")
    f, g, o = (s.gate(k, h) for k in "fgo")
    c = s.state("c", f * s.carried("c") + (1 - f) * g)
    s.state("h", o * s.squashed(c))


CELL = Cell(
    "coupled_lstm",
    "The LSTM with coupled gates",
    {
        "f": Gate("forget gate", sigmoid),
        "g": Gate("candidate", tanh),
        "o": Gate("output gate", sigmoid),
    },
    step,
    {"h": "state", "c": "cell"},
    path="c",
)
