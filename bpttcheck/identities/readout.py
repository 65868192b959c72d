"""From the state to the loss: outputs, softmax, and the Jacobian of the prediction."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

VECTOR = Source("vector", "the gradient at the final step")
ANSWER = Source("vector", "the answer")
BOOK = "Goodfellow, Bengio and Courville 2016"


def _nll(case: Any) -> bool:
    return bool(case.loss == "nll")


ANY_STEP = Domain(largest={"T": 4})
NLL = Domain("softmax and NLL, any targets", _nll, largest={"T": 4})

identity = about("rnn", VECTOR, domain=ANY_STEP)

preactivation_components = identity(
    "rnn.preactivation-components",
    "One entry of the pre-activation, written out.",
    "a[t][i] == b[i] + sum(W[i, j] * h[t - 1][j] for j in steps(1, n))"
    " + sum(U[i, j] * x[t][j] for j in steps(1, m))",
    t="steps(1, T)",
    i="steps(1, n)",
    source=Source("vector", "the pre-activations"),
    wrong={
        "a bias for every step": (
            "b[t][i] + sum(W[i, j] * h[t - 1][j] for j in steps(1, n))"
            " + sum(U[i, j] * x[t][j] for j in steps(1, m))"
        ),
        "columns for rows": (
            "b[i] + sum(W[j, i] * h[t - 1][j] for j in steps(1, n))"
            " + sum(U[i, j] * x[t][j] for j in steps(1, m))"
        ),
    },
)

output_components = identity(
    "rnn.output-components",
    "One entry of the output, written out.",
    "o[t][i] == c[i] + sum(V[i, j] * h[t][j] for j in steps(1, n))",
    t="steps(1, T)",
    i="steps(1, p)",
    source=Source("vector", "the outputs"),
    wrong={
        "a bias for every step": "c[t][i] + sum(V[i, j] * h[t][j] for j in steps(1, n))",
        "one state left out": "c[i] + sum(V[i, j] * h[t][j] for j in steps(1, n - 1))",
    },
)

loss_seed = identity(
    "rnn.loss-seed",
    "Each step's loss counts once.",
    "d(L, E[t]) == 1",
    t="steps(1, T)",
    source=Source(BOOK, "eq. 10.17"),
    wrong={"the mean over the steps": "1 / (T + 1)", "nothing": "0"},
)

PREDICTION = "exp(c[1] + sum(V[1, l] * h[t][l] for l in steps(1, n)))"
NORMALISER = "sum(exp(c[k] + sum(V[k, l] * h[t][l] for l in steps(1, n))) for k in steps(1, p))"
EXPANDED = (
    f"(V[1, 1] * {PREDICTION} * {NORMALISER} - sum(V[k, 1] * exp(c[k] + sum(V[{{row}}, l]"
    f" * h[t][l] for l in steps(1, n))) for k in steps(1, p)) * {PREDICTION}) / {NORMALISER} ** 2"
)

quotient = identity(
    "rnn.prediction-quotient",
    "The quotient rule on the first probability, with every output written out.",
    f"d(y_hat[t][1], h[t][1]) == {EXPANDED.format(row='k')}",
    t="steps(1, T)",
    wrong={"the first row of V in every exponential": EXPANDED.format(row="1")},
)

compact = identity(
    "rnn.prediction-compact",
    "The same with the outputs by name.",
    "d(y_hat[t][1], h[t][1]) == (V[1, 1] * exp(o[t][1]) * sum(exp(o[t][k]) for k in steps(1, p))"
    " - sum(V[k, 1] * exp(o[t][k]) for k in steps(1, p)) * exp(o[t][1]))"
    " / sum(exp(o[t][k]) for k in steps(1, p)) ** 2",
    t="steps(1, T)",
    wrong={
        "the square forgotten": (
            "(V[1, 1] * exp(o[t][1]) * sum(exp(o[t][k]) for k in steps(1, p))"
            " - sum(V[k, 1] * exp(o[t][k]) for k in steps(1, p)) * exp(o[t][1]))"
            " / sum(exp(o[t][k]) for k in steps(1, p))"
        ),
    },
)

multiplied_out = identity(
    "rnn.prediction-multiplied-out",
    "The same in probabilities.",
    "d(y_hat[t][1], h[t][1]) == V[1, 1] * y_hat[t][1] - V[1, 1] * y_hat[t][1] * y_hat[t][1]"
    " - sum(V[k, 1] * y_hat[t][k] * y_hat[t][1] for k in steps(2, p))",
    t="steps(1, T)",
    wrong={
        "the softmax's own term alone": (
            "V[1, 1] * y_hat[t][1] - V[1, 1] * y_hat[t][1] * y_hat[t][1]"
        ),
    },
)

component = identity(
    "rnn.prediction-component",
    "How the first probability answers to each state.",
    "d(y_hat[t][1], h[t][j]) == -y_hat[t][1] * (V[1, j] * (y_hat[t][1] - 1)"
    " + sum(V[k, j] * y_hat[t][k] for k in steps(2, p)))",
    t="steps(1, T)",
    j="steps(1, n)",
    wrong={
        "the sign": (
            "y_hat[t][1] * (V[1, j] * (y_hat[t][1] - 1)"
            " + sum(V[k, j] * y_hat[t][k] for k in steps(2, p)))"
        ),
        "the factor ŷ_1 forgotten": (
            "-(V[1, j] * (y_hat[t][1] - 1) + sum(V[k, j] * y_hat[t][k] for k in steps(2, p)))"
        ),
    },
)

row = identity(
    "rnn.prediction-row",
    "All states at once, for any one probability: here the factor −ŷ_i belongs.",
    "d(y_hat[t][i], h[t]) == -y_hat[t][i] * (V.T @ (y_hat[t] - unit(i)))",
    t="steps(1, T)",
    i="steps(1, p)",
    wrong={
        "the factor ŷ_i forgotten": "-(V.T @ (y_hat[t] - unit(i)))",
        "the sign": "y_hat[t][i] * (V.T @ (y_hat[t] - unit(i)))",
        "V for Vᵀ": "-y_hat[t][i] * (V @ (y_hat[t] - unit(i)))",
    },
)

jacobian = identity(
    "rnn.prediction-jacobian",
    "All probabilities at once, in numerator layout: V stands on the right.",
    "d(y_hat[t], h[t]) == -diag(y_hat[t]) @ (ones_p @ y_hat[t].T - I) @ V",
    t="steps(1, T)",
    wrong={
        "as the source stacks it": "-diag(y_hat[t]) @ V.T @ (y_hat[t] @ ones_p.T - I)",
        "the sign": "diag(y_hat[t]) @ (ones_p @ y_hat[t].T - I) @ V",
        "the diagonal forgotten": "-(ones_p @ y_hat[t].T - I) @ V",
    },
)

chain = identity(
    "rnn.prediction-chain",
    "The chain rule through the probabilities: a sum over all of them.",
    "d(L, h[T][1]) == sum(d(L, y_hat[T][i]) * d(y_hat[T][i], h[T][1]) for i in steps(1, p))",
    source=ANSWER,
    domain=NLL,
    wrong={
        "a minus sign before the sum": (
            "-sum(d(L, y_hat[T][i]) * d(y_hat[T][i], h[T][1]) for i in steps(1, p))"
        ),
        "the first probability alone": "d(L, y_hat[T][1]) * d(y_hat[T][1], h[T][1])",
    },
)

weighted = identity(
    "rnn.prediction-weighted",
    "With the loss's own derivative −y_i/ŷ_i put in.",
    "d(L, h[T][1]) == -sum(y[T][i] * (1 / y_hat[T][i]) * d(y_hat[T][i], h[T][1])"
    " for i in steps(1, p))",
    source=ANSWER,
    domain=NLL,
    wrong={
        "1/ŷ forgotten": "-sum(y[T][i] * d(y_hat[T][i], h[T][1]) for i in steps(1, p))",
        "the sign": "sum(y[T][i] * (1 / y_hat[T][i]) * d(y_hat[T][i], h[T][1])"
        " for i in steps(1, p))",
    },
)

cancelled = identity(
    "rnn.prediction-cancelled",
    "The factors −ŷ_i have met 1/ŷ_i and are gone.",
    "d(L, h[T][1]) == sum(y[T][i] * (sum(V[k, 1] * y_hat[T][k] for k in steps(1, p)) - V[i, 1])"
    " for i in steps(1, p))",
    source=ANSWER,
    domain=NLL,
    wrong={
        "a factor −ŷ_i left over": (
            "-sum(y[T][i] * y_hat[T][i] * (sum(V[k, 1] * y_hat[T][k] for k in steps(1, p))"
            " - V[i, 1]) for i in steps(1, p))"
        ),
    },
)

ALL = (
    preactivation_components,
    output_components,
    loss_seed,
    quotient,
    compact,
    multiplied_out,
    component,
    row,
    jacobian,
    chain,
    weighted,
    cancelled,
)
