"""BPTT of the minimal gated unit."""

from bpttcheck.bptt.cell import Back, Network
from bpttcheck.cells.mgu import CELL


def back(s: Back) -> None:
    """Go back past the gate, through the candidate, and through the gate."""
    h, f, g, dh = s.before("h"), s.made("f"), s.made("g"), s.gradient("h")
    dq = s.gate("g", f * dh)  # q = f ∘ h_{t−1}, which the candidate reads
    s.leave("h", (1 - f) * dh + f * dq + s.gate("f", (g - h) * dh + h * dq))


mgu = Network(CELL, back)
