"""Messages rescaled inside the recursion: what clipping there does to a gradient."""

from __future__ import annotations

from bpttcheck.statements.identity import Domain, Source, about

SHORT = Domain(largest={"T": 5, "n": 4})

identity = about("rnn", Source("bpttcheck", "clipping inside the recursion, exactly"), domain=SHORT)

PART = "prod(s[j] for j in steps({first}, {last})) * d(E[t], a[k])"


def parts(first: str, last: str) -> str:
    """Return the sum over all parts of the gradient of W, each with the factors of some steps."""
    part = PART.format(first=first, last=last)
    return f"batch(sum(sum({part} @ h[k - 1].T for k in steps(1, t)) for t in steps(1, T)))"


W = identity(
    "rnn.rescaled-W",
    "The part of the gradient that came from step t back to k carries the factors of all steps"
    " between.",
    f"rescaled_W == {parts('k', 't')}",
    wrong={
        "the factor of its last step alone": parts("k", "k"),
        "the factor of the loss's step alone": parts("t", "t"),
        "the gradient, times one factor": "s[T] * dW",
        "the gradient": "dW",
    },
)

MESSAGES = "sum({factors} * d(E[u], h[t]) for u in steps(t, T))"

states = identity(
    "rnn.rescaled-states",
    "So does what a later loss says of a state; its last factor is that of the state itself.",
    f"rescaled_h[t] == {MESSAGES.format(factors='prod(s[j] for j in steps(t, u))')}",
    t="steps(1, T)",
    wrong={
        "the state's own factor forgotten": MESSAGES.format(
            factors="prod(s[j] for j in steps(t + 1, u))"
        ),
        "the factor of the loss's step alone": MESSAGES.format(factors="s[u]"),
        "one factor for all": MESSAGES.format(factors="s[t]"),
    },
)

V = identity(
    "rnn.rescaled-V",
    "The output layer's gradient is met before any message, and stays what it is.",
    "rescaled_V == batch(d(L, V))",
    wrong={"scaled": "s[T] * batch(d(L, V))"},
)

ALL = (W, states, V)
