"""Jacobians of the LSTM: along the cell, where no weight stands, and round through the gates."""

from __future__ import annotations

from bpttcheck.identities.lstm import EVERY, GATED, GERS, HOCHREITER
from bpttcheck.statements.identity import Domain, about

identity = about("lstm", GERS)

EARLIER = "steps(0, t - 1)"

direct_step = identity(
    "lstm.direct-step",
    "Past the gates, held fixed, one step multiplies by the forget gate: no W, no slope.",
    "direct(c[t], c[t - 1]) == diag(f[t])",
    t=EVERY,
    wrong={
        "the forget gate before": "diag(f[t - 1])",
        "the input gate": "diag(i[t])",
        "the gate's pre-activation": "diag(a_f[t])",
        "as in the vanilla RNN": "diag(tanh.prime(a_g[t])) @ W_g",
    },
)

direct_path = identity(
    "lstm.direct-path",
    "Past the gates, held fixed, many steps multiply by the product of the forget gates.",
    "direct(c[t], c[k]) == compose(diag(f[j]) for j in down(t, k + 1))",
    t=EVERY,
    k=EARLIER,
    equivalent={
        "compose((diag(f[j]) for j in steps(k + 1, t)))": "diagonal matrices commute",
    },
    wrong={
        "the identity, whatever the gates say": "I",
        "the steps one early": "compose(diag(f[j]) for j in down(t - 1, k))",
        "one gate for all steps": "compose(diag(f[t]) for j in down(t, k + 1))",
        "with a squashing slope": (
            "compose(diag(f[j]) @ diag(tanh.prime(c[j - 1])) for j in down(t, k + 1))"
        ),
        "with a weight matrix": "compose(diag(f[j]) @ W_f for j in down(t, k + 1))",
    },
)

carousel = identity(
    "lstm.carousel",
    "Without a forget gate, f = 1, the direct path is the identity over any number of steps.",
    "direct(c[t], c[k]) == I",
    t=EVERY,
    k=EARLIER,
    source=HOCHREITER,
    domain=Domain("there is no forget gate", lambda case: bool(case.forget == "none")),
    wrong={
        "the input gate": "diag(i[t])",
        "squashed": "diag(tanh.prime(c[t]))",
        "nothing comes back": "I - I",
    },
)

cell_by_state = identity(
    "lstm.cell-by-state",
    "The cell answers to the state before through three gates; the output gate comes later.",
    "d(c[t], h[t - 1]) == diag(g[t]) @ diag(sigmoid.prime(a_i[t])) @ W_i"
    " + diag(c[t - 1]) @ diag(sigmoid.prime(a_f[t])) @ W_f"
    " + diag(i[t]) @ diag(tanh.prime(a_g[t])) @ W_g",
    t=EVERY,
    domain=GATED,
    wrong={
        "the gates held fixed": "diag(i[t]) @ diag(tanh.prime(a_g[t])) @ W_g",
        "the cell of this step": (
            "diag(g[t]) @ diag(sigmoid.prime(a_i[t])) @ W_i"
            " + diag(c[t]) @ diag(sigmoid.prime(a_f[t])) @ W_f"
            " + diag(i[t]) @ diag(tanh.prime(a_g[t])) @ W_g"
        ),
        "the forget gate's slope forgotten": (
            "diag(g[t]) @ diag(sigmoid.prime(a_i[t])) @ W_i + diag(c[t - 1]) @ W_f"
            " + diag(i[t]) @ diag(tanh.prime(a_g[t])) @ W_g"
        ),
    },
)

state_by_cell = identity(
    "lstm.state-by-cell",
    "The state answers to its own cell through the output gate and the slope of tanh.",
    "d(h[t], c[t]) == diag(o[t]) @ diag(tanh.prime(c[t]))",
    t=EVERY,
    source=HOCHREITER,
    wrong={
        "tanh′ of the cell missing": "diag(o[t])",
        "tanh′ of the state": ("diag(o[t]) @ diag(tanh.prime(h[t]))"),
    },
)

cell_jacobian = identity(
    "lstm.cell-jacobian",
    "In full, from cell to cell: the direct path, and the way round through state and gates.",
    "d(c[t], c[t - 1]) == diag(f[t]) + d(c[t], h[t - 1]) @ diag(o[t - 1])"
    " @ diag(tanh.prime(c[t - 1]))",
    t="steps(2, T)",
    wrong={
        "the direct path alone": "diag(f[t])",
        "the way round alone": ("d(c[t], h[t - 1]) @ diag(o[t - 1]) @ diag(tanh.prime(c[t - 1]))"),
        "the output gate of this step": (
            "diag(f[t]) + d(c[t], h[t - 1]) @ diag(o[t]) @ diag(tanh.prime(c[t - 1]))"
        ),
        "in the other order": (
            "diag(f[t]) + diag(o[t - 1]) @ diag(tanh.prime(c[t - 1])) @ d(c[t], h[t - 1])"
        ),
    },
)

ALL = (direct_step, direct_path, carousel, cell_by_state, state_by_cell, cell_jacobian)
