"""The minimal gated unit: one gate that forgets, lets in and resets.

    f_t = σ(U_f x_t + W_f h_{t−1} + b_f),   g_t = tanh(U_g x_t + W_g (f_t ∘ h_{t−1}) + b_g)
    h_t = (1 − f_t) ∘ h_{t−1} + f_t ∘ g_t

Source: Zhou et al. 2016.
"""

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make f_t, g_t from the state that f_t lets through, and the mean of old and new."""
    f = s.gate("f", s.before("h"))
    g = s.gate("g", f * s.before("h"))
    s.state("h", (1 - f) * s.carried("h") + f * g)


def factors(s: Values) -> Factors:
    """Return what the state depends on, and the state that the candidate reads."""
    h, f = s["h-"], s["f"]
    return {"h": {"f": s["g"] - h, "g": f, "h-": 1 - f}, "read_g": {"f": h, "h-": f}}


CELL = Cell(
    "mgu",
    "The minimal gated unit",
    {"f": Gate("forget gate", sigmoid), "g": Gate("candidate", tanh)},
    step,
    {"h": "state"},
    factors,
    source="Zhou et al. 2016",
)
