"""The claims of source ``vector``: the terms of BPTT for a softmax/NLL RNN."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, ClaimReading, holds_as, mistake
from bpttcheck.statements.identity import Source

LOSS = Source("vector", "the loss")
GRADIENT = Source("vector", "the gradient on the outputs")
BOOK = Source("vector", "quoting Goodfellow, Bengio and Courville 2016, eq. 10.18")

FORWARD = Source("vector", "the network")
FINAL = Source("vector", "the gradient at the final step")
ANSWER = Source("vector", "the answer")


def _beyond(equations: str) -> Source:
    return Source("vector", f"what it is compared with: Deep Learning, eqs. {equations}")


CLAIMS = (
    Claim(
        "vector.forward",
        "The four equations of the network.",
        r"a^{(t)} = b + W h^{(t-1)} + U x^{(t)}, \quad h^{(t)} = \tanh(a^{(t)}), \quad"
        r" o^{(t)} = c + V h^{(t)}, \quad \hat y^{(t)} = \operatorname{softmax}(o^{(t)})",
        FORWARD,
        (holds_as("rnn.preactivation", "rnn.state", "rnn.output", "softmax-nll.softmax"),),
    ),
    Claim(
        "vector.preactivation-components",
        "The pre-activation written out, with a bias that carries the step as an index.",
        r"a_1^{(t)} = b_1^{(t)} + \sum_{i=1}^{5} w_{1i} h_i^{(t-1)} + \sum_{j=1}^{4} u_{1j}"
        r" x_j^{(t)}, \quad \ldots",
        FORWARD,
        (
            holds_as("rnn.preactivation-components", name="one bias for all steps"),
            mistake("rnn.preactivation-components", "a bias for every step"),
        ),
        corrected="rnn.preactivation-components",
        condition="the bias is the same at every step, b_i, as the network itself defines it.",
    ),
    Claim(
        "vector.output-components",
        "The output as a 3×5 matrix times a column of four entries, then as sums over five.",
        r"\begin{pmatrix} o_1 \\ o_2 \\ o_3 \end{pmatrix} = \begin{pmatrix} c_1^{(t)} \\ \vdots"
        r"\end{pmatrix} + \begin{pmatrix} v_{11} & \cdots & v_{15} \\ \vdots & & \vdots"
        r"\end{pmatrix} \begin{pmatrix} \tanh a_1 \\ \tanh a_2 \\ \tanh a_3 \\ \tanh a_4"
        r"\end{pmatrix}, \qquad o_1^{(t)} = c_1^{(t)} + \sum_{i=1}^{5} v_{1i} h_i^{(t)}",
        FORWARD,
        (
            mistake("rnn.output", "one state short", name="the matrix as printed"),
            holds_as("rnn.output-components", name="the sums, one bias for all steps"),
        ),
        corrected="rnn.output",
        condition="the sums over all five states are read, not the column of four.",
    ),
    Claim(
        "vector.softmax-components",
        "The probabilities written out.",
        r"\hat y_i^{(t)} = \frac{\exp(o_i^{(t)})}{\sum_{k=1}^{3} \exp(o_k^{(t)})}",
        FORWARD,
        (holds_as("softmax-nll.softmax"),),
    ),
    Claim(
        "vector.loss-seed",
        "The recursion over the losses starts from one.",
        r"\frac{\partial L}{\partial L^{(t)}} = 1",
        LOSS,
        (holds_as("rnn.loss-seed"),),
    ),
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
            ClaimReading(
                "any real y in the place of the indicator",
                ("softmax-nll.gradient-any-targets",),
                version="Σy taken for one",
            ),
        ),
        corrected="softmax-nll.gradient-any-targets",
        condition="Σ_i y_i = 1, as for one class. For other targets M y = (Σ_i y_i) ŷ − y.",
    ),
    Claim(
        "vector.quotient-expansion",
        "The quotient rule on the first probability, with V's first row in every exponential.",
        r"\frac{\partial \hat y_1}{\partial h_1} = \frac{v_{11} e^{c_1 + \sum_i v_{1i} h_i} S -"
        r" \left(v_{11} e^{c_1 + \sum_i v_{1i} h_i} + v_{21} e^{c_2 + \sum_i v_{1i} h_i} + v_{31}"
        r" e^{c_3 + \sum_i v_{1i} h_i}\right) e^{c_1 + \sum_i v_{1i} h_i}}{S^2}",
        FINAL,
        (mistake("rnn.prediction-quotient", "the first row of V in every exponential"),),
        corrected="rnn.prediction-quotient",
    ),
    Claim(
        "vector.prediction-jacobian-first",
        "The same in compact form, multiplied out, and with −ŷ_1 in front.",
        r"\frac{\partial \hat y_1}{\partial h_1} = \frac{v_{11} e^{o_1} S - (v_{11} e^{o_1} +"
        r" v_{21} e^{o_2} + v_{31} e^{o_3}) e^{o_1}}{S^2} = v_{11} \hat y_1 - v_{11} \hat y_1 \hat"
        r" y_1 - v_{21} \hat y_2 \hat y_1 - v_{31} \hat y_3 \hat y_1 = -\hat y_1 [v_{11} (\hat"
        r" y_1 - 1) + v_{21} \hat y_2 + v_{31} \hat y_3]",
        FINAL,
        (
            holds_as("rnn.prediction-compact", name="compact"),
            holds_as("rnn.prediction-multiplied-out", name="multiplied out"),
            holds_as("rnn.prediction-component", name="with −ŷ_1 in front"),
        ),
    ),
    Claim(
        "vector.prediction-jacobian-row",
        "The same for every state, and as a matrix times a column.",
        r"\frac{\partial \hat y_1}{\partial h_j} = -\hat y_1 [v_{1j} (\hat y_1 - 1) + v_{2j} \hat"
        r" y_2 + v_{3j} \hat y_3], \qquad -\hat y_1 V^{\top} (\hat y - e_1)",
        FINAL,
        (
            holds_as("rnn.prediction-component", name="entry by entry"),
            holds_as("rnn.prediction-row", name="the matrix form"),
        ),
    ),
    Claim(
        "vector.prediction-jacobian-stacked",
        "All three probabilities at once: a 3×3 matrix times a 5×3 one.",
        r"-\operatorname{diag}(\hat y)\, V^{\top} M, \quad M_{ij} = \hat y_i - [i = j]",
        FINAL,
        (mistake("rnn.prediction-jacobian", "as the source stacks it"),),
        corrected="rnn.prediction-jacobian",
    ),
    Claim(
        "vector.stray-factor",
        "The question itself: whether −ŷ_i belongs into the gradient at the last state.",
        r"\nabla_{h^{(\tau)}} L = V^{\top} \nabla_{o^{(\tau)}} L, \text{ or with } -\hat y_i"
        r"\text{ on each term?}",
        FINAL,
        (
            holds_as("rnn.terminal-gradient", name="as the book has it (10.19)"),
            mistake("rnn.terminal-gradient", "the asker's −ŷ_i", name="with the extra factor"),
        ),
        corrected="rnn.terminal-gradient",
        condition="there is no factor: −ŷ_i is part of ∂ŷ_i/∂h, and meets 1/ŷ_i in ∂L/∂ŷ_i.",
    ),
    Claim(
        "vector.answer-chain",
        "The answer's chain rule through the probabilities, with a minus sign in front.",
        r"\nabla_{h_1} L = -\sum_{i=1}^{3} \nabla_{\hat y_i} L\, \nabla_{h_1} \hat y_i",
        ANSWER,
        (mistake("rnn.prediction-chain", "a minus sign before the sum"),),
        corrected="rnn.prediction-chain",
    ),
    Claim(
        "vector.answer-cancellation",
        "With ∂L/∂ŷ_i = −y_i/ŷ_i put in, the factors ŷ_i cancel.",
        r"\nabla_{h_1} L = -\sum_{i=1}^{3} y_i \frac{1}{\hat y_i} \nabla_{h_1} \hat y_i",
        ANSWER,
        (
            holds_as("rnn.prediction-weighted", name="the second line by itself"),
            holds_as("rnn.prediction-cancelled", name="the ŷ_i cancel"),
        ),
    ),
    Claim(
        "vector.hidden-gradient",
        "From the gradient at the next state and at this output to that at this state.",
        r"\nabla_{h^{(t)}} L = W^{\top} D_{t+1} \nabla_{h^{(t+1)}} L + V^{\top} \nabla_{o^{(t)}} L,"
        r" \quad D_t = \operatorname{diag}(1 - (h^{(t)})^2)",
        _beyond("10.20–10.21"),
        (
            holds_as("rnn.hidden-gradient", "rnn.hidden-gradient-tanh", name="Wᵀ D g"),
            mistake(
                "rnn.hidden-gradient-tanh",
                "the gradient before the diagonal",
                name="Wᵀ g D, as some printings have it",
            ),
        ),
        corrected="rnn.hidden-gradient-tanh",
        condition="the diagonal stands before the gradient: Wᵀ g D does not compose.",
    ),
    *(
        Claim(
            f"vector.{name}-gradient",
            f"The gradient of {name}, summed over the steps.",
            printed,
            _beyond(equations),
            (holds_as(f"rnn.{name}-gradient", name="as printed, for any activation"),),
        )
        for name, equations, printed in (
            ("c", "10.22", r"\nabla_c L = \sum_t \nabla_{o^{(t)}} L"),
            ("b", "10.23", r"\nabla_b L = \sum_t D_t \nabla_{h^{(t)}} L"),
            ("V", "10.24", r"\nabla_V L = \sum_t (\nabla_{o^{(t)}} L)\, h^{(t) \top}"),
            ("W", "10.25–10.26", r"\nabla_W L = \sum_t D_t (\nabla_{h^{(t)}} L)\, h^{(t-1) \top}"),
            ("U", "10.27–10.28", r"\nabla_U L = \sum_t D_t (\nabla_{h^{(t)}} L)\, x^{(t) \top}"),
        )
    ),
)
