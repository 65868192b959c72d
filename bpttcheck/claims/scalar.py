"""The claims of source ``scalar``: a question on the scalar RNN, and its answer."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, ClaimReading, holds_as, mistake
from bpttcheck.statements.identity import Source

QUESTION = Source("scalar", "the question")
ANSWER = Source("scalar", "the answer")
BEYOND = Source("scalar", "not printed: what the recursion is for")

CLAIMS = (
    Claim(
        "scalar.forward",
        "Naming the pre-activation s_t changes nothing: three lines say what two lines said.",
        r"\begin{cases} s_t = w h_{t-1} + v x_t \\ h_t = \phi(s_t) \\ \hat y_t = \theta(h_t)"
        r"\end{cases} \iff \begin{cases} h_t = \phi(w h_{t-1} + v x_t) \\ \hat y_t = \theta(h_t)"
        r"\end{cases}",
        QUESTION,
        (
            holds_as(
                "scalar-rnn.forward",
                "scalar-rnn.preactivation",
                "scalar-rnn.state",
                "scalar-rnn.prediction",
            ),
        ),
    ),
    Claim(
        "scalar.state-chain",
        "The gradient passes from the state to its pre-activation through φ′.",
        r"\frac{\partial L}{\partial s_t} = \frac{\partial L}{\partial h_t} \phi'(s_t)",
        QUESTION,
        (holds_as("scalar-rnn.state-chain"),),
    ),
    Claim(
        "scalar.hidden-gradient",
        "Two paths leave the state; the source puts φ′ on the one to the prediction.",
        r"\frac{\partial L}{\partial h_t} = \frac{\partial L}{\partial \hat y_t} \phi'(h_t)"
        r" + \frac{\partial L}{\partial s_{t+1}} w",
        QUESTION,
        (mistake("scalar-rnn.hidden-gradient", "φ′ for θ′"),),
        corrected="scalar-rnn.hidden-gradient",
    ),
    Claim(
        "scalar.combined-recursion",
        "Both steps in one recursion, with the same φ′ in the prediction's place.",
        r"\frac{\partial L}{\partial s_t} = \left(\frac{\partial L}{\partial \hat y_t} \phi'(h_t)"
        r" + \frac{\partial L}{\partial s_{t+1}} w\right) \phi'(s_t)",
        QUESTION,
        (mistake("scalar-rnn.recursion", "φ′ for θ′"),),
        corrected="scalar-rnn.recursion",
    ),
    Claim(
        "scalar.boundary",
        "Nothing comes from beyond the last step, so the recursion can be solved backward.",
        r"\frac{\partial L}{\partial s_{T+1}} = 0 \text{ starts it; solved for } t = T, T-1,"
        r" \ldots, 1 \text{ it gives every } \frac{\partial L}{\partial s_t}",
        QUESTION,
        (
            holds_as(
                "scalar-rnn.boundary",
                "scalar-rnn.bptt-states",
                name="with the recursion that holds",
            ),
        ),
    ),
    Claim(
        "scalar.terminal-hidden",
        "At the last step the state acts on its own prediction only.",
        r"\frac{\partial L}{\partial h_T} = \frac{\partial L}{\partial \hat y_T} \theta'(h_T)",
        ANSWER,
        (holds_as("scalar-rnn.terminal-hidden"),),
    ),
    Claim(
        "scalar.terminal-state",
        "The value that starts the recursion is known after the forward pass.",
        r"\frac{\partial L}{\partial s_T} = \frac{\partial L}{\partial \hat y_T} \theta'(h_T)"
        r" \phi'(s_T)",
        ANSWER,
        (holds_as("scalar-rnn.terminal-state"),),
    ),
    Claim(
        "scalar.range",
        "The recursion is said to serve from t = 0 on, in a model that starts at t = 1.",
        r"\frac{\partial L}{\partial s_t} \text{ by the recursion for } t = 0, \ldots, T - 1",
        ANSWER,
        (
            ClaimReading(
                "in the question's model, t = 1, …, T",
                ("scalar-rnn.recursion",),
                forall={"t": "steps(0, T - 1)"},
            ),
        ),
        corrected="scalar-rnn.recursion",
    ),
    Claim(
        "scalar.parameter-gradients",
        "From the ∂L/∂s_t to the gradients of both weights and of the initial state.",
        r"\frac{\partial L}{\partial w} = \sum_t \delta_t h_{t-1}, \quad"
        r" \frac{\partial L}{\partial v} = \sum_t \delta_t x_t, \quad"
        r" \frac{\partial L}{\partial h_0} = w \delta_1, \quad"
        r" \delta_t = \frac{\partial L}{\partial s_t}",
        BEYOND,
        (
            holds_as(
                "scalar-rnn.w-gradient",
                "scalar-rnn.v-gradient",
                "scalar-rnn.initial-gradient",
                name="as the project states it",
            ),
        ),
    ),
    Claim(
        "scalar.closed-form",
        "The recursion unrolled into a sum over the predictions still to come.",
        r"\delta_t = \sum_{k=t}^{T} \frac{\partial L}{\partial \hat y_k} \theta'(h_k) \phi'(s_k)"
        r" \prod_{j=t}^{k-1} w \phi'(s_j)",
        BEYOND,
        (holds_as("scalar-rnn.closed-form", name="as the project states it"),),
    ),
)
