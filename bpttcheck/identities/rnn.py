"""The vanilla RNN: Deep Learning 10.8–10.28 for any activation and any loss of the outputs."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

BOOK = "Goodfellow, Bengio and Courville 2016"
EVERY = "steps(1, T)"
BEFORE_LAST = "steps(1, T - 1)"


def _tanh(case: Any) -> bool:
    return bool(case.phi == "tanh")


def _nll(case: Any) -> bool:
    return case.loss == "nll" and case.targets in ("class", "distribution")


TANH = Domain("the activation of the state is tanh", _tanh)
NLL = Domain("softmax and NLL, the targets of a step sum to one", _nll)

identity = about("rnn", Source(BOOK, "section 10.2.2"))


def book(equation: str) -> Source:
    """Return the place of an equation of Deep Learning."""
    return Source(BOOK, f"eq. {equation}")


preactivation = identity(
    "rnn.preactivation",
    "The state is prepared from the last state and this input.",
    "a[t] == b + W @ h[t - 1] + U @ x[t]",
    t=EVERY,
    source=book("10.8"),
    wrong={
        "h_t for h_{t−1}": "b + W @ h[t] + U @ x[t]",
        "the bias forgotten": "W @ h[t - 1] + U @ x[t]",
        "Wᵀ for W": "b + W.T @ h[t - 1] + U @ x[t]",
        "row vectors": "b + h[t - 1] @ W + x[t] @ U",
    },
)

state = identity(
    "rnn.state",
    "The state is the activation of the pre-activation.",
    "h[t] == phi(a[t])",
    t=EVERY,
    source=book("10.9"),
    wrong={"the activation left out": "a[t]", "the state before": "phi(a[t - 1])"},
)

output = identity(
    "rnn.output",
    "The output reads the state of its own step.",
    "o[t] == c + V @ h[t]",
    t=EVERY,
    source=book("10.10"),
    wrong={
        "the last state for this one": "c + V @ h[t - 1]",
        "the bias forgotten": "V @ h[t]",
        "one state short": "c + V @ short(h[t])",
    },
)

total_loss = identity(
    "rnn.total-loss",
    "The loss of a sequence is the sum over its steps.",
    "L == sum(E[t] for t in steps(1, T))",
    source=book("10.14"),
    wrong={"only the last step": "E[T]", "the mean": "sum(E[t] for t in steps(1, T)) / (T + 1)"},
)

output_gradient = identity(
    "rnn.output-gradient",
    "On the outputs: prediction minus target, at every step.",
    "d(L, o[t]) == y_hat[t] - y[t]",
    t=EVERY,
    source=book("10.18"),
    domain=NLL,
    wrong={"the sign": "y[t] - y_hat[t]", "the next step": "y_hat[t + 1] - y[t]"},
)

terminal = identity(
    "rnn.terminal-gradient",
    "At the last step only the output's path is left, and no factor of a softmax with it.",
    "d(L, h[T]) == V.T @ d(L, o[T])",
    source=book("10.19"),
    wrong={
        "V for Vᵀ": "V @ d(L, o[T])",
        "the asker's −ŷ_i": "-(V.T @ diag(y_hat[T]) @ d(L, o[T]))",
        "φ′ too early": "diag(phi.prime(a[T])) @ V.T @ d(L, o[T])",
    },
)

hidden_gradient = identity(
    "rnn.hidden-gradient",
    "Two paths leave h_t: through φ′ and Wᵀ from the next state, and through Vᵀ from the output.",
    "d(L, h[t]) == W.T @ diag(phi.prime(a[t + 1])) @ d(L, h[t + 1]) + V.T @ d(L, o[t])",
    t=BEFORE_LAST,
    source=book("10.20"),
    wrong={
        "Wᵀ on the wrong side of φ′": (
            "diag(phi.prime(a[t + 1])) @ W.T @ d(L, h[t + 1]) + V.T @ d(L, o[t])"
        ),
        "W for Wᵀ": "W @ diag(phi.prime(a[t + 1])) @ d(L, h[t + 1]) + V.T @ d(L, o[t])",
        "φ′ of this step": "W.T @ diag(phi.prime(a[t])) @ d(L, h[t + 1]) + V.T @ d(L, o[t])",
        "the future forgotten": "V.T @ d(L, o[t])",
        "the output forgotten": "W.T @ diag(phi.prime(a[t + 1])) @ d(L, h[t + 1])",
        "the gradient before φ′": "W.T @ d(L, h[t + 1]) @ diag(phi.prime(a[t + 1]))",
    },
)

hidden_gradient_tanh = identity(
    "rnn.hidden-gradient-tanh",
    "The same for tanh, with its derivative in terms of the state.",
    "d(L, h[t]) == W.T @ diag(ones - square(h[t + 1])) @ d(L, h[t + 1]) + V.T @ d(L, o[t])",
    t=BEFORE_LAST,
    source=book("10.21"),
    domain=TANH,
    wrong={
        "the state of this step": (
            "W.T @ diag(ones - square(h[t])) @ d(L, h[t + 1]) + V.T @ d(L, o[t])"
        ),
        "the gradient before the diagonal": (
            "W.T @ d(L, h[t + 1]) @ diag(ones - square(h[t + 1])) + V.T @ d(L, o[t])"
        ),
        "the square forgotten": "W.T @ diag(ones - h[t + 1]) @ d(L, h[t + 1]) + V.T @ d(L, o[t])",
    },
)

preactivation_gradient = identity(
    "rnn.preactivation-gradient",
    "Through the activation: from the state back to its pre-activation.",
    "d(L, a[t]) == diag(phi.prime(a[t])) @ d(L, h[t])",
    t=EVERY,
    wrong={"φ′ forgotten": "d(L, h[t])", "φ′ of h": "diag(phi.prime(h[t])) @ d(L, h[t])"},
)

c_gradient = identity(
    "rnn.c-gradient",
    "The output's bias acts at every step.",
    "d(L, c) == sum(d(L, o[t]) for t in steps(1, T))",
    source=book("10.22"),
    wrong={"only the last step": "d(L, o[T])"},
)

b_gradient = identity(
    "rnn.b-gradient",
    "The state's bias acts at every step, through φ′.",
    "d(L, b) == sum(diag(phi.prime(a[t])) @ d(L, h[t]) for t in steps(1, T))",
    source=book("10.23"),
    wrong={"φ′ forgotten": "sum(d(L, h[t]) for t in steps(1, T))"},
)

V_gradient = identity(
    "rnn.V-gradient",
    "The output's weights act at every step, on that step's state.",
    "d(L, V) == sum(d(L, o[t]) @ h[t].T for t in steps(1, T))",
    source=book("10.24"),
    wrong={
        "h_{t−1} for h_t": "sum(d(L, o[t]) @ h[t - 1].T for t in steps(1, T))",
        "transposed": "sum(h[t] @ d(L, o[t]).T for t in steps(1, T))",
        "only the last step": "d(L, o[T]) @ h[T].T",
    },
)

W_gradient = identity(
    "rnn.W-gradient",
    "The state's weights act at every step, on the state before.",
    "d(L, W) == sum(diag(phi.prime(a[t])) @ d(L, h[t]) @ h[t - 1].T for t in steps(1, T))",
    source=book("10.26"),
    wrong={
        "h_t for h_{t−1}": (
            "sum(diag(phi.prime(a[t])) @ d(L, h[t]) @ h[t].T for t in steps(1, T))"
        ),
        "φ′ forgotten": "sum(d(L, h[t]) @ h[t - 1].T for t in steps(1, T))",
        "transposed": "sum(h[t - 1] @ (diag(phi.prime(a[t])) @ d(L, h[t])).T for t in steps(1, T))",
        "only the last step": "diag(phi.prime(a[T])) @ d(L, h[T]) @ h[T - 1].T",
    },
)

U_gradient = identity(
    "rnn.U-gradient",
    "The input's weights act at every step, on that step's input.",
    "d(L, U) == sum(diag(phi.prime(a[t])) @ d(L, h[t]) @ x[t].T for t in steps(1, T))",
    source=book("10.28"),
    wrong={
        "φ′ forgotten": "sum(d(L, h[t]) @ x[t].T for t in steps(1, T))",
        "transposed": "sum(x[t] @ (diag(phi.prime(a[t])) @ d(L, h[t])).T for t in steps(1, T))",
    },
)

initial_gradient = identity(
    "rnn.initial-gradient",
    "The initial state is read by the first step alone.",
    "d(L, h[0]) == W.T @ d(L, a[1])",
    wrong={"W for Wᵀ": "W @ d(L, a[1])", "φ′ forgotten": "W.T @ d(L, h[1])"},
)

bptt_states = identity(
    "rnn.bptt-states",
    "Solved backward from zero beyond T, BPTT gives every ∂L/∂a_t.",
    "da[t] == d(L, a[t])",
    t=EVERY,
    wrong={"∂L/∂h_t for ∂L/∂a_t": "d(L, h[t])"},
)

bptt_hidden = identity(
    "rnn.bptt-hidden",
    "On the way, BPTT passes every ∂L/∂h_t, that of the initial state last.",
    "dh[t] == d(L, h[t])",
    t="steps(0, T)",
    wrong={"the steps shifted": "d(L, h[t + 1])"},
)

bptt_inputs = identity(
    "rnn.bptt-inputs",
    "BPTT's gradient of the inputs.",
    "dx[t] == d(L, x[t])",
    t=EVERY,
    wrong={"the steps shifted": "d(L, x[t + 1])"},
)


def _bptt(name: str, other: str) -> Any:
    return identity(
        f"rnn.bptt-{name}",
        f"BPTT's gradient of {name} is the sum of the sequences' gradients.",
        f"d{name} == batch(d(L, {name}))",
        wrong={f"{other} for {name}": f"batch(d(L, {other}))"},
    )


bptt_U, bptt_W, bptt_V = _bptt("U", "W"), _bptt("W", "U"), _bptt("V", "W")
bptt_b, bptt_c = _bptt("b", "c"), _bptt("c", "b")

ALL = (
    preactivation,
    state,
    output,
    total_loss,
    output_gradient,
    terminal,
    hidden_gradient,
    hidden_gradient_tanh,
    preactivation_gradient,
    c_gradient,
    b_gradient,
    V_gradient,
    W_gradient,
    U_gradient,
    initial_gradient,
    bptt_states,
    bptt_hidden,
    bptt_inputs,
    bptt_U,
    bptt_W,
    bptt_V,
    bptt_b,
    bptt_c,
)
