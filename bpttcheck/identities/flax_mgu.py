"""Flax's minimal gated unit: a gate that keeps, and resets the product that the candidate reads."""

from functools import partial

from bpttcheck.cells.flax_mgu import CELL
from bpttcheck.identities.every_cell import BEFORE_LAST, EVERY, common, preactivation
from bpttcheck.statements.identity import Source, about

FLAX = Source("Flax 0.12", "flax.linen.MGUCell")
identity = about("flax_mgu", FLAX)
at_every_step = partial(identity, t=EVERY)

PRODUCT = "(W_g @ h[t - 1] + b_Wg)"
OUTSIDE = "U_g @ x[t] + b_g + "

candidate = at_every_step(
    "flax_mgu.preactivation-g",
    "The gate resets the product, its bias included.",
    f"a_g[t] == {OUTSIDE}diag(f[t]) @ {PRODUCT}",
    wrong={
        "reset before the product": f"{OUTSIDE}W_g @ diag(f[t]) @ h[t - 1] + b_Wg",
        "the bias outside": f"{OUTSIDE}diag(f[t]) @ W_g @ h[t - 1] + b_Wg",
        "not reset": f"{OUTSIDE}{PRODUCT}",
    },
)

W_g_gradient = identity(
    "flax_mgu.W-gradient-g",
    "What comes back to the candidate's weights is reset.",
    "d(L, W_g) == sum(diag(f[t]) @ d(L, a_g[t]) @ h[t - 1].T for t in steps(1, T))",
    wrong={
        "the reset forgotten": "sum(d(L, a_g[t]) @ h[t - 1].T for t in steps(1, T))",
        "reset on the wrong side": (
            "sum(d(L, a_g[t]) @ (diag(f[t]) @ h[t - 1]).T for t in steps(1, T))"
        ),
    },
)

b_Wg_gradient = identity(
    "flax_mgu.b_Wg-gradient",
    "The bias of the product is reset with it.",
    "d(L, b_Wg) == sum(diag(f[t]) @ d(L, a_g[t]) for t in steps(1, T))",
    wrong={"the reset forgotten": "sum(d(L, a_g[t]) for t in steps(1, T))"},
)

bptt_b_Wg = identity(
    "flax_mgu.bptt-b_Wg",
    "BPTT's gradient of b_Wg is the sum of the sequences'.",
    "db_Wg == batch(d(L, b_Wg))",
    wrong={"another variable's": "batch(d(L, b_g))"},
)

state = at_every_step(
    "flax_mgu.state",
    "What is kept leaves less room for the candidate.",
    "h[t] == diag(f[t]) @ h[t - 1] + diag(ones - f[t]) @ g[t]",
    wrong={"f replaces, as in the paper": "diag(ones - f[t]) @ h[t - 1] + diag(f[t]) @ g[t]"},
)

KEPT = "V.T @ d(L, s[t]) + diag(f[t + 1]) @ d(L, h[t + 1]) + W_f.T @ d(L, a_f[t + 1])"

hidden_gradient = identity(
    "flax_mgu.hidden-gradient",
    "Four paths leave h_t: to the output, past the next gate, through it, and into the candidate.",
    f"d(L, h[t]) == {KEPT} + W_g.T @ diag(f[t + 1]) @ d(L, a_g[t + 1])",
    t=BEFORE_LAST,
    wrong={
        "reset on the wrong side": f"{KEPT} + diag(f[t + 1]) @ W_g.T @ d(L, a_g[t + 1])",
        "the candidate forgotten": KEPT,
    },
)

TRADE = "diag(h[t - 1] - g[t])"

gate_gradient = at_every_step(
    "flax_mgu.gate-gradient-f",
    "The gate trades old for new, and scales the product.",
    f"d(L, f[t]) == {TRADE} @ d(L, h[t]) + diag{PRODUCT} @ d(L, a_g[t])",
    wrong={
        "the product forgotten": f"{TRADE} @ d(L, h[t])",
        "its bias forgotten": f"{TRADE} @ d(L, h[t]) + diag(W_g @ h[t - 1]) @ d(L, a_g[t])",
    },
)

candidate_gradient = at_every_step(
    "flax_mgu.gate-gradient-g",
    "The candidate enters as far as the gate does not keep.",
    "d(L, g[t]) == diag(ones - f[t]) @ d(L, h[t])",
    wrong={"f for 1 − f": "diag(f[t]) @ d(L, h[t])"},
)

direct_step = at_every_step(
    "flax_mgu.direct-step",
    "Past gate and candidate, held fixed, one step multiplies by what the gate keeps.",
    "direct(h[t], h[t - 1]) == diag(f[t])",
    wrong={"f replaces": "diag(ones - f[t])"},
)

ALL = (
    *common(CELL, FLAX),
    *preactivation(CELL, FLAX, "f", "h[t - 1]"),
    candidate,
    W_g_gradient,
    b_Wg_gradient,
    bptt_b_Wg,
    state,
    hidden_gradient,
    gate_gradient,
    candidate_gradient,
    direct_step,
)
