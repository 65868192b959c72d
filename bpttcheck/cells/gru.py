"""The GRU: an update gate that mixes, a reset gate before or after the product.

    z_t = σ(U_z x_t + W_z h_{t−1} + b_z),   r_t = σ(U_r x_t + W_r h_{t−1} + b_r)
    g_t = tanh(U_g x_t + W_g (r_t ∘ h_{t−1}) + b_g)             reset before the product
    g_t = tanh(U_g x_t + b_g + r_t ∘ (W_g h_{t−1} + b_Wg))      reset after the product
    h_t = z_t ∘ h_{t−1} + (1 − z_t) ∘ g_t

Here z_t keeps, as in Cho et al. 2014, PyTorch, cuDNN and ONNX; in Chung et al. 2014 it replaces:
their z_t is our 1 − z_t. The candidate g is h̃ there and n in PyTorch.

Source: Cho et al. 2014, eqs. 5–8; PyTorch, torch.nn.GRU (reset after the product).
"""

from functools import cache

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arguments import words
from bpttcheck.cells.cell import Cell, Gate
from bpttcheck.cells.factors import Factors, Values
from bpttcheck.cells.step import Step

RESETS = ("before", "after")
GATES = {
    "z": Gate("update gate", sigmoid),
    "r": Gate("reset gate", sigmoid),
    "g": Gate("candidate", tanh),
}


def reset_before(s: Step) -> None:
    """Make the gates, the candidate from a state that is reset, and the mean of old and new."""
    h = s.before("h")
    z, r = s.gates("zr", h)
    g = s.gate("g", r * h)
    s.state("h", z * s.carried("h") + (1 - z) * g)


def factors_before(s: Values) -> Factors:
    """Return what the state depends on, and the state that is reset."""
    return mean(s) | {"read_g": {"r": s["h-"], "h-": s["r"]}}


def reset_after(s: Step) -> None:
    """Make the gates, the candidate from a product that is reset, and the mean of old and new."""
    h = s.before("h")
    z, r = s.gates("zr", h)
    g = s.gate("g", plus=r * s.product("g", h))  # the product is q_t = W_g h_{t−1} + b_Wg
    s.state("h", z * s.carried("h") + (1 - z) * g)


def factors_after(s: Values) -> Factors:
    """Return what the state depends on, and the candidate's pre-activation."""
    return mean(s) | {"a_g": {"r": s["q_g"], "q_g": s["r"]}}


def mean(s: Values) -> dict[str, dict[str, object]]:
    """Return what the mean of old and new depends on."""
    return {"h": {"z": s["h-"] - s["g"], "g": 1 - s["z"], "h-": s["z"]}}


def gru(reset: str = "before") -> Cell:
    """Return the GRU whose reset gate acts ``"before"`` or ``"after"`` the product.

    Before, as in Cho et al. 2014; after, as in cuDNN and PyTorch, which needs one product a step
    rather than two.

    Raises:
        ValueError: ``reset`` is neither.
    """
    words("reset", reset, RESETS)
    return _declared(reset)


@cache
def _declared(reset: str) -> Cell:
    after = reset == "after"
    return Cell(
        "gru",
        "The GRU",
        GATES,
        reset_after if after else reset_before,
        {"h": "state"},
        factors_after if after else factors_before,
        weights={"b_Wg": ("n",)} if after else {},
        options={"reset": reset},
        source="Cho et al. 2014, eqs. 5–8; PyTorch, torch.nn.GRU (reset after the product)",
    )
