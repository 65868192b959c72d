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

states = identity(
    "rnn.rescaled-states",
    "A message is what comes from its step's loss and from the next message, times its factor.",
    "rescaled_h[t] == s[t] * (d(E[t], h[t]) + W.T @ diag(phi.prime(a[t + 1])) @ rescaled_h[t + 1])",
    t="steps(1, T - 1)",
    wrong={
        "the factor inside": (
            "d(E[t], h[t]) + s[t] * W.T @ diag(phi.prime(a[t + 1])) @ rescaled_h[t + 1]"
        ),
        "no factor": "d(E[t], h[t]) + W.T @ diag(phi.prime(a[t + 1])) @ rescaled_h[t + 1]",
    },
)

V = identity(
    "rnn.rescaled-V",
    "The output layer's gradient is met before any message, and stays what it is.",
    "rescaled_V == batch(d(L, V))",
    wrong={"scaled": "s[T] * batch(d(L, V))"},
)

ALL = (W, states, V)
