"""Gradients of the LSTM's weights, inputs and initial states, and what BPTT returns."""

from __future__ import annotations

from typing import Any

from bpttcheck.identities.lstm import EVERY, GATES, GERS, NAMES, THROUGH_GATES, another
from bpttcheck.statements.identity import about

identity = about("lstm", GERS)


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
            "another gate": f"sum(d(L, a_{another(k)}[t]) @ h[t - 1].T for t in steps(1, T))",
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
    _bptt(
        "cells",
        "BPTT's gradient of the cells, the initial one last.",
        "dc[t] == d(L, c[t])",
        "d(L, h[t])",
        t="steps(0, T)",
    ),
    _bptt(
        "hidden",
        "BPTT's gradient of the states, the initial one last.",
        "dh[t] == d(L, h[t])",
        "d(L, c[t])",
        t="steps(0, T)",
    ),
    _bptt(
        "inputs", "BPTT's gradient of the inputs.", "dx[t] == d(L, x[t])", "d(L, x[t + 1])", t=EVERY
    ),
    *(
        _bptt(
            f"a_{k}",
            f"BPTT's gradient of the {NAMES[k]}'s pre-activation.",
            f"da_{k}[t] == d(L, a_{k}[t])",
            f"d(L, {k}[t])",
            t=EVERY,
        )
        for k in GATES
    ),
    *(
        _bptt(
            f"{w}_{k}",
            f"BPTT's gradient of {w}_{k} is the sum of the sequences' gradients.",
            f"d{w}_{k} == batch(d(L, {w}_{k}))",
            f"batch(d(L, {w}_{another(k)}))",
        )
        for w in "UWb"
        for k in GATES
    ),
    _bptt(
        "V",
        "BPTT's gradient of V is the sum of the sequences' gradients.",
        "dV == batch(d(L, V))",
        "batch(d(L, W_i))",
    ),
    _bptt(
        "b_s",
        "BPTT's gradient of b_s is the sum of the sequences' gradients.",
        "db_s == batch(d(L, b_s))",
        "batch(d(L, b_i))",
    ),
)

ALL = (
    *weight_gradients,
    V_gradient,
    b_s_gradient,
    input_gradient,
    initial_gradient,
    initial_cell,
    *bptt,
)
