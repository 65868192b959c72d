"""Jacobians of the GRU: past the update gate, where no weight stands, and through the gates."""

from __future__ import annotations

from typing import Any

from bpttcheck.identities.gru import AFTER, BEFORE, CHO, CUDNN, EVERY
from bpttcheck.statements.identity import Domain, Source, about

identity = about("gru", CHO)

direct_step = identity(
    "gru.direct-step",
    "Past gates and candidate, held fixed, one step multiplies by the update gate: no W, no slope.",
    "direct(h[t], h[t - 1]) == diag(z[t])",
    t=EVERY,
    wrong={
        "z replaces, as in Chung et al. 2014": "diag(ones - z[t])",
        "the update gate before": "diag(z[t - 1])",
        "reset too": "diag(r[t]) @ diag(z[t])",
        "as in the vanilla RNN": "diag(tanh.prime(a_g[t])) @ W_g",
    },
)

direct_path = identity(
    "gru.direct-path",
    "Past gates and candidate, held fixed, many steps multiply by the product of update gates.",
    "direct(h[t], h[k]) == compose(diag(z[j]) for j in down(t, k + 1))",
    t=EVERY,
    k="steps(0, t - 1)",
    equivalent={
        "compose((diag(z[j]) for j in steps(k + 1, t)))": "diagonal matrices commute",
    },
    wrong={
        "the identity, whatever the gates say": "I",
        "the steps one early": "compose(diag(z[j]) for j in down(t - 1, k))",
        "one gate for all steps": "compose(diag(z[t]) for j in down(t, k + 1))",
        "with a weight matrix": "compose(diag(z[j]) @ W_z for j in down(t, k + 1))",
    },
)

KEPT = "diag(z[t]) + diag(h[t - 1] - g[t]) @ diag(sigmoid.prime(a_z[t])) @ W_z"
NEW = "diag(ones - z[t]) @ diag(tanh.prime(a_g[t]))"
RESETS = {
    "before": "W_g @ (diag(r[t]) + diag(h[t - 1]) @ diag(sigmoid.prime(a_r[t])) @ W_r)",
    "after": "(diag(r[t]) @ W_g + diag(W_g @ h[t - 1] + b_Wg) @ diag(sigmoid.prime(a_r[t])) @ W_r)",
}


def _jacobian(form: str, domain: Domain, source: Source) -> Any:
    other = "after" if form == "before" else "before"
    fixed = {"before": "W_g @ diag(r[t])", "after": "diag(r[t]) @ W_g"}[form]
    return identity(
        f"gru.state-jacobian-{form}",
        "In full, from state to state: the direct path, the update gate's, and the candidate's with"
        f" the reset {form} the product.",
        f"d(h[t], h[t - 1]) == {KEPT} + {NEW} @ {RESETS[form]}",
        t=EVERY,
        source=source,
        domain=domain,
        wrong={
            "the direct path alone": "diag(z[t])",
            "reset on the wrong side": f"{KEPT} + {NEW} @ {RESETS[other]}",
            "the reset gate held fixed": f"{KEPT} + {NEW} @ {fixed}",
            "the update gate held fixed": f"diag(z[t]) + {NEW} @ {RESETS[form]}",
        },
    )


jacobian_before = _jacobian("before", BEFORE, CHO)
jacobian_after = _jacobian("after", AFTER, CUDNN)

ALL = (direct_step, direct_path, jacobian_before, jacobian_after)
