"""The minimal gated unit: what reaches the candidate, and the path past gate and candidate."""

from functools import partial

from bpttcheck.identities.every_cell import EVERY
from bpttcheck.identities.mgu import ZHOU
from bpttcheck.statements.identity import about

at_every_step = partial(about("mgu", ZHOU), t=EVERY)

candidate_gradient = at_every_step(
    "mgu.gate-gradient-g",
    "The candidate enters as far as the gate lets it.",
    "d(L, g[t]) == diag(f[t]) @ d(L, h[t])",
    wrong={
        "1 − f for f": "diag(ones - f[t]) @ d(L, h[t])",
        "the gate forgotten": "d(L, h[t])",
    },
)

direct_step = at_every_step(
    "mgu.direct-step",
    "Past gate and candidate, held fixed, one step multiplies by what the gate leaves.",
    "direct(h[t], h[t - 1]) == diag(ones - f[t])",
    wrong={
        "f keeps": "diag(f[t])",
        "what the candidate reads kept too": "diag(ones - f[t]) + diag(f[t])",
        "the gate before": "diag(ones - f[t - 1])",
    },
)

direct_path = at_every_step(
    "mgu.direct-path",
    "Past gate and candidate, held fixed, many steps multiply by the product of what is left.",
    "direct(h[t], h[k]) == compose(diag(ones - f[j]) for j in down(t, k + 1))",
    k="steps(0, t - 1)",
    equivalent={
        "compose((diag(ones - f[j]) for j in steps(k + 1, t)))": "diagonal matrices commute",
    },
    wrong={
        "one minus the product": "I - compose(diag(f[j]) for j in down(t, k + 1))",
        "the steps one early": "compose(diag(ones - f[j]) for j in down(t - 1, k))",
        "with a weight matrix": "compose(diag(ones - f[j]) @ W_f for j in down(t, k + 1))",
    },
)

ALL = (candidate_gradient, direct_step, direct_path)
