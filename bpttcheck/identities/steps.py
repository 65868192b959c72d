"""The loss of one step: how it depends on the weights, through that state and all before."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

BPTT = Source("notes", "backpropagation through time")
VANISHING = Source("notes", "vanishing gradient")


def _nll(case: Any) -> bool:
    return bool(case.loss == "nll")


def _sums_to_one(case: Any) -> bool:
    return case.loss == "nll" and case.targets in ("class", "distribution")


SHORT = Domain(largest={"T": 4, "n": 4})
NLL = Domain("softmax and NLL, any targets", _nll, largest={"T": 4})
ONE = Domain("softmax and NLL, the targets of a step sum to one", _sums_to_one, largest={"T": 4})

identity = about("rnn", BPTT, domain=SHORT)

state_update = identity(
    "rnn.state-update",
    "The whole step in one line: the state before goes in, this state comes out.",
    "h[t] == phi(b + W @ h[t - 1] + U @ x[t])",
    t="steps(1, T)",
    source=VANISHING,
    wrong={
        "h_t on both sides": "phi(b + W @ h[t] + U @ x[t])",
        "the activation left out": "b + W @ h[t - 1] + U @ x[t]",
    },
)

total_nll = identity(
    "rnn.total-nll",
    "The error of a sequence: an inner product at every step, added up.",
    "L == -sum(sum(y[t][i] * log(y_hat[t][i]) for i in steps(1, p)) for t in steps(1, T))",
    domain=NLL,
    wrong={
        "a product of two columns": "-sum(y[t] @ log(y_hat[t]) for t in steps(1, T))",
        "the last step alone": "-sum(y[T][i] * log(y_hat[T][i]) for i in steps(1, p))",
    },
)

gradient_sum = identity(
    "rnn.gradient-sum",
    "The gradient of a sum is the sum of the gradients.",
    "d(L, W) == sum(d(E[t], W) for t in steps(1, T))",
    wrong={"the last step alone": "d(E[T], W)"},
)

step_V = identity(
    "rnn.step-V-gradient",
    "One step's gradient of V: a column times a row, of that step's state alone.",
    "d(E[t], V) == (y_hat[t] - y[t]) @ h[t].T",
    t="steps(1, T)",
    domain=ONE,
    wrong={
        "a column times a column": "(y_hat[t] - y[t]) @ h[t]",
        "without the state": "(y_hat[t] - y[t]) @ ones.T",
        "the state before": "(y_hat[t] - y[t]) @ h[t - 1].T",
    },
)

step_W = identity(
    "rnn.step-W-gradient",
    "One step's gradient of W: from every state that W made, the one before held fixed.",
    "d(E[t], W[i, j]) == sum(d(E[t], h[k][i]) * phi.prime(a[k][i]) * h[k - 1][j]"
    " for k in steps(1, t))",
    t="steps(1, T)",
    i="steps(1, n)",
    j="steps(1, n)",
    wrong={
        "a term for k = 0": (
            "sum(d(E[t], h[k][i]) * phi.prime(a[k][i]) * h[k - 1][j] for k in steps(0, t))"
        ),
        "total derivatives of the states": (
            "sum(sum(d(E[t], h[k][l]) * d(h[k][l], W[i, j]) for l in steps(1, n))"
            " for k in steps(0, t))"
        ),
        "the last state alone": "d(E[t], h[t][i]) * phi.prime(a[t][i]) * h[t - 1][j]",
    },
)

hidden_step = identity(
    "rnn.hidden-step",
    "One step between states: the slopes on a diagonal, times W.",
    "d(h[t], h[t - 1]) == diag(phi.prime(a[t])) @ W",
    t="steps(1, T)",
    source=VANISHING,
    wrong={
        "the slopes as a column": "phi.prime(a[t]) @ W",
        "W on the left": "W @ diag(phi.prime(a[t]))",
        "Wᵀ for W": "diag(phi.prime(a[t])) @ W.T",
    },
)

ALL = (state_update, total_nll, gradient_sum, step_V, step_W, hidden_step)
