"""The LSTM with coupled input and forget gate: what is forgotten makes room.

    c_t = f_t ∘ c_{t−1} + (1 − f_t) ∘ g_t,   h_t = o_t ∘ tanh(c_t)

Source: Greff et al. 2017 (CIFG).
"""

from bpttcheck.cells.cell import Cell
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.lstm import GATES, STATES
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make the gates, the cell that is a mean of old and new, and the state it lets out."""
    o, f, g = s.gates("ofg", s.before("h"))
    s.state("c", f * s.carried("c") + (1 - f) * g)
    s.state("h", o * s.squashed("c"))


def factors(s: Values) -> Factors:
    """Return what the cell and the state depend on."""
    return {
        "h": {"o": s.squashed("c"), "c": s["o"] * s.slope("c")},
        "c": {"f": s["c-"] - s["g"], "g": 1 - s["f"], "c-": s["f"]},
    }


CELL = Cell(
    "coupled_lstm",
    "The LSTM with coupled gates",
    {k: GATES[k] for k in "fgo"},
    step,
    STATES,
    factors,
    path="c",
    source="Greff et al. 2017 (CIFG)",
)
