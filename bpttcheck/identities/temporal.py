"""Temporal components: a step's loss acts on a weight through every step up to its own.

∂⁺a_k/∂θ is the immediate derivative, within step k, the state before held fixed.
"""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

SHORT = Domain(largest={"T": 4, "n": 4, "m": 3})

identity = about("rnn", Source("Pascanu, Mikolov and Bengio 2013", "eqs. 3–5"), domain=SHORT)


def _component(name: str, entry: str, equivalent: Any = None, **ranges: str) -> Any:
    def right(part: str, jacobian: str = "d(a[t], a[k])") -> str:
        return f"sum(inner(d(E[t], a[t]), {jacobian} @ {part}) for k in steps(1, t))"

    immediate = f"immediate(a[k], {entry})"
    return identity(
        f"rnn.temporal-{name}",
        f"The gradient of {name} at a step: this loss, back to step k, into {name} there.",
        f"d(E[t], {entry}) == {right(immediate)}",
        t="steps(1, T)",
        **ranges,
        equivalent=equivalent,
        wrong={
            "total derivatives for immediate ones": right(f"d(a[k], {entry})"),
            "the last step alone": f"inner(d(E[t], a[t]), immediate(a[t], {entry}))",
            "the Jacobians transposed": right(immediate, "d(a[t], a[k]).T"),
        },
    )


W = _component("W", "W[i, j]", i="steps(1, n)", j="steps(1, n)")
U = _component("U", "U[i, j]", i="steps(1, n)", j="steps(1, m)")
b = _component(
    "b",
    "b[i]",
    i="steps(1, n)",
    equivalent={
        "sum((inner(d(E[t], a[t]), d(a[t], a[k]) @ immediate(a[k + 1], b[i]))"
        " for k in steps(1, t)))": "a bias does the same within every step",
    },
)

immediate_step = identity(
    "rnn.immediate-step",
    "Within a step, an entry of W meets one entry of the state before, in its own row.",
    "immediate(h[k], W[i, j]) == diag(phi.prime(a[k])) @ immediate(a[k], W[i, j])",
    k="steps(1, T)",
    i="steps(1, n)",
    j="steps(1, n)",
    wrong={"φ′ forgotten": "immediate(a[k], W[i, j])", "total": "d(h[k], W[i, j])"},
)

total_step = identity(
    "rnn.total-step",
    "The total derivative: the immediate one, and what the state before brings along.",
    "d(h[t], W[i, j]) == immediate(h[t], W[i, j]) + d(h[t], h[t - 1]) @ d(h[t - 1], W[i, j])",
    t="steps(1, T)",
    i="steps(1, n)",
    j="steps(1, n)",
    source=Source("Williams and Zipser 1989", "the recursion of real-time recurrent learning"),
    wrong={
        "the immediate part alone": "immediate(h[t], W[i, j])",
        "the part of the state before alone": "d(h[t], h[t - 1]) @ d(h[t - 1], W[i, j])",
    },
)

ALL = (W, U, b, immediate_step, total_step)
