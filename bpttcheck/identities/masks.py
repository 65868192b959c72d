"""Masks: where no step takes place nothing changes, forward or back. Of every cell, said once."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Source, about

EVERY = "steps(1, T)"
IDLE = "(1 - taken[t])"
"""One where no step takes place, zero where one does."""

HANDED_ON = "d(S[t - 1], S[t - 1]).T @ d(L, S[t])"
OUTPUT = "d(s[t - 1], S[t - 1]).T @ d(L, s[t - 1])"
"""An LSTM's cell acts on its own step's state, hence ∂S_t/∂S_t, which is no identity matrix."""

AS_IT_WAS = "S_t is S_{t−1} where no step takes place, and so is what is made of it"

identity = about("masked", Source("bpttcheck", "sequences of unequal length"))

state = identity(
    "masked.state",
    "Where no step takes place, every state stays what it was.",
    f"{IDLE} * S[t] == {IDLE} * S[t - 1]",
    t=EVERY,
    wrong={"set to zero": f"{IDLE} * 0 * S[t - 1]", "of the step after": f"{IDLE} * S[t + 1]"},
    equivalent={f"{IDLE} * S[t]": "the left side, word for word"},
)

state_jacobian = identity(
    "masked.state-jacobian",
    "It depends on any state before as it did.",
    f"{IDLE} * d(S[t], S[k]) == {IDLE} * d(S[t - 1], S[k])",
    t=EVERY,
    k="steps(0, t - 1)",
    wrong={
        "not at all": f"{IDLE} * 0 * d(S[t - 1], S[k])",
        "as on the state at hand": f"{IDLE} * d(S[t], S[t])",
    },
    equivalent={f"{IDLE} * d(S[t], S[k])": "the left side, word for word"},
)

state_gradient = identity(
    "masked.state-gradient",
    "What comes back to it goes on, whole, to the state before, whose own output adds to it.",
    f"{IDLE} * d(L, S[t - 1]) == {IDLE} * {HANDED_ON} + {IDLE} * {OUTPUT}",
    t="steps(2, T)",
    wrong={
        "what comes back is dropped": f"{IDLE} * {OUTPUT}",
        "the output forgotten": f"{IDLE} * {HANDED_ON}",
    },
    equivalent={
        f"{IDLE} * {HANDED_ON.replace('S[t - 1], ', 'S[t], ', 1)} + {IDLE} * {OUTPUT}": AS_IT_WAS,
        f"{IDLE} * {HANDED_ON} + {IDLE} * {OUTPUT.replace('s[t - 1], ', 's[t], ', 1)}": AS_IT_WAS,
    },
)


def _nothing(name: str, what: str, k: str) -> Any:
    return identity(
        f"masked.{name}",
        f"A step that does not take place gives {what} no gradient.",
        f"{IDLE} * d(L, {k}[t]) == 0 * d(L, {k}[t])",
        t=EVERY,
        wrong={"as if it took place": f"d(L, {k}[t])"},
        equivalent={
            f"-(0 * d(L, {k}[t]))": "zero has no sign",
            f"0 * d(L, {k}[t + 1])": "zero at every step",
        },
    )


def _bptt(name: str, of: str, right: str, forgotten: str, **ranges: str) -> Any:
    return identity(
        f"masked.bptt-{name}",
        f"BPTT's gradient of {of}, with a mask.",
        right,
        wrong={"the mask forgotten on the way back": forgotten},
        **ranges,
    )


def _bptt_steps(name: str, of: str, k: str, first: int = 1) -> Any:
    right, forgotten = f"d(L, {k}[t]) == d{k}[t]", f"forgotten_{k}[t]"
    return _bptt(name, of, right, forgotten, t=f"steps({first}, T)")


ALL = (
    state,
    state_jacobian,
    state_gradient,
    _nothing("inputs", "its input", "x"),
    _nothing("preactivations", "its pre-activations", "A"),
    _nothing("outputs", "its output", "s"),
    _bptt("weights", "all weights", "batch(d(L, theta)) == dtheta", "forgotten_theta"),
    _bptt_steps("states", "all states, the initial ones last", "S", first=0),
    _bptt_steps("preactivations", "all pre-activations", "A"),
    _bptt_steps("inputs", "the inputs", "x"),
)
