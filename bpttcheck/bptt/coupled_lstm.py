"""BPTT of the LSTM with coupled input and forget gate."""

from bpttcheck.bptt.cell import Back, Network
from bpttcheck.cells.coupled_lstm import CELL


def back(s: Back) -> None:
    """Go back into the cell, along it, and through the three gates."""
    c, f, g, o = s.before("c"), s.made("f"), s.made("g"), s.made("o")
    dh, made = s.gradient("h"), s.made("c")
    dc = s.through("c", dh * o * s.slope(made))
    s.leave("c", dc * f)
    at_gates = s.gate("f", dc * (c - g)) + s.gate("g", dc * (1 - f))
    s.leave("h", at_gates + s.gate("o", dh * s.squashed(made)))


coupled_lstm = Network(CELL, back)
