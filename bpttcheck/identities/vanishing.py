"""What vanishes and what explodes in a vanilla RNN: bounds on state Jacobians and gradients.

Norms are spectral: the largest singular value of a matrix, the length of a column.
"""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

NOTES = Source("notes", "vanishing gradient")
PASCANU = Source("Pascanu, Mikolov and Bengio 2013", "section 2.1")
OURS = Source("bpttcheck", "the exact form of a claim in prose")

SHORT = Domain(largest={"T": 6, "n": 4})
EVERY = "steps(1, T)"
BEFORE = "steps(0, t - 1)"
UP_TO = "steps(1, t)"


def _phi(name: str) -> Any:
    return lambda case: bool(case.phi == name)


LINEAR = Domain("the states are linear, φ(a) = a", _phi("linear"), SHORT.largest)
RELU = Domain("the activation of the state is ReLU", _phi("relu"), SHORT.largest)

identity = about("rnn", PASCANU, domain=SHORT)

jacobian_bound = identity(
    "rnn.jacobian-bound",
    "Between two states lie as many factors ‖W‖γ as steps, at most.",
    "norm(d(h[t], h[k])) <= (norm(W) * gamma) ** (t - k)",
    t=EVERY,
    k=BEFORE,
    wrong={
        "the largest eigenvalue": "(rho(W) * gamma) ** (t - k)",
        "one step for all": "norm(W) * gamma",
        "the weights forgotten": "gamma ** (t - k)",
    },
    equivalent={"norm(W) ** (t - k)": "weaker, since γ ≤ 1"},
)

preactivation_bound = identity(
    "rnn.preactivation-bound",
    "The same between pre-activations, the states of Pascanu's convention.",
    "norm(d(a[t], a[k])) <= (norm(W) * gamma) ** (t - k)",
    t=EVERY,
    k=UP_TO,
    wrong={"the largest eigenvalue": "(rho(W) * gamma) ** (t - k)"},
    equivalent={"norm(W) ** (t - k)": "weaker, since γ ≤ 1"},
)

transposed_bound = identity(
    "rnn.transposed-bound",
    "The product with Wᵀ, which is not the Jacobian, obeys the bound of the Jacobian.",
    "norm(compose(W.T @ diag(phi.prime(a[j])) for j in down(t - 1, k)))"
    " <= (norm(W) * gamma) ** (t - k)",
    t="steps(2, T)",
    k="steps(1, t - 1)",
    source=Source("jacobian", "the answer"),
    wrong={"the largest eigenvalue": "(rho(W) * gamma) ** (t - k)"},
    equivalent={"norm(W) ** (t - k)": "weaker, since γ ≤ 1"},
)

gradient_bound = identity(
    "rnn.gradient-bound",
    "What a step's loss says of an earlier state shrinks, or grows, by ‖W‖γ a step at most.",
    "norm(d(E[t], a[k])) <= (norm(W) * gamma) ** (t - k) * norm(d(E[t], a[t]))",
    t=EVERY,
    k=UP_TO,
    wrong={
        "the largest eigenvalue": "(rho(W) * gamma) ** (t - k) * norm(d(E[t], a[t]))",
        "the loss's own gradient forgotten": "(norm(W) * gamma) ** (t - k)",
    },
    equivalent={"norm(W) ** (t - k) * norm(d(E[t], a[t]))": "weaker, since γ ≤ 1"},
)

slopes_bound = identity(
    "rnn.slopes-bound",
    "The steepest slope met at each step, times ‖W‖ a step, bounds the product of the Jacobians.",
    "norm(d(h[t], h[k])) <= prod(norm(diag(phi.prime(a[j]))) for j in steps(k + 1, t))"
    " * norm(W) ** (t - k)",
    t=EVERY,
    k=BEFORE,
    source=OURS,
    wrong={
        "W to a power, inside the norm": (
            "prod(norm(diag(phi.prime(a[j]))) for j in steps(k + 1, t))"
            " * norm(compose(W for j in down(t, k + 1)))"
        ),
        "the steepest slope of the last step for all": (
            "norm(diag(phi.prime(a[t]))) ** (t - k) * norm(W) ** (t - k)"
        ),
    },
    equivalent={
        "norm(W) ** (t - k)": "weaker, since no slope exceeds 1",
        **{
            f"prod((norm(diag(phi.prime(a[j]))) for j in {fewer})) * norm(W) ** (t - k)": "likewise"
            for fewer in ("steps(k + 2, t)", "steps(k + 1, t - 1)")
        },
    },
)

W_gradient_bound = identity(
    "rnn.W-gradient-bound",
    "Of a step's gradient of W, only the part that came through many steps shrinks.",
    "norm(d(E[t], W)) <= sum((norm(W) * gamma) ** (t - k) * norm(d(E[t], a[t])) * norm(h[k - 1])"
    " for k in steps(1, t))",
    t=EVERY,
    source=OURS,
    wrong={
        "the whole shrinks as its longest part": (
            "(norm(W) * gamma) ** (t - 1) * norm(d(E[t], a[t])) * norm(h[0])"
        ),
        "the states forgotten": (
            "sum((norm(W) * gamma) ** (t - k) * norm(d(E[t], a[t])) for k in steps(1, t))"
        ),
    },
    equivalent={
        "sum((norm(W) ** (t - k) * norm(d(E[t], a[t])) * norm(h[k - 1]) for k in steps(1, t)))": (
            "weaker, since γ ≤ 1"
        ),
    },
)

linear_growth = identity(
    "rnn.linear-growth",
    "With linear states the Jacobian grows at least as fast as the largest eigenvalue's power.",
    "rho(W) ** (t - k) <= norm(d(h[t], h[k]))",
    t=EVERY,
    k=BEFORE,
    domain=LINEAR,
    wrong={"one step's Jacobian": "norm(d(h[t], h[t - 1]))"},
)

part_norm = identity(
    "rnn.W-part-norm",
    "A step's part of the gradient of W is as large as its message times its state.",
    "norm(d(E[t], a[k]) @ h[k - 1].T) == norm(d(E[t], a[k])) * norm(h[k - 1])",
    t=EVERY,
    k=UP_TO,
    source=OURS,
    wrong={"whatever the state": "norm(d(E[t], a[k]))"},
)

relu_jacobian = identity(
    "rnn.relu-jacobian",
    "With ReLU each step passes W through the active units, and nothing through the others.",
    "d(h[t], h[k]) == compose(diag(active(a[j])) @ W for j in down(t, k + 1))",
    t=EVERY,
    k=BEFORE,
    source=NOTES,
    domain=RELU,
    wrong={
        "every unit taken for active": "compose(W for j in down(t, k + 1))",
        "activity of the step before": (
            "compose(diag(active(a[j - 1])) @ W for j in down(t, k + 1))"
        ),
    },
)

ALL = (
    jacobian_bound,
    preactivation_bound,
    transposed_bound,
    gradient_bound,
    slopes_bound,
    W_gradient_bound,
    linear_growth,
    part_norm,
    relu_jacobian,
)
