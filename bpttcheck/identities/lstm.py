"""The LSTM: forward, the way back along the cell and through the gates."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

HOCHREITER = Source("Hochreiter and Schmidhuber 1997", "section 4")
GERS = Source("Gers, Schmidhuber and Cummins 2000", "section 3")
EVERY = "steps(1, T)"
BEFORE_LAST = "steps(1, T - 1)"
GATES = "ifgo"

GATED = Domain("there is a forget gate", lambda case: bool(case.forget == "gate"))

identity = about("lstm", GERS)


def another(gate: str) -> str:
    """Return the letter of another gate, to make a mistake with."""
    return GATES[(GATES.index(gate) + 1) % 4]


def _preactivation(k: str) -> Any:
    return identity(
        f"lstm.preactivation-{k}",
        f"What the {NAMES[k]} weighs: this input and the last state.",
        f"a_{k}[t] == U_{k} @ x[t] + W_{k} @ h[t - 1] + b_{k}",
        t=EVERY,
        wrong={
            "h_t for h_{t−1}": f"U_{k} @ x[t] + W_{k} @ h[t] + b_{k}",
            "the cell for the state": f"U_{k} @ x[t] + W_{k} @ c[t - 1] + b_{k}",
            "another gate's weights": f"U_{k} @ x[t] + W_{another(k)} @ h[t - 1] + b_{k}",
            "the bias forgotten": f"U_{k} @ x[t] + W_{k} @ h[t - 1]",
        },
    )


NAMES = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}
SQUASH = {"i": "sigmoid", "f": "sigmoid", "g": "tanh", "o": "sigmoid"}


def _gate(k: str) -> Any:
    other = "sigmoid" if SQUASH[k] == "tanh" else "tanh"
    return identity(
        f"lstm.gate-{k}",
        f"The {NAMES[k]} is squashed, entry by entry.",
        f"{k}[t] == {SQUASH[k]}(a_{k}[t])",
        t=EVERY,
        domain=GATED,
        wrong={
            "the other squashing function": f"{other}({f'a_{k}[t]'})",
            "not squashed": f"a_{k}[t]",
        },
    )


preactivation = tuple(_preactivation(k) for k in GATES)
gate = tuple(_gate(k) for k in GATES)

cell = identity(
    "lstm.cell",
    "The cell keeps a part of what it was, and takes in a part of what is new.",
    "c[t] == diag(f[t]) @ c[t - 1] + diag(i[t]) @ g[t]",
    t=EVERY,
    wrong={
        "input and forget gate exchanged": "diag(i[t]) @ c[t - 1] + diag(f[t]) @ g[t]",
        "the forget gate left out": "c[t - 1] + diag(i[t]) @ g[t]",
        "coupled gates": "diag(f[t]) @ c[t - 1] + diag(ones - f[t]) @ g[t]",
        "the state for the cell": "diag(f[t]) @ h[t - 1] + diag(i[t]) @ g[t]",
    },
)

state = identity(
    "lstm.state",
    "The state is the squashed cell, as far as the output gate lets it out.",
    "h[t] == diag(o[t]) @ tanh(c[t])",
    t=EVERY,
    source=HOCHREITER,
    wrong={
        "the cell not squashed": "diag(o[t]) @ c[t]",
        "the cell before": "diag(o[t]) @ tanh(c[t - 1])",
        "squashed outside": "tanh(diag(o[t]) @ c[t])",
    },
)

output = identity(
    "lstm.output",
    "The output layer reads the state of its own step.",
    "s[t] == V @ h[t] + b_s",
    t=EVERY,
    wrong={
        "the state before": "V @ h[t - 1] + b_s",
        "the cell for the state": "V @ c[t] + b_s",
    },
)

terminal = identity(
    "lstm.terminal-gradient",
    "At the last step only the output layer reads the state.",
    "d(L, h[T]) == V.T @ d(L, s[T])",
    wrong={
        "V for Vᵀ": "V @ d(L, s[T])",
        "the output gate too early": ("diag(o[T]) @ V.T @ d(L, s[T])"),
    },
)

THROUGH_GATES = " + ".join(f"W_{k}.T @ d(L, a_{k}[{{at}}])" for k in GATES)
LATER = THROUGH_GATES.format(at="t + 1")

hidden_gradient = identity(
    "lstm.hidden-gradient",
    "Five paths leave h_t: one to the output layer, and one through each gate of the next step.",
    f"d(L, h[t]) == V.T @ d(L, s[t]) + {LATER}",
    t=BEFORE_LAST,
    wrong={
        "the output forgotten": LATER,
        "the gates held fixed": "V.T @ d(L, s[t])",
        "the candidate alone": "V.T @ d(L, s[t]) + W_g.T @ d(L, a_g[t + 1])",
        "the output gate forgotten": "V.T @ d(L, s[t]) + "
        + " + ".join(f"W_{k}.T @ d(L, a_{k}[t + 1])" for k in "ifg"),
        "W for Wᵀ": "V.T @ d(L, s[t]) + " + LATER.replace(".T", ""),
        "the gates of this step": f"V.T @ d(L, s[t]) + {THROUGH_GATES.format(at='t')}",
    },
)

OUTWARD = "diag(o[t]) @ diag(tanh.prime(c[t])) @ d(L, h[t])"

cell_gradient = identity(
    "lstm.cell-gradient",
    "Two paths leave c_t: out through this step's state, and on through the next forget gate.",
    f"d(L, c[t]) == {OUTWARD} + diag(f[t + 1]) @ d(L, c[t + 1])",
    t=BEFORE_LAST,
    wrong={
        "f_t for f_{t+1}": f"{OUTWARD} + diag(f[t]) @ d(L, c[t + 1])",
        "tanh′ of the cell missing": ("diag(o[t]) @ d(L, h[t]) + diag(f[t + 1]) @ d(L, c[t + 1])"),
        "tanh′ of the state": (
            "diag(o[t]) @ diag(tanh.prime(h[t])) @ d(L, h[t]) + diag(f[t + 1]) @ d(L, c[t + 1])"
        ),
        "the output gate forgotten": (
            "diag(tanh.prime(c[t])) @ d(L, h[t]) + diag(f[t + 1]) @ d(L, c[t + 1])"
        ),
        "the cell's own path forgotten": OUTWARD,
        "the state's path forgotten": "diag(f[t + 1]) @ d(L, c[t + 1])",
        "not forgotten": f"{OUTWARD} + d(L, c[t + 1])",
    },
)

terminal_cell = identity(
    "lstm.terminal-cell",
    "At the last step the cell is read by its state alone.",
    "d(L, c[T]) == diag(o[T]) @ diag(tanh.prime(c[T])) @ d(L, h[T])",
    wrong={
        "tanh′ missing": "diag(o[T]) @ d(L, h[T])",
        "the output gate's slope": (
            "diag(sigmoid.prime(a_o[T])) @ diag(tanh.prime(c[T])) @ d(L, h[T])"
        ),
    },
)

PARTNERS = {
    "i": ("g[t]", "i[t]", "c"),
    "f": ("c[t - 1]", "c[t]", "c"),
    "g": ("i[t]", "f[t]", "c"),
    "o": ("tanh(c[t])", "c[t]", "h"),
}
"""By gate: what it multiplies, what is taken for it by mistake, and which gradient meets it."""


def _gate_gradient(k: str) -> Any:
    partner, mistaken, into = PARTNERS[k]
    return identity(
        f"lstm.gate-gradient-{k}",
        f"The {NAMES[k]} acts on the loss through what it multiplies.",
        f"d(L, {k}[t]) == diag({partner}) @ d(L, {into}[t])",
        t=EVERY,
        wrong={
            f"{mistaken} for {partner}": f"diag({mistaken}) @ d(L, {into}[t])",
            "the partner forgotten": f"d(L, {into}[t])",
            "the other state": f"diag({partner}) @ d(L, {'h' if into == 'c' else 'c'}[t])",
        },
    )


def _preactivation_gradient(k: str) -> Any:
    slope = f"{SQUASH[k]}.prime(a_{k}[t])"
    other = "tanh" if SQUASH[k] == "sigmoid" else "sigmoid"
    return identity(
        f"lstm.preactivation-gradient-{k}",
        f"From the {NAMES[k]} back to what it squashes.",
        f"d(L, a_{k}[t]) == diag({slope}) @ d(L, {k}[t])",
        t=EVERY,
        domain=GATED,
        wrong={
            "the gate's derivative forgotten": f"d(L, {k}[t])",
            "the gate for its derivative": f"diag({k}[t]) @ d(L, {k}[t])",
            "the slope at the gate": f"diag({SQUASH[k]}.prime({k}[t])) @ d(L, {k}[t])",
            "the other squashing function's slope": (
                f"diag({other}.prime(a_{k}[t])) @ d(L, {k}[t])"
            ),
        },
    )


gate_gradient = tuple(_gate_gradient(k) for k in GATES)
preactivation_gradient = tuple(_preactivation_gradient(k) for k in GATES)


ALL = (
    *preactivation,
    *gate,
    cell,
    state,
    output,
    terminal,
    hidden_gradient,
    cell_gradient,
    terminal_cell,
    *gate_gradient,
    *preactivation_gradient,
)
