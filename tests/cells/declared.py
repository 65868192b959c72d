"""Cells that are not the package's: with peepholes, with a projection, with gates made apart."""

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.cells.cell import Cell, Gate

LSTM_GATES = {
    "i": Gate("input gate", sigmoid),
    "f": Gate("forget gate", sigmoid),
    "g": Gate("candidate", tanh),
    "o": Gate("output gate", sigmoid),
}
STATES = {"h": "state", "c": "cell"}


def lstm_factors(s):
    return {
        "h": {"o": s.squashed("c"), "c": s["o"] * s.slope("c")},
        "c": {"i": s["g"], "g": s["i"], "f": s["c-"], "c-": s["f"]},
    }


def peephole_step(s):
    """Gers, Schraudolph and Schmidhuber 2002: three gates see the cell, o that of this step."""
    h, before = s.before("h"), s.carried("c")
    i = s.gate("i", h, plus=s.weight("P_i") * before)
    f = s.gate("f", h, plus=s.weight("P_f") * before)
    c = s.state("c", f * before + i * s.gate("g", h))
    s.state("h", s.gate("o", h, plus=s.weight("P_o") * c) * s.squashed("c"))


def peephole_factors(s):
    return lstm_factors(s) | {
        "a_i": {"c-": s["P_i"], "P_i": s["c-"]},
        "a_f": {"c-": s["P_f"], "P_f": s["c-"]},
        "a_o": {"c": s["P_o"], "P_o": s["c"]},
    }


def projection_step(s):
    """Sak, Senior and Beaufays 2014: the state is a projection of what is let out."""
    o, i, f, g = s.gates("oifg", s.before("h"))
    s.state("c", f * s.carried("c") + i * g)
    s.state("h", s.linear("R", o * s.squashed("c")))


def projection_factors(s):
    found = lstm_factors(s)
    return {"c": found["c"], "h": {"q_R": 1}, "read_R": found["h"]}


def apart_step(s):
    """The LSTM with its gates made one by one, in another order than that of the package."""
    i, f, g, o = (s.gate(k, s.before("h")) for k in "ifgo")
    s.state("c", f * s.carried("c") + i * g)
    s.state("h", o * s.squashed("c"))


def mean_step(s):
    """The GRU of Cho et al. with the reset gate made first, and its mean written otherwise."""
    h = s.before("h")
    r = s.gate("r", h)
    g = s.gate("g", r * h)
    z = s.gate("z", h)
    s.state("h", g + z * (s.carried("h") - g))


def mean_factors(s):
    h, r, z, g = s["h-"], s["r"], s["z"], s["g"]
    return {"h": {"z": h - g, "g": 1 - z, "h-": z}, "read_g": {"r": h, "h-": r}}


def two_heads_step(s):
    """Two products that share a state, a gate that nothing depends on, W_k out of order."""
    h = s.before("h")
    f = s.gate("f", h)
    g = s.gate("g", f * h)
    s.gate("u", h)
    z = s.gate("z", plus=g * s.product("z", h))
    s.state("h", z * s.carried("h") + (1 - z) * g)


def two_heads_factors(s):
    h, f, g, z = s["h-"], s["f"], s["g"], s["z"]
    return {
        "h": {"z": h - g, "g": 1 - z, "h-": z},
        "read_g": {"f": h, "h-": f},
        "a_z": {"g": s["q_z"], "q_z": g},
    }


def shared_step(s):
    """No product with a state: one weight acts entry by entry in two gates and past them."""
    seen = s.weight("P") * s.before("h")
    f = s.gate("f", plus=seen)
    g = s.gate("g", plus=seen * f)
    s.state("h", f * s.carried("h") + s.weight("P") * g)


def shared_factors(s):
    h, f, g, P = s["h-"], s["f"], s["g"], s["P"]
    return {
        "h": {"f": h, "h-": f, "g": P, "P": g},
        "a_f": {"h-": P, "P": h},
        "a_g": {"h-": P * f, "P": h * f, "f": P * h},
    }


PEEPHOLE = Cell(
    "peephole_lstm",
    "The LSTM with peepholes",
    LSTM_GATES,
    peephole_step,
    STATES,
    peephole_factors,
    path="c",
    weights={f"P_{k}": ("n",) for k in "ifo"},
)
PROJECTION = Cell(
    "projection_lstm",
    "The LSTM with a projection",
    LSTM_GATES,
    projection_step,
    STATES,
    projection_factors,
    path="c",
    weights={"R": ("r", "n")},
    widths={"h": "r"},
)
LSTM_APART = Cell("lstm", "The LSTM", LSTM_GATES, apart_step, STATES, lstm_factors, path="c")
GRU_OTHERWISE = Cell(
    "gru",
    "The GRU",
    {"z": Gate("z", sigmoid), "r": Gate("r", sigmoid), "g": Gate("g", tanh)},
    mean_step,
    {"h": "state"},
    mean_factors,
)
TWO_HEADS = Cell(
    "two_heads",
    "A cell of this test",
    {"f": Gate("f", sigmoid), "g": Gate("g", tanh), "u": Gate("u", tanh), "z": Gate("z", sigmoid)},
    two_heads_step,
    {"h": "state"},
    two_heads_factors,
    weights={"b_Wz": ("n",)},
)
SHARED = Cell(
    "shared",
    "A cell without products",
    {"f": Gate("f", sigmoid), "g": Gate("g", tanh)},
    shared_step,
    {"h": "state"},
    shared_factors,
    weights={"P": ("n",)},
)

OWN = {"peephole": PEEPHOLE, "projection": PROJECTION, "two heads": TWO_HEADS, "shared": SHARED}
"""Cells that the package does not have."""
