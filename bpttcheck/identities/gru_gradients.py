"""Gradients of the GRU's weights and inputs, and what BPTT returns."""

from __future__ import annotations

from typing import Any

from bpttcheck.identities.gru import AFTER, BEFORE, CHO, CUDNN, EVERY, GATES, NAMES, another
from bpttcheck.statements.identity import about

identity = about("gru", CHO)


def _W_gradient(k: str) -> Any:
    return identity(
        f"gru.W-gradient-{k}",
        f"The state's weights in the {NAMES[k]} act at every step, on the state before.",
        f"d(L, W_{k}) == sum(d(L, a_{k}[t]) @ h[t - 1].T for t in steps(1, T))",
        wrong={
            "h_t for h_{t−1}": f"sum(d(L, a_{k}[t]) @ h[t].T for t in steps(1, T))",
            "the state already reset": (
                f"sum(d(L, a_{k}[t]) @ (diag(r[t]) @ h[t - 1]).T for t in steps(1, T))"
            ),
            "the gate's derivative forgotten": (
                f"sum(d(L, {k}[t]) @ h[t - 1].T for t in steps(1, T))"
            ),
        },
    )


W_g_before = identity(
    "gru.W_g-gradient-before",
    "With the reset before the product, the candidate's weights act on the state already reset.",
    "d(L, W_g) == sum(d(L, a_g[t]) @ (diag(r[t]) @ h[t - 1]).T for t in steps(1, T))",
    domain=BEFORE,
    wrong={
        "the reset forgotten": "sum(d(L, a_g[t]) @ h[t - 1].T for t in steps(1, T))",
        "reset on the wrong side": (
            "sum(diag(r[t]) @ d(L, a_g[t]) @ h[t - 1].T for t in steps(1, T))"
        ),
    },
)

W_g_after = identity(
    "gru.W_g-gradient-after",
    "With the reset after the product, the gradient itself is scaled before it meets the state.",
    "d(L, W_g) == sum(diag(r[t]) @ d(L, a_g[t]) @ h[t - 1].T for t in steps(1, T))",
    source=CUDNN,
    domain=AFTER,
    wrong={
        "the reset forgotten": "sum(d(L, a_g[t]) @ h[t - 1].T for t in steps(1, T))",
        "reset on the wrong side": (
            "sum(d(L, a_g[t]) @ (diag(r[t]) @ h[t - 1]).T for t in steps(1, T))"
        ),
    },
)

b_Wg_gradient = identity(
    "gru.b_Wg-gradient",
    "The bias beside W_g is scaled by the reset gate at every step.",
    "d(L, b_Wg) == sum(diag(r[t]) @ d(L, a_g[t]) for t in steps(1, T))",
    source=CUDNN,
    domain=AFTER,
    wrong={"the reset forgotten": "sum(d(L, a_g[t]) for t in steps(1, T))"},
)


def _U_gradient(k: str) -> Any:
    return identity(
        f"gru.U-gradient-{k}",
        f"The input's weights in the {NAMES[k]} act at every step, on that step's input.",
        f"d(L, U_{k}) == sum(d(L, a_{k}[t]) @ x[t].T for t in steps(1, T))",
        wrong={
            "the gate's derivative forgotten": f"sum(d(L, {k}[t]) @ x[t].T for t in steps(1, T))",
        },
    )


def _b_gradient(k: str) -> Any:
    return identity(
        f"gru.b-gradient-{k}",
        f"The bias of the {NAMES[k]} acts at every step.",
        f"d(L, b_{k}) == sum(d(L, a_{k}[t]) for t in steps(1, T))",
        wrong={"the gate's derivative forgotten": f"sum(d(L, {k}[t]) for t in steps(1, T))"},
    )


weight_gradients = (
    *(_W_gradient(k) for k in "zr"),
    W_g_before,
    W_g_after,
    b_Wg_gradient,
    *(_U_gradient(k) for k in GATES),
    *(_b_gradient(k) for k in GATES),
)

V_gradient = identity(
    "gru.V-gradient",
    "The output layer's weights act at every step, on that step's state.",
    "d(L, V) == sum(d(L, o[t]) @ h[t].T for t in steps(1, T))",
    wrong={"the candidate for the state": "sum(d(L, o[t]) @ g[t].T for t in steps(1, T))"},
)

c_gradient = identity(
    "gru.c-gradient",
    "The output layer's bias acts at every step.",
    "d(L, c) == sum(d(L, o[t]) for t in steps(1, T))",
    wrong={"only the last step": "d(L, o[T])"},
)

input_gradient = identity(
    "gru.input-gradient",
    "An input is read by both gates and the candidate of its step; no reset stands between.",
    "d(L, x[t]) == " + " + ".join(f"U_{k}.T @ d(L, a_{k}[t])" for k in GATES),
    t=EVERY,
    wrong={
        "the candidate alone": "U_g.T @ d(L, a_g[t])",
        "reset of the input too": (
            "U_z.T @ d(L, a_z[t]) + U_r.T @ d(L, a_r[t]) + U_g.T @ diag(r[t]) @ d(L, a_g[t])"
        ),
    },
)


def _bptt(name: str, says: str, right: str, wrong: str, **options: Any) -> Any:
    return identity(f"gru.bptt-{name}", says, right, wrong={"another variable's": wrong}, **options)


bptt = (
    _bptt(
        "hidden",
        "BPTT's gradient of the states, the initial one last.",
        "dh[t] == d(L, h[t])",
        "d(L, h[t + 1])",
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
        "b_Wg",
        "BPTT's gradient of b_Wg is the sum of the sequences' gradients.",
        "db_Wg == batch(d(L, b_Wg))",
        "batch(d(L, b_g))",
        source=CUDNN,
        domain=AFTER,
    ),
    _bptt(
        "V",
        "BPTT's gradient of V is the sum of the sequences' gradients.",
        "dV == batch(d(L, V))",
        "batch(d(L, W_z))",
    ),
    _bptt(
        "c",
        "BPTT's gradient of c is the sum of the sequences' gradients.",
        "dc == batch(d(L, c))",
        "batch(d(L, b_z))",
    ),
)

ALL = (*weight_gradients, V_gradient, c_gradient, input_gradient, *bptt)
