"""State Jacobians of the vanilla RNN, in numerator layout and in denominator layout."""

from __future__ import annotations

from bpttcheck.statements.identity import Domain, Source, about

PASCANU = "Pascanu, Mikolov and Bengio 2013"
QUESTION = Source("jacobian", "the question")
ANSWER = Source("jacobian", "the answer")
SHORT = Domain(largest={"T": 8})
EVERY = "steps(1, T)"
AFTER_FIRST = "steps(2, T)"

identity = about("rnn", QUESTION, domain=SHORT)

pascanu_forward = identity(
    "rnn.preactivation-forward",
    "With the pre-activation as the state, σ stands inside: the same network, another name.",
    "a[t] == W @ phi(a[t - 1]) + U @ x[t] + b",
    t=AFTER_FIRST,
    source=Source(PASCANU, "eq. 2"),
    wrong={
        "σ outside": "phi(W @ a[t - 1] + U @ x[t] + b)",
        "σ left out": "W @ a[t - 1] + U @ x[t] + b",
        "Wᵀ for W": "W.T @ phi(a[t - 1]) + U @ x[t] + b",
    },
)

linear = identity(
    "rnn.linear-jacobian",
    "The Jacobian of W z is W.",
    "d(a[t], h[t - 1]) == W",
    t=EVERY,
    source=ANSWER,
    wrong={"Wᵀ for W": "W.T"},
)

chain = identity(
    "rnn.jacobian-chain",
    "In numerator layout the chain rule reads from left to right.",
    "d(a[t], a[t - 1]) == d(a[t], h[t - 1]) @ d(h[t - 1], a[t - 1])",
    t=AFTER_FIRST,
    wrong={"from right to left": "d(h[t - 1], a[t - 1]) @ d(a[t], h[t - 1])"},
)

step = identity(
    "rnn.preactivation-step",
    "One step between pre-activations, in numerator layout: row i belongs to the later entry i.",
    "d(a[t], a[t - 1]) == W @ diag(phi.prime(a[t - 1]))",
    t=AFTER_FIRST,
    wrong={
        "Wᵀ for W": "W.T @ diag(phi.prime(a[t - 1]))",
        "φ′ before W": "diag(phi.prime(a[t - 1])) @ W",
        "φ′ of this step": "W @ diag(phi.prime(a[t]))",
    },
)

step_denominator = identity(
    "rnn.preactivation-step-denominator",
    "The same in denominator layout: transposed as a whole, so the factors change places.",
    "d(a[t], a[t - 1]).T == diag(phi.prime(a[t - 1])) @ W.T",
    t=AFTER_FIRST,
    wrong={
        "only W transposed": "W.T @ diag(phi.prime(a[t - 1]))",
        "nothing transposed": "W @ diag(phi.prime(a[t - 1]))",
    },
)

state_jacobian = identity(
    "rnn.state-jacobian",
    "One factor φ′ W for each step between two states, the latest on the left.",
    "d(h[t], h[k]) == compose(diag(phi.prime(a[j])) @ W for j in down(t, k + 1))",
    t=EVERY,
    k="steps(0, t - 1)",
    source=Source(PASCANU, "eq. 5, for the state h"),
    wrong={
        "the earliest on the left": "compose(diag(phi.prime(a[j])) @ W for j in steps(k + 1, t))",
        "W before φ′": "compose(W @ diag(phi.prime(a[j])) for j in down(t, k + 1))",
        "Wᵀ for W": "compose(diag(phi.prime(a[j])) @ W.T for j in down(t, k + 1))",
        "one φ′ for all steps": "compose(diag(phi.prime(a[t])) @ W for j in down(t, k + 1))",
        "W and φ′ in products of their own": (
            "compose(W for j in down(t, k + 1)) @ compose(diag(phi.prime(a[j]))"
            " for j in down(t, k + 1))"
        ),
    },
)

preactivation_jacobian = identity(
    "rnn.preactivation-jacobian",
    "Between pre-activations, the state of Pascanu's convention, W stands left of φ′.",
    "d(a[t], a[k]) == compose(W @ diag(phi.prime(a[j])) for j in down(t - 1, k))",
    t=EVERY,
    k="steps(1, t - 1)",
    source=Source(PASCANU, "eq. 5, in numerator layout"),
    wrong={
        "Wᵀ for W": "compose(W.T @ diag(phi.prime(a[j])) for j in down(t - 1, k))",
        "φ′ before W": "compose(diag(phi.prime(a[j])) @ W for j in down(t - 1, k))",
        "the steps of h": "compose(W @ diag(phi.prime(a[j])) for j in down(t, k + 1))",
    },
)

ALL = (
    pascanu_forward,
    linear,
    chain,
    step,
    step_denominator,
    state_jacobian,
    preactivation_jacobian,
)
