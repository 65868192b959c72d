"""Softmax and negative log-likelihood: the loss written out, and its gradient ŷ − y."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

VECTOR = Source("vector", "the loss and its gradient")
BOOK = "Goodfellow, Bengio and Courville 2016"


def _sums_to_one(case: Any) -> bool:
    return case.targets in ("class", "distribution")


def _one_hot(case: Any) -> bool:
    return bool(case.targets == "class")


SUM_TO_ONE = Domain("the targets of a row sum to one", _sums_to_one)
ONE_HOT = Domain("the target is one class: y is one-hot", _one_hot)
ANY = Domain("the targets are any real numbers")

identity = about("softmax_nll", VECTOR, domain=ANY)

softmax = identity(
    "softmax-nll.softmax",
    "Each probability is its exponential's share of the sum.",
    "y_hat[i] == exp(o[i]) / sum(exp(o[k]) for k in steps(1, p))",
    i="steps(1, p)",
    source=Source(BOOK, "eq. 6.29"),
    wrong={
        "not normalised": "exp(o[i])",
        "the logits' share": "o[i] / sum(o[k] for k in steps(1, p))",
        "one exponential left out": "exp(o[i]) / sum(exp(o[k]) for k in steps(2, p))",
    },
)

log_softmax = identity(
    "softmax-nll.log-softmax",
    "The logarithm of a softmax is the logit less the log of the sum.",
    "log_y_hat[i] == o[i] - log(sum(exp(o[k]) for k in steps(1, p)))",
    i="steps(1, p)",
    source=Source(BOOK, "eq. 6.30"),
    wrong={
        "the log forgotten": "o[i] - sum(exp(o[k]) for k in steps(1, p))",
        "the exponentials forgotten": "o[i] - log(sum(exp(o[k]) ** 2 for k in steps(1, p)))",
    },
)

loss = identity(
    "softmax-nll.loss",
    "The loss is the cross-entropy of the targets and the softmax.",
    "nll == -sum(y[i] * log(y_hat[i]) for i in steps(1, p))",
    wrong={
        "the sign": "sum(y[i] * log(y_hat[i]) for i in steps(1, p))",
        "y and ŷ swapped": "-sum(y_hat[i] * log(y_hat[i]) for i in steps(1, p))",
        "the mean over classes": "-sum(y[i] * log(y_hat[i]) for i in steps(1, p)) / p",
    },
)

loss_expansion = identity(
    "softmax-nll.loss-expansion",
    "The loss in terms of the logits.",
    "-sum(y[i] * log(y_hat[i]) for i in steps(1, p))"
    " == -sum(y[i] * (o[i] - log(sum(exp(o[k]) for k in steps(1, p)))) for i in steps(1, p))",
    wrong={
        "the normaliser once instead of Σy times": (
            "-sum(y[i] * o[i] for i in steps(1, p)) + log(sum(exp(o[k]) for k in steps(1, p)))"
        ),
        "the sign of the normaliser": (
            "-sum(y[i] * (o[i] + log(sum(exp(o[k]) for k in steps(1, p)))) for i in steps(1, p))"
        ),
    },
)

gradient = identity(
    "softmax-nll.gradient",
    "The gradient with respect to the logits is prediction minus target.",
    "d(L, o) == y_hat - y",
    source=Source(BOOK, "eq. 10.18"),
    domain=SUM_TO_ONE,
    wrong={
        "the sign": "y - y_hat",
        "the target forgotten": "y_hat",
        "the factor of a squared error": "2 * (y_hat - y)",
        "divided by the classes": "(y_hat - y) / p",
        "the softmax's Jacobian forgotten": "-y",
    },
)

gradient_any_targets = identity(
    "softmax-nll.gradient-any-targets",
    "For targets that do not sum to one, the prediction counts Σy times.",
    "d(L, o) == S * y_hat - y",
    wrong={"Σy taken for one": "y_hat - y", "Σy on the target": "y_hat - S * y"},
)

gradient_first = identity(
    "softmax-nll.gradient-first",
    "One component, as the chain rule leaves it.",
    "d(L, o[1]) == -(y[1] * (1 - y_hat[1]) + sum(y[k] * -y_hat[1] for k in steps(2, p)))",
    wrong={
        "the other classes forgotten": "-(y[1] * (1 - y_hat[1]))",
        "ŷ_k for ŷ_1": "-(y[1] * (1 - y_hat[1]) + sum(y[k] * -y_hat[k] for k in steps(2, p)))",
    },
)

gradient_first_unsimplified = identity(
    "softmax-nll.gradient-first-unsimplified",
    "The same component with every softmax written out.",
    "d(L, o[1]) == -(y[1] * (1 - exp(o[1]) / sum(exp(o[i]) for i in steps(1, p)))"
    " + sum(y[k] * -(exp(o[1]) / sum(exp(o[i]) for i in steps(1, p)))"
    " for k in steps(2, p)))",
    wrong={
        "exp o_k for exp o_1": (
            "-(y[1] * (1 - exp(o[1]) / sum(exp(o[i]) for i in steps(1, p)))"
            " + sum(y[k] * -(exp(o[k]) / sum(exp(o[i]) for i in steps(1, p)))"
            " for k in steps(2, p)))"
        ),
    },
)

gradient_matrix = identity(
    "softmax-nll.gradient-matrix",
    "All components at once: the matrix has ŷ_i − 1 on its diagonal and ŷ_i elsewhere in row i.",
    "d(L, o) == (y_hat @ ones.T - I) @ y",
    wrong={
        "rows for columns": "(ones @ y_hat.T - I) @ y",
        "the diagonal forgotten": "y_hat @ ones.T @ y",
        "the sign": "(I - y_hat @ ones.T) @ y",
        "a column times a column": "(y_hat @ ones - I) @ y",
    },
)

gradient_class = identity(
    "softmax-nll.gradient-class",
    "For one class the matrix picks a column: M y and ŷ − 1_{i,y} are the same.",
    "(y_hat @ ones.T - I) @ y == y_hat - y",
    source=Source(BOOK, "eq. 10.18, beside the matrix of source vector"),
    domain=ONE_HOT,
    wrong={"the sign": "y - y_hat", "the target forgotten": "y_hat"},
)

reference_gradient = identity(
    "softmax-nll.reference-gradient",
    "The reference function computes the gradient for any targets.",
    "do == d(L, o)",
    wrong={"the sign": "-d(L, o)", "divided by the classes": "d(L, o) / p"},
)

ALL = (
    softmax,
    log_softmax,
    loss,
    loss_expansion,
    gradient,
    gradient_any_targets,
    gradient_first,
    gradient_first_unsimplified,
    gradient_matrix,
    gradient_class,
    reference_gradient,
)
