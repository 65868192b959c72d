"""The claims of source ``jacobian``: a question on the state Jacobian, and its answer."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, holds_as, mistake
from bpttcheck.statements.identity import Source

QUESTION = Source("jacobian", "the question")
ANSWER = Source("jacobian", "the answer")
PAPER = Source("jacobian", "what it asks about: Pascanu, Mikolov and Bengio 2013, section 2")

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
    Claim(
        "jacobian.bound-survives",
        "The bound on the Jacobian does not see whether W was transposed.",
        r"\left\lVert \frac{\partial x_t}{\partial x_k} \right\rVert \le (\lVert W \rVert"
        r" \gamma)^{t-k} \text{ from } W^{\top} \operatorname{diag}(\sigma') \text{ as from } W"
        r" \operatorname{diag}(\sigma')",
        ANSWER,
        (
            holds_as("rnn.preactivation-bound", name="from the Jacobian"),
            holds_as("rnn.transposed-bound", name="from the product with Wᵀ"),
        ),
    ),
    Claim(
        "jacobian.vanishing-condition",
        "What has to be small for a gradient to vanish: a singular value, or an eigenvalue.",
        r"\left\lVert \frac{\partial \mathcal{E}_t}{\partial x_t} \frac{\partial x_t}{\partial x_k}"
        r" \right\rVert \le \eta^{t-k} \left\lVert \frac{\partial \mathcal{E}_t}{\partial x_t}"
        r" \right\rVert, \quad \eta = \lambda_1 \gamma < 1",
        PAPER,
        (
            holds_as(
                "rnn.gradient-bound", "rnn.jacobian-bound", name="λ₁ the largest singular value"
            ),
            mistake(
                "rnn.gradient-bound",
                "the largest eigenvalue",
                name="λ₁ the largest eigenvalue in modulus",
            ),
            holds_as("activations.tanh-range", "activations.tanh-peak", name="γ = 1 for tanh"),
            holds_as(
                "activations.sigmoid-quarter",
                "activations.sigmoid-peak",
                name="γ = 1/4 for the sigmoid",
            ),
        ),
        corrected="rnn.gradient-bound",
        condition="λ₁ is the largest singular value. Then ‖W‖γ < 1 makes gradients vanish, and"
        " ‖W‖γ > 1 is necessary for them to explode; at ‖W‖γ = 1 they may stay as they are.",
    ),
    Claim(
        "jacobian.temporal-components",
        "The gradient at a step, summed over all the steps at which the weight acted.",
        r"\frac{\partial \mathcal{E}_t}{\partial \theta} = \sum_{1 \le k \le t} \frac{\partial"
        r" \mathcal{E}_t}{\partial x_t} \frac{\partial x_t}{\partial x_k} \frac{\partial^{+}"
        r" x_k}{\partial \theta}",
        PAPER,
        (
            holds_as("rnn.temporal-W", "rnn.temporal-U", "rnn.temporal-b", name="θ = W, U or b"),
            mistake(
                "rnn.temporal-W",
                "total derivatives for immediate ones",
                name="∂⁺ read as the total derivative",
            ),
        ),
        corrected="rnn.temporal-W",
        condition="∂⁺ holds the state before fixed, as the paper says and many quotations do not.",
    ),
)
