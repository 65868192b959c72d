"""The scalar RNN: its forward equations, the recursion for ∂L/∂s_t, and what it is for."""

from __future__ import annotations

from bpttcheck.statements.identity import Domain, Source, about

QUESTION = Source("scalar", "the question")
ANSWER = Source("scalar", "the answer")
BEYOND = Source("scalar", "what the recursion is for; the source stops short of it")

identity = about("scalar_rnn", QUESTION)
EVERY = "steps(1, T)"
SHORT = Domain(largest={"T": 10})

forward = identity(
    "scalar-rnn.forward",
    "The two-line model is the three-line one with s_t put in.",
    "h[t] == phi(w * h[t - 1] + v * x[t])",
    t=EVERY,
    wrong={
        "h_t for h_{t−1}": "phi(w * h[t] + v * x[t])",
        "the last input for this one": "phi(w * h[t - 1] + v * x[t - 1])",
        "the activation left out": "w * h[t - 1] + v * x[t]",
        "w and v swapped": "phi(v * h[t - 1] + w * x[t])",
    },
)

preactivation = identity(
    "scalar-rnn.preactivation",
    "The state is prepared from the last state and this input.",
    "s[t] == w * h[t - 1] + v * x[t]",
    t=EVERY,
    wrong={
        "h_t for h_{t−1}": "w * h[t] + v * x[t]",
        "w and v swapped": "v * h[t - 1] + w * x[t]",
    },
)

state = identity(
    "scalar-rnn.state",
    "The state is the activation of its pre-activation.",
    "h[t] == phi(s[t])",
    t=EVERY,
    wrong={"θ for φ": "theta(s[t])", "the last step": "phi(s[t - 1])"},
)

prediction = identity(
    "scalar-rnn.prediction",
    "The prediction reads the state of its own step.",
    "y_hat[t] == theta(h[t])",
    t=EVERY,
    wrong={
        "the last state for this one": "theta(h[t - 1])",
        "φ for θ": "phi(h[t])",
        "the pre-activation for the state": "theta(s[t])",
    },
)

state_chain = identity(
    "scalar-rnn.state-chain",
    "Through one activation: from the state back to its pre-activation.",
    "d(L, s[t]) == d(L, h[t]) * phi.prime(s[t])",
    t=EVERY,
    wrong={
        "φ′ taken at h_t": "d(L, h[t]) * phi.prime(h[t])",
        "φ′ forgotten": "d(L, h[t])",
        "θ′ for φ′": "d(L, h[t]) * theta.prime(s[t])",
        "the next step's gradient": "d(L, h[t + 1]) * phi.prime(s[t])",
    },
)

hidden_gradient = identity(
    "scalar-rnn.hidden-gradient",
    "Two paths leave h_t: one to its own prediction, one to the next state.",
    "d(L, h[t]) == d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * w",
    t=EVERY,
    wrong={
        "φ′ for θ′": "d(L, y_hat[t]) * phi.prime(h[t]) + d(L, s[t + 1]) * w",
        "the future forgotten": "d(L, y_hat[t]) * theta.prime(h[t])",
        "the prediction forgotten": "d(L, s[t + 1]) * w",
        "v for w": "d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * v",
        "∂L/∂h_{t+1} for ∂L/∂s_{t+1}": "d(L, y_hat[t]) * theta.prime(h[t]) + d(L, h[t + 1]) * w",
    },
)

recursion = identity(
    "scalar-rnn.recursion",
    "The two steps in one: each ∂L/∂s_t from the one after it.",
    "d(L, s[t]) == (d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * w) * phi.prime(s[t])",
    t=EVERY,
    wrong={
        "φ′ for θ′": "(d(L, y_hat[t]) * phi.prime(h[t]) + d(L, s[t + 1]) * w) * phi.prime(s[t])",
        "φ′ on the prediction's path only": (
            "d(L, y_hat[t]) * theta.prime(h[t]) * phi.prime(s[t]) + d(L, s[t + 1]) * w"
        ),
        "φ′ of the next step": (
            "(d(L, y_hat[t]) * theta.prime(h[t]) + d(L, s[t + 1]) * w) * phi.prime(s[t + 1])"
        ),
    },
)

boundary = identity(
    "scalar-rnn.boundary",
    "The loss does not depend on a step that it does not read.",
    "d(L, s[T + 1]) == 0",
    source=QUESTION,
    wrong={"the boundary one step early": "d(L, s[T])", "a one for a zero": "1"},
)

terminal_hidden = identity(
    "scalar-rnn.terminal-hidden",
    "At the last step only the prediction's path is left.",
    "d(L, h[T]) == d(L, y_hat[T]) * theta.prime(h[T])",
    source=ANSWER,
    wrong={
        "φ′ for θ′": "d(L, y_hat[T]) * phi.prime(h[T])",
        "θ′ forgotten": "d(L, y_hat[T])",
        "a future that is not there": "d(L, y_hat[T]) * theta.prime(h[T]) + d(L, s[T]) * w",
    },
)

terminal_state = identity(
    "scalar-rnn.terminal-state",
    "Where the recursion starts: everything on the right is known after the forward pass.",
    "d(L, s[T]) == d(L, y_hat[T]) * theta.prime(h[T]) * phi.prime(s[T])",
    source=ANSWER,
    wrong={
        "θ′ forgotten": "d(L, y_hat[T]) * phi.prime(s[T])",
        "φ′ forgotten": "d(L, y_hat[T]) * theta.prime(h[T])",
        "φ′ for θ′": "d(L, y_hat[T]) * phi.prime(h[T]) * phi.prime(s[T])",
        "θ′ taken at s_T": "d(L, y_hat[T]) * theta.prime(s[T]) * phi.prime(s[T])",
    },
)

w_gradient = identity(
    "scalar-rnn.w-gradient",
    "The state's weight acts at every step, on the state before.",
    "d(L, w) == sum(d(L, s[t]) * h[t - 1] for t in steps(1, T))",
    source=BEYOND,
    wrong={
        "h_t for h_{t−1}": "sum(d(L, s[t]) * h[t] for t in steps(1, T))",
        "only the last step": "d(L, s[T]) * h[T - 1]",
        "∂L/∂h_t for ∂L/∂s_t": "sum(d(L, h[t]) * h[t - 1] for t in steps(1, T))",
        "the initial state's term left out": "sum(d(L, s[t]) * h[t - 1] for t in steps(2, T))",
    },
)

v_gradient = identity(
    "scalar-rnn.v-gradient",
    "The input's weight acts at every step, on that step's input.",
    "d(L, v) == sum(d(L, s[t]) * x[t] for t in steps(1, T))",
    source=BEYOND,
    wrong={
        "only the last step": "d(L, s[T]) * x[T]",
        "∂L/∂h_t for ∂L/∂s_t": "sum(d(L, h[t]) * x[t] for t in steps(1, T))",
        "h_t for x_t": "sum(d(L, s[t]) * h[t] for t in steps(1, T))",
    },
)

initial_gradient = identity(
    "scalar-rnn.initial-gradient",
    "The initial state is read by the first step alone.",
    "d(L, h[0]) == w * d(L, s[1])",
    source=BEYOND,
    wrong={
        "w forgotten": "d(L, s[1])",
        "φ′ once too often": "w * d(L, s[1]) * phi.prime(s[1])",
        "∂L/∂h_1 for ∂L/∂s_1": "w * d(L, h[1])",
    },
)

input_gradient = identity(
    "scalar-rnn.input-gradient",
    "An input acts on the loss through its own step's pre-activation.",
    "d(L, x[t]) == v * d(L, s[t])",
    t=EVERY,
    source=BEYOND,
    wrong={"w for v": "w * d(L, s[t])", "∂L/∂h_t for ∂L/∂s_t": "v * d(L, h[t])"},
)

state_jacobian = identity(
    "scalar-rnn.state-jacobian",
    "One factor w φ′ for each step between two states.",
    "d(h[t], h[k]) == prod(w * phi.prime(s[j]) for j in steps(k + 1, t))",
    t=EVERY,
    k="steps(0, t)",
    source=BEYOND,
    domain=SHORT,
    wrong={
        "one factor too many": "prod(w * phi.prime(s[j]) for j in steps(k, t))",
        "one factor too few": "prod(w * phi.prime(s[j]) for j in steps(k + 2, t))",
        "one φ′ for all steps": "prod(w * phi.prime(s[t]) for j in steps(k + 1, t))",
        "φ′ taken at h_j": "prod(w * phi.prime(h[j]) for j in steps(k + 1, t))",
    },
)

closed_form = identity(
    "scalar-rnn.closed-form",
    "The recursion unrolled: a sum over the predictions still to come.",
    "d(L, s[t]) == sum(d(L, y_hat[k]) * theta.prime(h[k]) * phi.prime(s[k])"
    " * prod(w * phi.prime(s[j]) for j in steps(t, k - 1)) for k in steps(t, T))",
    t=EVERY,
    source=BEYOND,
    domain=SHORT,
    wrong={
        "the product one step long": (
            "sum(d(L, y_hat[k]) * theta.prime(h[k]) * phi.prime(s[k])"
            " * prod(w * phi.prime(s[j]) for j in steps(t, k)) for k in steps(t, T))"
        ),
        "only the last prediction": (
            "d(L, y_hat[T]) * theta.prime(h[T]) * phi.prime(s[T])"
            " * prod(w * phi.prime(s[j]) for j in steps(t, T - 1))"
        ),
        "w left out of the product": (
            "sum(d(L, y_hat[k]) * theta.prime(h[k]) * phi.prime(s[k])"
            " * prod(phi.prime(s[j]) for j in steps(t, k - 1)) for k in steps(t, T))"
        ),
    },
)

ALL = (
    forward,
    preactivation,
    state,
    prediction,
    state_chain,
    hidden_gradient,
    recursion,
    boundary,
    terminal_hidden,
    terminal_state,
    w_gradient,
    v_gradient,
    initial_gradient,
    input_gradient,
    state_jacobian,
    closed_form,
)
