"""The minimal gated unit of Flax: it keeps where Zhou's replaces, and resets after the product.

    f_t = σ(U_f x_t + W_f h_{t−1} + b_f)
    g_t = tanh(U_g x_t + b_g + f_t ∘ (W_g h_{t−1} + b_Wg))
    h_t = f_t ∘ h_{t−1} + (1 − f_t) ∘ g_t

It begins with b_f = 1; the candidate g is n there. Without ``reset_gate`` it is another network.

Source: Flax 0.12, flax.linen.MGUCell.
"""

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step


def step(s: Step) -> None:
    """Make f_t, g_t from a product that f_t scales, and the mean of old and new."""
    h = s.before("h")
    f = s.gate("f", h)
    g = s.gate("g", plus=f * s.product("g", h))
    s.state("h", f * s.carried("h") + (1 - f) * g)


def factors(s: Values) -> Factors:
    """Return what the state depends on, and the candidate's pre-activation."""
    return {
        "h": {"f": s["h-"] - s["g"], "g": 1 - s["f"], "h-": s["f"]},
        "a_g": {"f": s["q_g"], "q_g": s["f"]},
    }


CELL = Cell(
    "flax_mgu",
    "The minimal gated unit of Flax",
    {"f": Gate("forget gate", sigmoid), "g": Gate("candidate", tanh)},
    step,
    {"h": "state"},
    factors,
    weights={"b_Wg": ("n",)},
    source="Flax 0.12, flax.linen.MGUCell",
)
