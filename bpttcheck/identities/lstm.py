"""The LSTM: forward, the way back along the cell and through the gates, and BPTT."""

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


def _other(gate: str) -> str:
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
            "another gate's weights": f"U_{k} @ x[t] + W_{_other(k)} @ h[t - 1] + b_{k}",
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
    wrong={"V for Vᵀ": "V @ d(L, s[T])", "the output gate too early": (
        "diag(o[T]) @ V.T @ d(L, s[T])"
    )},
)  # fmt: skip

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

PARTNERS = {"i": ("g[t]", "i[t]", "c"), "f": ("c[t - 1]", "c[t]", "c"),
            "g": ("i[t]", "f[t]", "c"), "o": ("tanh(c[t])", "c[t]", "h")}  # fmt: skip
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


def _W_gradient(k: str) -> Any:
    return identity(
        f"lstm.W-gradient-{k}",
        f"The state's weights in the {NAMES[k]} act at every step, on the state before.",
        f"d(L, W_{k}) == sum(d(L, a_{k}[t]) @ h[t - 1].T for t in steps(1, T))",
        wrong={
            "h_t for h_{t−1}": f"sum(d(L, a_{k}[t]) @ h[t].T for t in steps(1, T))",
            "the cell for the state": f"sum(d(L, a_{k}[t]) @ c[t - 1].T for t in steps(1, T))",
            "the gate's derivative forgotten": (
                f"sum(d(L, {k}[t]) @ h[t - 1].T for t in steps(1, T))"
            ),
            "another gate": f"sum(d(L, a_{_other(k)}[t]) @ h[t - 1].T for t in steps(1, T))",
        },
    )


def _U_gradient(k: str) -> Any:
    return identity(
        f"lstm.U-gradient-{k}",
        f"The input's weights in the {NAMES[k]} act at every step, on that step's input.",
        f"d(L, U_{k}) == sum(d(L, a_{k}[t]) @ x[t].T for t in steps(1, T))",
        wrong={
            "the gate's derivative forgotten": f"sum(d(L, {k}[t]) @ x[t].T for t in steps(1, T))",
            "transposed": f"sum(x[t] @ d(L, a_{k}[t]).T for t in steps(1, T))",
        },
    )


def _b_gradient(k: str) -> Any:
    return identity(
        f"lstm.b-gradient-{k}",
        f"The bias of the {NAMES[k]} acts at every step.",
        f"d(L, b_{k}) == sum(d(L, a_{k}[t]) for t in steps(1, T))",
        wrong={"the gate's derivative forgotten": f"sum(d(L, {k}[t]) for t in steps(1, T))"},
    )


weight_gradients = tuple(make(k) for make in (_W_gradient, _U_gradient, _b_gradient) for k in GATES)

V_gradient = identity(
    "lstm.V-gradient",
    "The output layer's weights act at every step, on that step's state.",
    "d(L, V) == sum(d(L, s[t]) @ h[t].T for t in steps(1, T))",
    wrong={"the cell for the state": "sum(d(L, s[t]) @ c[t].T for t in steps(1, T))"},
)

b_s_gradient = identity(
    "lstm.b_s-gradient",
    "The output layer's bias acts at every step.",
    "d(L, b_s) == sum(d(L, s[t]) for t in steps(1, T))",
    wrong={"only the last step": "d(L, s[T])"},
)

input_gradient = identity(
    "lstm.input-gradient",
    "An input is read by the four gates of its step.",
    "d(L, x[t]) == " + " + ".join(f"U_{k}.T @ d(L, a_{k}[t])" for k in GATES),
    t=EVERY,
    wrong={"the candidate alone": "U_g.T @ d(L, a_g[t])"},
)

initial_gradient = identity(
    "lstm.initial-gradient",
    "The initial state is read by the four gates of the first step.",
    f"d(L, h[0]) == {THROUGH_GATES.format(at='1')}",
    wrong={"the candidate alone": "W_g.T @ d(L, a_g[1])"},
)

initial_cell = identity(
    "lstm.initial-cell",
    "The initial cell goes through the first forget gate.",
    "d(L, c[0]) == diag(f[1]) @ d(L, c[1])",
    wrong={"not forgotten": "d(L, c[1])", "the input gate": "diag(i[1]) @ d(L, c[1])"},
)


def _bptt(name: str, says: str, right: str, wrong: str, **forall: str) -> Any:
    return identity(
        f"lstm.bptt-{name}", says, f"{right}", wrong={"another variable's": wrong}, **forall
    )


bptt = (
    _bptt("cells", "BPTT's gradient of the cells, the initial one last.",
          "dc[t] == d(L, c[t])", "d(L, h[t])", t="steps(0, T)"),
    _bptt("hidden", "BPTT's gradient of the states, the initial one last.",
          "dh[t] == d(L, h[t])", "d(L, c[t])", t="steps(0, T)"),
    _bptt("inputs", "BPTT's gradient of the inputs.",
          "dx[t] == d(L, x[t])", "d(L, x[t + 1])", t=EVERY),
    *(_bptt(f"a_{k}", f"BPTT's gradient of the {NAMES[k]}'s pre-activation.",
            f"da_{k}[t] == d(L, a_{k}[t])", f"d(L, {k}[t])", t=EVERY) for k in GATES),
    *(_bptt(f"{w}_{k}", f"BPTT's gradient of {w}_{k} is the sum of the sequences' gradients.",
            f"d{w}_{k} == batch(d(L, {w}_{k}))", f"batch(d(L, {w}_{_other(k)}))")
      for w in "UWb" for k in GATES),
    _bptt("V", "BPTT's gradient of V is the sum of the sequences' gradients.",
          "dV == batch(d(L, V))", "batch(d(L, W_i))"),
    _bptt("b_s", "BPTT's gradient of b_s is the sum of the sequences' gradients.",
          "db_s == batch(d(L, b_s))", "batch(d(L, b_i))"),
)  # fmt: skip

ALL = (
    *preactivation, *gate, cell, state, output, terminal, hidden_gradient, cell_gradient,
    terminal_cell, *gate_gradient, *preactivation_gradient, *weight_gradients, V_gradient,
    b_s_gradient, input_gradient, initial_gradient, initial_cell, *bptt,
)  # fmt: skip
