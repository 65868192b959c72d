"""The GRU: forward in both forms, the way back through every gate."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

CHO = Source("Cho et al. 2014", "eqs. 5–8")
CUDNN = Source("PyTorch, torch.nn.GRU", "the candidate, as cuDNN computes it")
EVERY = "steps(1, T)"
BEFORE_LAST = "steps(1, T - 1)"
GATES = "zrg"
NAMES = {"z": "update gate", "r": "reset gate", "g": "candidate"}
SQUASH = {"z": "sigmoid", "r": "sigmoid", "g": "tanh"}

BEFORE = Domain("the reset comes before the product", lambda case: bool(case.reset == "before"))
AFTER = Domain("the reset comes after the product", lambda case: bool(case.reset == "after"))

identity = about("gru", CHO)


def another(gate: str) -> str:
    """Return the letter of another gate, to make a mistake with."""
    return GATES[(GATES.index(gate) + 1) % 3]


def _preactivation(k: str) -> Any:
    return identity(
        f"gru.preactivation-{k}",
        f"What the {NAMES[k]} weighs: this input and the last state.",
        f"a_{k}[t] == U_{k} @ x[t] + W_{k} @ h[t - 1] + b_{k}",
        t=EVERY,
        wrong={
            "h_t for h_{t−1}": f"U_{k} @ x[t] + W_{k} @ h[t] + b_{k}",
            "another gate's weights": f"U_{k} @ x[t] + W_{another(k)} @ h[t - 1] + b_{k}",
            "the state already reset": f"U_{k} @ x[t] + W_{k} @ diag(r[t]) @ h[t - 1] + b_{k}",
        },
    )


preactivation = tuple(_preactivation(k) for k in "zr")

RESET_STATE = "U_g @ x[t] + W_g @ diag(r[t]) @ h[t - 1] + b_g"
RESET_PRODUCT = "U_g @ x[t] + b_g + diag(r[t]) @ (W_g @ h[t - 1] + b_Wg)"

candidate_before = identity(
    "gru.candidate-before",
    "The reset gate acts on the state, before the product with the weights.",
    f"a_g[t] == {RESET_STATE}",
    t=EVERY,
    domain=BEFORE,
    wrong={
        "reset on the wrong side": "U_g @ x[t] + diag(r[t]) @ W_g @ h[t - 1] + b_g",
        "reset after, with its bias": RESET_PRODUCT,
        "reset of the input too": "diag(r[t]) @ (U_g @ x[t] + W_g @ h[t - 1]) + b_g",
        "the reset forgotten": "U_g @ x[t] + W_g @ h[t - 1] + b_g",
        "the update gate": "U_g @ x[t] + W_g @ diag(z[t]) @ h[t - 1] + b_g",
    },
)

candidate_after = identity(
    "gru.candidate-after",
    "The reset gate acts on the product with the weights, and on the bias beside it.",
    f"a_g[t] == {RESET_PRODUCT}",
    t=EVERY,
    source=CUDNN,
    domain=AFTER,
    wrong={
        "reset on the wrong side": RESET_STATE,
        "the bias outside": "U_g @ x[t] + b_g + diag(r[t]) @ W_g @ h[t - 1] + b_Wg",
        "the reset forgotten": "U_g @ x[t] + b_g + W_g @ h[t - 1] + b_Wg",
        "both biases inside": "U_g @ x[t] + diag(r[t]) @ (W_g @ h[t - 1] + b_Wg + b_g)",
    },
)


def _gate(k: str) -> Any:
    other = "sigmoid" if SQUASH[k] == "tanh" else "tanh"
    return identity(
        f"gru.gate-{k}",
        f"The {NAMES[k]} is squashed, entry by entry.",
        f"{k}[t] == {SQUASH[k]}(a_{k}[t])",
        t=EVERY,
        wrong={
            "the other squashing function": f"{other}(a_{k}[t])",
            "not squashed": f"a_{k}[t]",
        },
    )


gate = tuple(_gate(k) for k in GATES)

state = identity(
    "gru.state",
    "The state is mixed: z of the state before is kept, the rest is new.",
    "h[t] == diag(z[t]) @ h[t - 1] + diag(ones - z[t]) @ g[t]",
    t=EVERY,
    wrong={
        "z replaces, as in Chung et al. 2014": ("diag(ones - z[t]) @ h[t - 1] + diag(z[t]) @ g[t]"),
        "nothing given up": "h[t - 1] + diag(ones - z[t]) @ g[t]",
        "reset here too": "diag(z[t]) @ diag(r[t]) @ h[t - 1] + diag(ones - z[t]) @ g[t]",
    },
)

output = identity(
    "gru.output",
    "The output reads the state of its own step.",
    "o[t] == c + V @ h[t]",
    t=EVERY,
    wrong={"the state before": "c + V @ h[t - 1]", "the candidate": "c + V @ g[t]"},
)

terminal = identity(
    "gru.terminal-gradient",
    "At the last step only the output layer reads the state.",
    "d(L, h[T]) == V.T @ d(L, o[T])",
    wrong={
        "V for Vᵀ": "V @ d(L, o[T])",
        "the update gate too early": ("diag(ones - z[T]) @ V.T @ d(L, o[T])"),
    },
)

KEPT = "V.T @ d(L, o[t]) + diag(z[t + 1]) @ d(L, h[t + 1])"
GATED_PATHS = "W_z.T @ d(L, a_z[t + 1]) + W_r.T @ d(L, a_r[t + 1])"
THROUGH_STATE = "diag(r[t + 1]) @ W_g.T @ d(L, a_g[t + 1])"
THROUGH_PRODUCT = "W_g.T @ diag(r[t + 1]) @ d(L, a_g[t + 1])"


def _hidden_gradient(form: str, right: str, mistaken: str, domain: Domain, source: Source) -> Any:
    return identity(
        f"gru.hidden-gradient-{form}",
        "Five paths leave h_t: to the output, past the next update gate, through both gates,"
        f" and through the candidate, the reset {form} the product.",
        f"d(L, h[t]) == {KEPT} + {GATED_PATHS} + {right}",
        t=BEFORE_LAST,
        source=source,
        domain=domain,
        wrong={
            "reset on the wrong side": f"{KEPT} + {GATED_PATHS} + {mistaken}",
            "the reset forgotten": f"{KEPT} + {GATED_PATHS} + W_g.T @ d(L, a_g[t + 1])",
            "the gates held fixed": f"{KEPT} + {right}",
            "the reset gate's path forgotten": f"{KEPT} + W_z.T @ d(L, a_z[t + 1]) + {right}",
            "the direct path forgotten": f"V.T @ d(L, o[t]) + {GATED_PATHS} + {right}",
            "z_t for z_{t+1}": (
                f"V.T @ d(L, o[t]) + diag(z[t]) @ d(L, h[t + 1]) + {GATED_PATHS} + {right}"
            ),
            "1 − z for z": (
                "V.T @ d(L, o[t]) + diag(ones - z[t + 1]) @ d(L, h[t + 1])"
                f" + {GATED_PATHS} + {right}"
            ),
        },
    )


hidden_before = _hidden_gradient("before", THROUGH_STATE, THROUGH_PRODUCT, BEFORE, CHO)
hidden_after = _hidden_gradient("after", THROUGH_PRODUCT, THROUGH_STATE, AFTER, CUDNN)

update_gradient = identity(
    "gru.gate-gradient-z",
    "The update gate trades the candidate for the state before.",
    "d(L, z[t]) == diag(h[t - 1] - g[t]) @ d(L, h[t])",
    t=EVERY,
    wrong={
        "the candidate forgotten": "diag(h[t - 1]) @ d(L, h[t])",
        "the sign": "diag(g[t] - h[t - 1]) @ d(L, h[t])",
        "h_t for h_{t−1}": "diag(h[t] - g[t]) @ d(L, h[t])",
    },
)

candidate_gradient = identity(
    "gru.gate-gradient-g",
    "The candidate enters as far as the update gate gives up what was.",
    "d(L, g[t]) == diag(ones - z[t]) @ d(L, h[t])",
    t=EVERY,
    wrong={"z for 1 − z": "diag(z[t]) @ d(L, h[t])", "the gate forgotten": "d(L, h[t])"},
)

reset_before = identity(
    "gru.gate-gradient-r-before",
    "The reset gate scales the state that the candidate reads.",
    "d(L, r[t]) == diag(h[t - 1]) @ W_g.T @ d(L, a_g[t])",
    t=EVERY,
    domain=BEFORE,
    wrong={
        "reset on the wrong side": "diag(W_g @ h[t - 1]) @ d(L, a_g[t])",
        "W for Wᵀ": "diag(h[t - 1]) @ W_g @ d(L, a_g[t])",
        "h_t for h_{t−1}": "diag(h[t]) @ W_g.T @ d(L, a_g[t])",
    },
)

reset_after = identity(
    "gru.gate-gradient-r-after",
    "The reset gate scales the product that the candidate reads.",
    "d(L, r[t]) == diag(W_g @ h[t - 1] + b_Wg) @ d(L, a_g[t])",
    t=EVERY,
    source=CUDNN,
    domain=AFTER,
    wrong={
        "reset on the wrong side": "diag(h[t - 1]) @ W_g.T @ d(L, a_g[t])",
        "the bias forgotten": "diag(W_g @ h[t - 1]) @ d(L, a_g[t])",
    },
)


def _preactivation_gradient(k: str) -> Any:
    return identity(
        f"gru.preactivation-gradient-{k}",
        f"From the {NAMES[k]} back to what it squashes.",
        f"d(L, a_{k}[t]) == diag({SQUASH[k]}.prime(a_{k}[t])) @ d(L, {k}[t])",
        t=EVERY,
        wrong={
            "the gate's derivative forgotten": f"d(L, {k}[t])",
            "the gate for its derivative": f"diag({k}[t]) @ d(L, {k}[t])",
            "the slope at the gate": f"diag({SQUASH[k]}.prime({k}[t])) @ d(L, {k}[t])",
        },
    )


preactivation_gradient = tuple(_preactivation_gradient(k) for k in GATES)


ALL = (
    *preactivation,
    candidate_before,
    candidate_after,
    *gate,
    state,
    output,
    terminal,
    hidden_before,
    hidden_after,
    update_gradient,
    candidate_gradient,
    reset_before,
    reset_after,
    *preactivation_gradient,
)
