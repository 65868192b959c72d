"""The LSTM: three gates and a candidate, a cell that is added to, a squashed state.

    a_k = U_k x_t + W_k h_{t−1} + b_k   for k = i, f, g, o
    i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o),   g_t = tanh(a_g)
    c_t = f_t ∘ c_{t−1} + i_t ∘ g_t,   h_t = o_t ∘ tanh(c_t)

Hochreiter and Schmidhuber 1997 have no forget gate: c_t = c_{t−1} + i_t ∘ g_t. It is that of Gers,
Schmidhuber and Cummins 2000.

Source: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (forget gate).
"""

from functools import cache

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arguments import flag
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step

GATES = {
    "i": Gate("input gate", sigmoid),
    "f": Gate("forget gate", sigmoid),
    "g": Gate("candidate", tanh),
    "o": Gate("output gate", sigmoid),
}
STATES = {"h": "state", "c": "cell"}


def step(s: Step) -> None:
    """Make the gates, the cell that keeps and takes in, and the state it lets out."""
    o, i, f, g = s.gates("oifg", s.before("h"))  # the squashing functions side by side
    s.state("c", f * s.carried("c") + i * g)
    s.state("h", o * s.squashed("c"))


def factors(s: Values) -> Factors:
    """Return what the cell and the state depend on."""
    return {
        "h": {"o": s.squashed("c"), "c": s["o"] * s.slope("c")},
        "c": {"i": s["g"], "f": s["c-"], "g": s["i"], "c-": s["f"]},
    }


def step_of_1997(s: Step) -> None:
    """Make the gates, the cell that takes in and never forgets, and the state it lets out."""
    o, i, g = s.gates("oig", s.before("h"))
    s.state("c", s.carried("c") + i * g)
    s.state("h", o * s.squashed("c"))


def factors_of_1997(s: Values) -> Factors:
    """Return what the cell and the state depend on."""
    return {
        "h": {"o": s.squashed("c"), "c": s["o"] * s.slope("c")},
        "c": {"i": s["g"], "g": s["i"], "c-": 1},
    }


def lstm(forget: bool = True) -> Cell:
    """Return the LSTM, with or without its forget gate.

    Raises:
        TypeError: ``forget`` is neither True nor False.
    """
    return _declared(flag("forget", forget))


@cache
def _declared(forget: bool) -> Cell:
    gates = {k: gate for k, gate in GATES.items() if forget or k != "f"}
    forward, back = (step, factors) if forget else (step_of_1997, factors_of_1997)
    return Cell(
        "lstm",
        "The LSTM",
        gates,
        forward,
        STATES,
        back,
        path="c",
        options={"forget": forget},
        source="Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (forget gate)",
    )
