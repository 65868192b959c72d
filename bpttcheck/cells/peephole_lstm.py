"""The LSTM with peepholes: its gates see the cell, entry by entry.

    a_k = U_k x_t + W_k h_{t−1} + P_k ∘ c_{t−1} + b_k   for k = i, f
    a_g = U_g x_t + W_g h_{t−1} + b_g
    c_t = f_t ∘ c_{t−1} + i_t ∘ g_t
    a_o = U_o x_t + W_o h_{t−1} + P_o ∘ c_t + b_o,   h_t = o_t ∘ tanh(c_t)

The output gate sees the new cell. A peephole P_k has n entries, one a unit.

Source: Gers, Schraudolph and Schmidhuber 2002; ONNX operators, LSTM, input P.
"""

from bpttcheck.cells.cell import Cell
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.lstm import GATES, STATES
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make the gates that see the cell before, the cell, and the gate that sees it."""
    h, c = s.before("h"), s.before("c")
    i = s.gate("i", h, plus=s.weight("P_i") * c)
    f = s.gate("f", h, plus=s.weight("P_f") * c)
    g = s.gate("g", h)
    new = s.state("c", f * s.carried("c") + i * g)
    o = s.gate("o", h, plus=s.weight("P_o") * new)
    s.state("h", o * s.squashed("c"))


def factors(s: Values) -> Factors:
    """Return what the cell, the state and the pre-activations depend on."""
    return {
        "h": {"o": s.squashed("c"), "c": s["o"] * s.slope("c")},
        "c": {"i": s["g"], "f": s["c-"], "g": s["i"], "c-": s["f"]},
        "a_i": {"c-": s["P_i"], "P_i": s["c-"]},
        "a_f": {"c-": s["P_f"], "P_f": s["c-"]},
        "a_o": {"c": s["P_o"], "P_o": s["c"]},
    }


CELL = Cell(
    "peephole_lstm",
    "The LSTM with peepholes",
    GATES,
    step,
    STATES,
    factors,
    path="c",
    weights={"P_i": ("n",), "P_f": ("n",), "P_o": ("n",)},
    source="Gers, Schraudolph and Schmidhuber 2002; ONNX operators, LSTM, input P",
)
