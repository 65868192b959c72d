"""Truncated BPTT: the gradient without the messages that are too old, and what these amount to."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

WILLIAMS_PENG = Source("Williams and Peng 1990", "BPTT(h; h′), section 3")
OURS = Source("bpttcheck", "what the algorithm computes, exactly")

SHORT = Domain(largest={"T": 6, "n": 4})
LOSES = Domain("some loss does not reach the first step", lambda c: bool(c.loses), SHORT.largest)
REACHES = Domain("every loss reaches the first step", lambda c: not c.loses, SHORT.largest)

identity = about("truncation", WILLIAMS_PENG, domain=SHORT)

MET = {"W": "@ h[k - 1].T", "U": "@ x[k].T", "b": ""}


def messages(name: str, steps: str, first: int = 1) -> str:
    """Return what the losses make of a weight through some of the steps."""
    inner = f"sum(d(E[t], a[k]) {MET[name]} for k in {steps})".replace("  ", " ")
    return f"batch(sum({inner} for t in steps({first}, T)))"


def _kept(name: str) -> Any:
    return identity(
        f"truncation.{name}",
        f"For {name} the messages that are young enough are kept, and nothing else.",
        f"truncated_{name} == {messages(name, 'steps(oldest(t), t)')}",
        wrong={
            "one step more": messages(name, "steps(oldest(t) - 1, t)"),
            "one step less": messages(name, "steps(oldest(t) + 1, t)"),
            "each step's loss stays within its step": messages(name, "steps(t, t)"),
        },
    )


kept_W, kept_U, kept_b = (_kept(name) for name in "WUb")


def _whole(name: str, other: str) -> Any:
    return identity(
        f"truncation.{name}",
        f"For {name}, which acts within a step, nothing is lost.",
        f"truncated_{name} == batch(d(L, {name}))",
        wrong={"another weight's": f"batch(d(L, {other}))"},
    )


whole_V, whole_c = _whole("V", "W"), _whole("c", "b")

initial = identity(
    "truncation.initial",
    "The initial state hears the losses that reach the first step.",
    "truncated_h0 == sum(d(E[t], h[0]) for t in steps(1, heard))",
    wrong={"of the first step alone": "d(E[1], h[0])", "of h_1": "d(E[1], h[1])"},
)

initial_full = identity(
    "truncation.reaching",
    "Where every loss reaches the first step, truncated BPTT is BPTT.",
    "truncated_W == dW",
    domain=REACHES,
    source=OURS,
    wrong={"U for W": "dU", "of one step's loss": "batch(d(E[T], W))"},
)


def _lost(name: str) -> Any:
    return identity(
        f"truncation.bias-{name}",
        f"What is lost for {name} is every message that is older, in full.",
        f"d{name} - truncated_{name} == {messages(name, 'steps(1, oldest(t) - 1)')}",
        domain=LOSES,
        source=OURS,
        equivalent={
            messages(name, "steps(1, oldest(t) - 1)", 2)
            .replace("sum(sum(", "sum((sum((")
            .replace(" - 1)) for t", " - 1))) for t")
            .replace("T)))", "T))))"): "the loss of the first step always reaches it"
        },
        wrong={
            "the first step's alone": messages(name, "steps(1, 1)"),
            "from the last step that is kept": messages(name, "steps(1, oldest(t))"),
        },
    )


lost_W, lost_U, lost_b = (_lost(name) for name in "WUb")

ALL = (
    kept_W,
    kept_U,
    kept_b,
    whole_V,
    whole_c,
    initial,
    initial_full,
    lost_W,
    lost_U,
    lost_b,
)
