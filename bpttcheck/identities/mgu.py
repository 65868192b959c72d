"""The minimal gated unit: forward, and the way back through one gate that does three things."""

from functools import partial

from bpttcheck.cells.mgu import CELL
from bpttcheck.identities.every_cell import BEFORE_LAST, EVERY, common, preactivation
from bpttcheck.statements.identity import Source, about

ZHOU = Source("Zhou, Wu, Zhang and Zhou 2016", "eqs. 6a–6c")
at_every_step = partial(about("mgu", ZHOU), t=EVERY)

state = at_every_step(
    "mgu.state",
    "What is forgotten makes room for the candidate.",
    "h[t] == diag(ones - f[t]) @ h[t - 1] + diag(f[t]) @ g[t]",
    wrong={"f keeps": "diag(f[t]) @ h[t - 1] + diag(ones - f[t]) @ g[t]"},
)

KEPT = "V.T @ d(L, s[t]) + diag(ones - f[t + 1]) @ d(L, h[t + 1]) + W_f.T @ d(L, a_f[t + 1])"
READ = "W_g.T @ d(L, a_g[t + 1])"

hidden_gradient = about("mgu", ZHOU)(
    "mgu.hidden-gradient",
    "Four paths leave h_t: to the output, past the next gate, through it, and into the candidate.",
    f"d(L, h[t]) == {KEPT} + diag(f[t + 1]) @ {READ}",
    t=BEFORE_LAST,
    wrong={"the candidate reads all": f"{KEPT} + {READ}", "the candidate forgotten": KEPT},
)

TRADE = "diag(g[t] - h[t - 1])"

gate_gradient = at_every_step(
    "mgu.gate-gradient-f",
    "The gate trades old for new, and decides what the candidate sees of the old.",
    f"d(L, f[t]) == {TRADE} @ d(L, h[t]) + diag(h[t - 1]) @ W_g.T @ d(L, a_g[t])",
    wrong={"what the candidate sees forgotten": f"{TRADE} @ d(L, h[t])"},
)

GATED = "diag(sigmoid.prime(a_f[t])) @ W_f"
OLD = f"diag(ones - f[t]) + {TRADE} @ {GATED}"
NEW = "diag(f[t]) @ diag(tanh.prime(a_g[t])) @ W_g"

state_jacobian = at_every_step(
    "mgu.state-jacobian",
    "Past the gate, through it, and through the candidate.",
    f"d(h[t], h[t - 1]) == {OLD} + {NEW} @ (diag(f[t]) + diag(h[t - 1]) @ {GATED})",
    wrong={"the gate held fixed in the candidate": f"{OLD} + {NEW} @ diag(f[t])"},
)

ALL = (
    *common(CELL, ZHOU),
    *preactivation(CELL, ZHOU, "f", "h[t - 1]"),
    *preactivation(CELL, ZHOU, "g", "(diag(f[t]) @ h[t - 1])", **{"not let through": "h[t - 1]"}),
    state,
    hidden_gradient,
    gate_gradient,
    state_jacobian,
)
