"""The claims of source ``jacobian``: a question on the state Jacobian, and its answer."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, holds_as, mistake
from bpttcheck.statements.identity import Source

QUESTION = Source("jacobian", "the question")
ANSWER = Source("jacobian", "the answer")

PRINTED = r"\frac{\partial x_i}{\partial x_{i-1}} = W^{\top} \operatorname{diag}(\sigma'(x_{i-1}))"

CLAIMS = (
    Claim(
        "jacobian.forward",
        "The network with the pre-activation as its state, beside the usual one.",
        r"x_t = W \sigma(x_{t-1}) + W_{\mathrm{in}} u_t + b",
        QUESTION,
        (
            holds_as(
                "rnn.preactivation-forward",
                "rnn.state",
                name="x_t is the pre-activation, h_t = σ(x_t) the state",
            ),
        ),
    ),
    Claim(
        "jacobian.transposed-numerator",
        "The paper's Jacobian of one step, with W transposed; rows are the later state's entries.",
        PRINTED,
        QUESTION,
        (mistake("rnn.preactivation-step", "Wᵀ for W", name="numerator layout"),),
        corrected="rnn.preactivation-step",
    ),
    Claim(
        "jacobian.transposed-denominator",
        "The same formula; rows are the earlier state's entries.",
        PRINTED,
        QUESTION,
        (
            mistake(
                "rnn.preactivation-step-denominator",
                "only W transposed",
                name="denominator layout",
            ),
        ),
        corrected="rnn.preactivation-step-denominator",
    ),
    Claim(
        "jacobian.two-by-two",
        "The asker's own calculation with two states.",
        r"\frac{\partial y}{\partial x} = \begin{pmatrix} w_{11} \sigma'(x_1) & w_{12} \sigma'(x_2)"
        r" \\ w_{21} \sigma'(x_1) & w_{22} \sigma'(x_2) \end{pmatrix} = W"
        r" \operatorname{diag}(\sigma'(x))",
        QUESTION,
        (holds_as("rnn.preactivation-step"),),
    ),
    Claim(
        "jacobian.chain-rule",
        "The chain rule through z = σ(x), for any number of states.",
        r"\frac{\partial y}{\partial x} = \frac{\partial y}{\partial z} \frac{\partial z}{\partial"
        r" x} = W \operatorname{diag}(\sigma'(x))",
        QUESTION,
        (holds_as("rnn.jacobian-chain", "rnn.linear-jacobian", "rnn.preactivation-step"),),
    ),
    Claim(
        "jacobian.linear",
        "Without an activation the Jacobian is W itself.",
        r"\frac{\partial (W z)}{\partial z} = W",
        ANSWER,
        (holds_as("rnn.linear-jacobian"),),
    ),
)
