"""Claims of source ``notes``: BPTT, and what its vanishing-gradient part states as formulas."""

from __future__ import annotations

from bpttcheck.claims.claim import Claim, holds_as, mistake
from bpttcheck.statements.identity import Source

VANISHING = Source("notes", "vanishing gradient")

BPTT = Source("notes", "backpropagation through time")

CLAIMS = (
    Claim(
        "notes.unrolling",
        "BPTT is backpropagation through the unrolled network: untie the weights, add the copies.",
        r"\text{Just a fancy name for standard backpropagation on an unrolled RNN.}",
        BPTT,
        (
            holds_as(
                "rnn.untied-forward",
                "rnn.untied-output",
                name="the unrolled network, its weights untied but equal, is the network",
            ),
            holds_as(
                *(f"rnn.untied-{name}" for name in ("U", "W", "V", "b", "c")),
                *(f"rnn.untied-bptt-{name}" for name in ("U", "W", "V", "b", "c")),
                name="weak: BPTT's gradient is the sum of the copies' gradients",
            ),
            holds_as(
                *(f"rnn.untied-{name}-copy" for name in ("U", "W", "V", "b", "c")),
                "rnn.bptt-states",
                name="strong: every term of BPTT is the gradient of one copy",
            ),
        ),
    ),
    Claim(
        "notes.forward",
        "The network without biases.",
        r"s_t = \tanh(U x_t + W s_{t-1}), \quad \hat y_t = \operatorname{softmax}(V s_t)",
        BPTT,
        (
            holds_as(
                "rnn.state-update",
                "rnn.output",
                "softmax-nll.softmax",
                name="the network of the other sources, whatever its biases, hence without",
            ),
        ),
    ),
    Claim(
        "notes.total-loss",
        "The error of a sequence is the sum over its steps; what product the formula means.",
        r"\mathcal{L}(y, \hat y) = -\sum_t y_t \log \hat y_t",
        BPTT,
        (
            holds_as("rnn.total-nll", name="an inner product"),
            mistake("rnn.total-nll", "a product of two columns", name="a matrix product"),
        ),
        corrected="rnn.total-nll",
        condition="the product of y_t and log ŷ_t is the inner one.",
    ),
    Claim(
        "notes.gradient-sum",
        "The gradient of the whole error is the sum of the steps' gradients.",
        r"\frac{\partial \mathcal{L}}{\partial W} = \sum_t \frac{\partial \mathcal{L}_t}{\partial"
        r" W}",
        BPTT,
        (holds_as("rnn.gradient-sum"),),
    ),
    Claim(
        "notes.V-gradient",
        "The gradient of V at one step; what product the dot means.",
        r"\frac{\partial \mathcal{L}_3}{\partial V} = (\hat y_3 - y_3) \cdot s_3",
        BPTT,
        (
            holds_as("rnn.step-V-gradient", name="a column times a row"),
            mistake("rnn.step-V-gradient", "a column times a column", name="a matrix product"),
        ),
        corrected="rnn.step-V-gradient",
        condition="the dot is an outer product, (ŷ_3 − y_3) s_3ᵀ, and z_3 stands for V s_3.",
    ),
    Claim(
        "notes.V-independence",
        "The gradient of V is said not to depend on the states.",
        r"\text{For } V \text{, the gradient is independent from the states.}",
        BPTT,
        (
            holds_as("rnn.step-V-gradient", name="weak: it needs no state but its own step's"),
            mistake("rnn.step-V-gradient", "without the state", name="strong: it needs no state"),
        ),
        corrected="rnn.step-V-gradient",
        condition="the states before are meant; the state of the step itself is a factor.",
    ),
    *(
        Claim(
            name,
            "The gradient of W at one step, as a sum over the states that it goes through.",
            rf"\frac{{\partial \mathcal{{L}}_{{{t}}}}}{{\partial W}} = \sum_{{k=0}}^{{{t}}}"
            rf" \frac{{\partial \mathcal{{L}}_{{{t}}}}}{{\partial \hat y_{{{t}}}}} \frac{{\partial"
            rf" \hat y_{{{t}}}}}{{\partial {s}_{{{t}}}}} \left(\prod_{{j=k+1}}^{{{t}}}"
            rf" \frac{{\partial {s}_j}}{{\partial {s}_{{j-1}}}}\right) \frac{{\partial"
            rf" {s}_k}}{{\partial W}}",
            source,
            (
                holds_as("rnn.step-W-gradient", name="immediate derivatives, from k = 1"),
                mistake(
                    "rnn.step-W-gradient",
                    "a term for k = 0",
                    name="immediate derivatives, from k = 0",
                ),
                mistake(
                    "rnn.step-W-gradient",
                    "total derivatives of the states",
                    name="total derivatives, as ∂s_k/∂W is written",
                ),
            ),
            corrected="rnn.step-W-gradient",
            condition="∂s_k/∂W holds s_{k−1} fixed, and k starts at 1: no weight made s_0.",
        )
        for name, t, s, source in (
            ("notes.W-gradient-sum", "3", "s", BPTT),
            ("notes.W-gradient-general", "t", "h", VANISHING),
        )
    ),
    Claim(
        "notes.product-order",
        "The product of the steps' Jacobians, whose order the formula leaves open.",
        r"\frac{\partial s_3}{\partial s_k} = \prod_{j=k+1}^{3} \frac{\partial s_j}{\partial"
        r" s_{j-1}}",
        BPTT,
        (
            holds_as("rnn.state-jacobian", name="the latest on the left"),
            mistake("rnn.state-jacobian", "the earliest on the left", name="as the index runs"),
        ),
        corrected="rnn.state-jacobian",
        condition="the factors are written from the latest to the earliest.",
    ),
    Claim(
        "notes.implicit-forward",
        "The simple network, with the same state on both sides.",
        r"h_t = \tanh(W h_t + A x_t)",
        VANISHING,
        (mistake("rnn.state-update", "h_t on both sides"),),
        corrected="rnn.state-update",
    ),
    Claim(
        "notes.state-jacobian",
        "One step between states: a column of slopes beside W.",
        r"\frac{\partial h_j}{\partial h_{j-1}} = \left[1 - \tanh^2(W h_{j-1} + A x_t)\right] \cdot"
        r" W",
        VANISHING,
        (
            holds_as("rnn.hidden-step", name="the slopes on a diagonal, x_j for x_t"),
            mistake("rnn.hidden-step", "the slopes as a column", name="as printed"),
        ),
        corrected="rnn.hidden-step",
        condition="the bracket is a diagonal matrix, and the input is that of step j.",
    ),
    Claim(
        "notes.power-product",
        "The weights taken out of the product of the steps' Jacobians.",
        r"\prod_{j=k+1}^{t} \frac{\partial h_j}{\partial h_{j-1}} = W^{t-k} \prod_{j=k+1}^{t}"
        r" \left[1 - \tanh^2(W h_{j-1} + A x_t)\right]",
        VANISHING,
        (
            mistake(
                "rnn.state-jacobian",
                "W and φ′ in products of their own",
                name="with the slopes on diagonals",
            ),
        ),
        corrected="rnn.state-jacobian",
    ),
    Claim(
        "notes.relu-derivative",
        "The derivative of ReLU takes two values.",
        r"\operatorname{relu}'(x) \in \{0, 1\}",
        VANISHING,
        (holds_as("activations.relu-zero-or-one", name="zero at the kink by convention"),),
    ),
    Claim(
        "notes.tanh-derivative",
        "The derivative of tanh from sinh over cosh, and the interval it lies in.",
        r"\frac{d \tanh x}{dx} = \frac{d \frac{\sinh x}{\cosh x}}{dx} = 1 - \tanh^2 x \in [0, 1]",
        VANISHING,
        (
            holds_as(
                "activations.tanh-definition",
                "activations.tanh-derivative",
                "activations.tanh-range",
            ),
            holds_as("activations.tanh-peak", name="the upper end read as sharp"),
        ),
    ),
    Claim(
        "notes.sigmoid-derivative",
        "The derivative of the sigmoid, and the interval it is said to lie in.",
        r"\frac{\partial \sigma(x)}{\partial x} = \sigma(x) [1 - \sigma(x)] \in [0, 1]",
        VANISHING,
        (
            holds_as(
                "activations.sigmoid-derivative",
                "activations.sigmoid-range",
                name="the interval contains it",
            ),
            mistake(
                "activations.sigmoid-peak",
                "the interval [0, 1] read as sharp",
                name="the upper end read as sharp",
            ),
        ),
        corrected="activations.sigmoid-quarter",
        condition="[0, 1] is read as an interval that contains σ′, not as its range: σ′ ≤ 1/4.",
    ),
    Claim(
        "notes.gated-solution",
        "LSTM and GRU are named as a solution to the vanishing gradient.",
        r"\text{LSTM and GRU solve the vanishing gradient.}",
        VANISHING,
        (
            holds_as(
                "lstm.direct-path",
                "lstm.carousel",
                "gru.direct-path",
                name="weak: a path on which gates alone are multiplied, no weight and no slope",
            ),
            mistake(
                "lstm.direct-path",
                "the identity, whatever the gates say",
                name="strong: on that path an LSTM's gradient does not shrink",
            ),
            mistake(
                "gru.direct-path",
                "the identity, whatever the gates say",
                name="strong: on that path a GRU's gradient does not shrink",
            ),
        ),
        corrected="lstm.direct-path",
        condition="a direct path is meant that no weight and no slope shrinks; gates below 1 do.",
    ),
)
