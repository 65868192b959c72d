"""The LSTM with a projection: what is let out of n cells is a state of r entries.

    a_k = U_k x_t + W_k h_{t−1} + b_k   for k = i, f, g, o, with W_k (n, r)
    c_t = f_t ∘ c_{t−1} + i_t ∘ g_t
    h_t = R (o_t ∘ tanh(c_t))           with R (r, n)

Source: Sak, Senior and Beaufays 2014; PyTorch, torch.nn.LSTM with proj_size (no peepholes).
"""

from bpttcheck.cells.cell import Cell
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.lstm import GATES, STATES
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make the gates, the cell, and the projection of what it lets out."""
    o, i, f, g = s.gates("oifg", s.before("h"))
    s.state("c", f * s.carried("c") + i * g)
    s.state("h", s.linear("R", o * s.squashed("c")))


def factors(s: Values) -> Factors:
    """Return what the cell depends on, and what the projection reads; the state is its product."""
    return {
        "h": {"q_R": 1},
        "read_R": {"o": s.squashed("c"), "c": s["o"] * s.slope("c")},
        "c": {"i": s["g"], "f": s["c-"], "g": s["i"], "c-": s["f"]},
    }


CELL = Cell(
    "projection_lstm",
    "The LSTM with a projection",
    GATES,
    step,
    STATES,
    factors,
    path="c",
    weights={"R": ("r", "n")},
    widths={"h": "r"},
    source="Sak, Senior and Beaufays 2014; PyTorch, torch.nn.LSTM with proj_size (no peepholes)",
)
