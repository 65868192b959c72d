"""Claims of source ``vector``: the softmax/NLL part."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, Reading, holds_as
from bpttcheck.statements.identity import Source

LOSS = Source("vector", "the loss")
GRADIENT = Source("vector", "the gradient on the outputs")
BOOK = Source("vector", "quoting Goodfellow, Bengio and Courville 2016, eq. 10.18")

CLAIMS = (
    Claim(
        "vector.loss-expansion",
        "The cross-entropy in terms of the logits and their log-sum-exp.",
        r"-\sum_{i=1}^{3} y_i \ln \hat y_i = -\sum_{i=1}^{3} y_i \left(o_i - \ln \sum_{k=1}^{3}"
        r" \exp o_k\right)",
        LOSS,
        (holds_as("softmax-nll.loss-expansion"),),
    ),
    Claim(
        "vector.output-gradient-first",
        "The first component of the gradient, written out and then with ŷ_1.",
        r"\frac{\partial L}{\partial o_1} = -\left[y_1 \left(1 - \frac{\exp o_1}{\sum_i \exp o_i}"
        r"\right) - y_2 \frac{\exp o_1}{\sum_i \exp o_i} - y_3 \frac{\exp o_1}{\sum_i \exp o_i}"
        r"\right] = -\left[y_1 (1 - \hat y_1) + y_2 (-\hat y_1) + y_3 (-\hat y_1)\right]",
        GRADIENT,
        (
            holds_as("softmax-nll.gradient-first-unsimplified", name="unsimplified"),
            holds_as("softmax-nll.gradient-first", name="simplified"),
        ),
    ),
    Claim(
        "vector.output-gradient-matrix",
        "All components at once, as a matrix of predictions times the targets.",
        r"\nabla_o L = \begin{pmatrix} \hat y_1 - 1 & \hat y_1 & \hat y_1 \\ \hat y_2 & \hat y_2"
        r" - 1 & \hat y_2 \\ \hat y_3 & \hat y_3 & \hat y_3 - 1 \end{pmatrix} \begin{pmatrix} y_1"
        r" \\ y_2 \\ y_3 \end{pmatrix}",
        GRADIENT,
        (holds_as("softmax-nll.gradient-matrix"),),
    ),
    Claim(
        "vector.softmax-nll",
        "Prediction minus target; the source asks how that and its matrix M y can both be right.",
        r"(\nabla_o L)_i = \hat y_i - \mathbf{1}_{i, y}",
        BOOK,
        (
            holds_as("softmax-nll.gradient", name="targets that sum to one"),
            holds_as("softmax-nll.gradient-class", name="one class, beside M y"),
            Reading(
                "any y ∈ ℝ³ in the place of the indicator",
                ("softmax-nll.gradient-any-targets",),
                version="Σy taken for one",
            ),
        ),
        corrected="softmax-nll.gradient-any-targets",
        condition="Σ_i y_i = 1, as for one class. For other targets M y = (Σ_i y_i) ŷ − y.",
    ),
)
