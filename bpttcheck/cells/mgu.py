"""The minimal gated unit, forward: one gate that forgets, lets in and resets."""

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cells.cell import Cell, Gate, Step


def step(s: Step) -> None:
    """Make f_t, g_t from the state that f_t lets through, and the mean of old and new."""
    f = s.gate("f", s.before("h"))
    g = s.gate("g", f * s.before("h"))
    s.state("h", (1 - f) * s.carried("h") + f * g)


CELL = Cell(
    "mgu",
    "The minimal gated unit",
    {"f": Gate("forget gate", sigmoid), "g": Gate("candidate", tanh)},
    step,
    {"h": "state"},
)
