"""Two layers of a vanilla RNN in two directions: who reads whom, and the messages between them."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

SCHUSTER = Source("Schuster and Paliwal 1997", "section II")
OURS = Source("bpttcheck", "layers as PyTorch stacks them")
STEPS = Domain("there is more than one step", lambda case: case.sizes["T"] > 1, {"T": 5, "n": 3})

identity = about("stack", SCHUSTER, domain=STEPS)

AHEAD, BACK = ("steps(2, T)", "t - 1"), ("steps(1, T - 1)", "t + 1")
"""Of a part that goes forward, or back: the steps that have one before, in its own order."""

READ = {"p": "x[t]", "q": "x[t]", "u": "pq[t]", "v": "pq[t]"}
NAMES = {
    "p": "Layer 1, forward,",
    "q": "Layer 1, back in time,",
    "u": "Layer 2, forward,",
    "v": "Layer 2, back in time,",
}


def order(part: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the order of a part, and the other one."""
    return (AHEAD, BACK) if part in "pu" else (BACK, AHEAD)


def _preactivation(k: str) -> Any:
    (steps, before), (_, after) = order(k)
    own = f"U_{k} @ {READ[k]} + W_{k} @ {k}"
    other = {"p": "q", "q": "p", "u": "v", "v": "u"}[k]
    return identity(
        f"stack.preactivation-{k}",
        f"{NAMES[k]} reads {'the inputs' if k in 'pq' else 'both directions below'} and its own"
        f" state of the step {'before' if k in 'pu' else 'after'}.",
        f"a_{k}[t] == {own}[{before}] + b_{k}",
        t=steps,
        wrong={
            "the other order of time": f"{own}[{after}] + b_{k}",
            "the other direction's state": (
                f"U_{k} @ {READ[k]} + W_{k} @ {other}[{before}] + b_{k}"
            ),
            "no order of time": f"{own}[t] + b_{k}",
        },
    )


ABOVE = {
    "p": "first(U_u.T @ d(L, a_u[t]) + U_v.T @ d(L, a_v[t]))",
    "q": "second(U_u.T @ d(L, a_u[t]) + U_v.T @ d(L, a_v[t]))",
    "u": "first(V.T @ d(L, o[t]))",
    "v": "second(V.T @ d(L, o[t]))",
}
"""What comes to a part from above, at its step."""


def _message(k: str) -> Any:
    (_, after), (steps, before) = order(k)
    half = "first" if k in "pu" else "second"
    other = {"first": "second", "second": "first"}[half]
    own = f"W_{k}.T @ d(L, a_{k}[{before}])"
    return identity(
        f"stack.message-{k}",
        f"{NAMES[k]} hears what is above at its own step, and itself one step"
        f" {'later' if k in 'pu' else 'earlier'}: its messages go against its own order of time.",
        f"d(L, {k}[t]) == {ABOVE[k]} + {own}",
        t=steps,
        wrong={
            "the other half": f"{ABOVE[k].replace(half, other)} + {own}",
            "along its own order": f"{ABOVE[k]} + W_{k}.T @ d(L, a_{k}[{after}])",
            "nothing from above": own,
            "nothing from itself": ABOVE[k],
        },
    )


def _slope(k: str) -> Any:
    return identity(
        f"stack.slope-{k}",
        f"{NAMES[k]} has slopes of its own.",
        f"d(L, a_{k}[t]) == diag(phi.prime(a_{k}[t])) @ d(L, {k}[t])",
        t="steps(1, T)",
        wrong={"the slope forgotten": f"d(L, {k}[t])"},
    )


output = identity(
    "stack.output",
    "The output layer reads both directions of the last layer.",
    "o[t] == V @ uv[t] + c",
    t="steps(1, T)",
    wrong={"layer 1": "V @ pq[t] + c"},
)

first_step = identity(
    "stack.first-step-back",
    "What goes back in time begins at the last step, with an initial state of its own.",
    "a_q[T] == U_q @ x[T] + W_q @ q0 + b_q",
    wrong={
        "at the first step": "U_q @ x[1] + W_q @ q0 + b_q",
        "from the final state of the other": "U_q @ x[T] + W_q @ p[T] + b_q",
    },
)

W_back = identity(
    "stack.W-gradient-q",
    "The weights of what goes back meet the state of the step after.",
    "d(L, W_q) == d(L, a_q[T]) @ q0.T + sum(d(L, a_q[t]) @ q[t + 1].T for t in steps(1, T - 1))",
    wrong={
        "the state of the step before": (
            "d(L, a_q[1]) @ q0.T + sum(d(L, a_q[t]) @ q[t - 1].T for t in steps(2, T))"
        ),
        "without the first": "sum(d(L, a_q[t]) @ q[t + 1].T for t in steps(1, T - 1))",
    },
)

U_above = identity(
    "stack.U-gradient-u",
    "The second layer's weights of the input meet both states of the first.",
    "d(L, U_u) == sum(d(L, a_u[t]) @ pq[t].T for t in steps(1, T))",
    source=OURS,
    wrong={"its own layer's": "sum(d(L, a_u[t]) @ uv[t].T for t in steps(1, T))"},
)

inputs = identity(
    "stack.input-gradient",
    "An input is read by both directions of the first layer.",
    "d(L, x[t]) == U_p.T @ d(L, a_p[t]) + U_q.T @ d(L, a_q[t])",
    t="steps(1, T)",
    wrong={"one direction alone": "U_p.T @ d(L, a_p[t])"},
)


def _bptt(name: str, right: str, wrong: str, **ranges: str) -> Any:
    return identity(
        f"stack.bptt-{name}",
        f"BPTT's gradient of {name} is the sum of the sequences' gradients."
        if name != "inputs"
        else "BPTT's gradient of the inputs.",
        right,
        wrong={"another variable's": wrong},
        source=OURS,
        **ranges,
    )


bptt = (
    *(
        _bptt(f"{w}_{k}", f"d{w}_{k} == batch(d(L, {w}_{k}))", f"batch(d(L, {w}_{other}))")
        for k, other in zip("pquv", "qpvu", strict=True)
        for w in "UWb"
    ),
    _bptt("V", "dV == batch(d(L, V))", "batch(d(L, U_u))"),
    _bptt("c", "dc == batch(d(L, c))", "batch(d(L, b_p))"),
    _bptt("inputs", "dx[t] == d(L, x[t])", "d(L, x[T])", t="steps(1, T)"),
)

ALL = (
    *(_preactivation(k) for k in "pquv"),
    *(_message(k) for k in "pquv"),
    *(_slope(k) for k in "pquv"),
    output,
    first_step,
    W_back,
    U_above,
    inputs,
    *bptt,
)
