"""Other ways to the gradients of the vanilla RNN, which must all meet: copies, RTRL, paths."""

from __future__ import annotations

from typing import Any

from bpttcheck.statements.identity import Domain, Source, about

NOTES = Source("notes", "backpropagation through time")
WILLIAMS_ZIPSER = Source("Williams and Zipser 1989", "eqs. 2.10–2.12")
PASCANU = Source("Pascanu, Mikolov and Bengio 2013", "eqs. 3–5, written out")
EVERY = "steps(1, T)"
SHORT = Domain(largest={"T": 4, "n": 4})
"""One direction an entry of every copy, or n^T paths: few of both."""

untied = about("rnn", NOTES, domain=SHORT)
rtrl = about("rnn", WILLIAMS_ZIPSER)
path = about("rnn", PASCANU, domain=SHORT)

untied_forward = untied(
    "rnn.untied-forward",
    "With equal copies of the weights, the untied network makes the same states.",
    "h_untied[t] == h[t]",
    t="steps(0, T)",
    wrong={"the steps shifted": "h[t + 1]", "the pre-activation": "a[t]"},
)

untied_output = untied(
    "rnn.untied-output",
    "With equal copies of the weights, the untied network makes the same outputs.",
    "o_untied[t] == o[t]",
    t=EVERY,
    wrong={"the steps shifted": "o[t + 1]", "the bias forgotten": "V @ h[t]"},
)


def _tied(name: str) -> Any:
    return untied(
        f"rnn.untied-{name}",
        f"The gradient of a shared {name} is the sum of its copies' gradients.",
        f"d(L, {name}) == sum(d(L, {name}_copy[t]) for t in steps(1, T))",
        wrong={
            "the last copy alone": f"d(L, {name}_copy[T])",
            "the first copy T times": f"sum(d(L, {name}_copy[1]) for t in steps(1, T))",
        },
    )


tied_U, tied_W, tied_V, tied_b, tied_c = (_tied(name) for name in ("U", "W", "V", "b", "c"))


def _copy(name: str, right: str, wrong: dict[str, str]) -> Any:
    return untied(
        f"rnn.untied-{name}-copy",
        f"A copy of {name} acts at its own step alone.",
        f"d(L, {name}_copy[t]) == {right}",
        t=EVERY,
        wrong=wrong,
    )


copy_U = _copy(
    "U",
    "d(L, a[t]) @ x[t].T",
    {"φ′ forgotten": "d(L, h[t]) @ x[t].T", "transposed": "x[t] @ d(L, a[t]).T"},
)
copy_W = _copy(
    "W",
    "d(L, a[t]) @ h[t - 1].T",
    {
        "h_t for h_{t−1}": "d(L, a[t]) @ h[t].T",
        "φ′ forgotten": "d(L, h[t]) @ h[t - 1].T",
        "transposed": "h[t - 1] @ d(L, a[t]).T",
        "that of all copies": "d(L, W)",
    },
)
copy_V = _copy(
    "V",
    "d(L, o[t]) @ h[t].T",
    {"h_{t−1} for h_t": "d(L, o[t]) @ h[t - 1].T", "transposed": "h[t] @ d(L, o[t]).T"},
)
copy_b = _copy("b", "d(L, a[t])", {"φ′ forgotten": "d(L, h[t])", "that of all copies": "d(L, b)"})
copy_c = _copy("c", "d(L, o[t])", {"the last step": "d(L, o[T])", "that of all copies": "d(L, c)"})


def _bptt(name: str, other: str) -> Any:
    return untied(
        f"rnn.untied-bptt-{name}",
        f"BPTT's gradient of {name} is what all copies of all sequences add up to.",
        f"d{name} == batch(sum(d(L, {name}_copy[t]) for t in steps(1, T)))",
        wrong={
            "the last copy alone": f"batch(d(L, {name}_copy[T]))",
            f"{other} for {name}": f"batch(sum(d(L, {other}_copy[t]) for t in steps(1, T)))",
        },
    )


bptt_U, bptt_W, bptt_V = _bptt("U", "W"), _bptt("W", "U"), _bptt("V", "W")
bptt_b, bptt_c = _bptt("b", "c"), _bptt("c", "b")

rtrl_recursion = rtrl(
    "rnn.rtrl-recursion",
    "RTRL's own recursion: this step's own copy of a weight, and what the last state passes on.",
    "d(h[t], W[i, j]) == diag(phi.prime(a[t]))"
    " @ (d(a[t], W_copy[t][i, j]) + W @ d(h[t - 1], W[i, j]))",
    t=EVERY,
    i="steps(1, n)",
    j="steps(1, n)",
    domain=SHORT,
    wrong={
        "the immediate part forgotten": "diag(phi.prime(a[t])) @ W @ d(h[t - 1], W[i, j])",
        "the past forgotten": "diag(phi.prime(a[t])) @ d(a[t], W_copy[t][i, j])",
        "Wᵀ for W": (
            "diag(phi.prime(a[t])) @ (d(a[t], W_copy[t][i, j]) + W.T @ d(h[t - 1], W[i, j]))"
        ),
    },
)

rtrl_bias = rtrl(
    "rnn.rtrl-bias-recursion",
    "The same for the bias, whose immediate part is the identity matrix.",
    "d(h[t], b) == diag(phi.prime(a[t])) @ (diag(ones) + W @ d(h[t - 1], b))",
    t=EVERY,
    domain=SHORT,
    wrong={
        "the immediate part forgotten": "diag(phi.prime(a[t])) @ W @ d(h[t - 1], b)",
        "the past forgotten": "diag(phi.prime(a[t]))",
        "W on the right": "diag(phi.prime(a[t])) @ (diag(ones) + d(h[t - 1], b) @ W)",
    },
)


def _meets(name: str, other: str) -> Any:
    return rtrl(
        f"rnn.rtrl-{name}",
        f"RTRL, carried forward, meets BPTT, carried back, in the gradient of {name}.",
        f"batch(rtrl_{name}) == d{name}",
        wrong={f"{other} for {name}": f"d{other}", "twice": f"2 * d{name}"},
    )


rtrl_U, rtrl_W, rtrl_V = _meets("U", "W"), _meets("W", "U"), _meets("V", "W")
rtrl_b, rtrl_c = _meets("b", "c"), _meets("c", "b")

rtrl_initial = rtrl(
    "rnn.rtrl-initial",
    "RTRL meets BPTT in the gradient of the initial state.",
    "rtrl_h0 == dh[0]",
    wrong={"∂L/∂h_1 for ∂L/∂h_0": "dh[1]", "∂L/∂a_1 for ∂L/∂h_0": "da[1]"},
)

paths_states = path(
    "rnn.paths-states",
    "Every path from a pre-activation to a loss, one product of single numbers each, adds up.",
    "paths[t] == d(L, a[t])",
    t=EVERY,
    wrong={"∂L/∂h_t for ∂L/∂a_t": "d(L, h[t])", "the loss of the step alone": "d(E[t], a[t])"},
)

paths_bptt = path(
    "rnn.paths-bptt",
    "BPTT sums the paths without listing them.",
    "paths[t] == da[t]",
    t=EVERY,
    wrong={"∂L/∂h_t for ∂L/∂a_t": "dh[t]", "the steps shifted": "da[t + 1]"},
)

paths_W = path(
    "rnn.paths-W",
    "The paths that start at each step, times what W read there, meet BPTT's gradient of W.",
    "dW == batch(sum(paths[t] @ h[t - 1].T for t in steps(1, T)))",
    wrong={
        "h_t for h_{t−1}": "batch(sum(paths[t] @ h[t].T for t in steps(1, T)))",
        "paths from the last step alone": "batch(paths[T] @ h[T - 1].T)",
        "transposed": "batch(sum(h[t - 1] @ paths[t].T for t in steps(1, T)))",
    },
)

paths_initial = path(
    "rnn.paths-initial",
    "The initial state is where the paths of the first step come from.",
    "dh[0] == W.T @ paths[1]",
    wrong={"W for Wᵀ": "W @ paths[1]", "the paths of h_1": "W.T @ d(L, h[1])"},
)

ALL = (
    untied_forward,
    untied_output,
    tied_U,
    tied_W,
    tied_V,
    tied_b,
    tied_c,
    copy_U,
    copy_W,
    copy_V,
    copy_b,
    copy_c,
    bptt_U,
    bptt_W,
    bptt_V,
    bptt_b,
    bptt_c,
    rtrl_recursion,
    rtrl_bias,
    rtrl_U,
    rtrl_W,
    rtrl_V,
    rtrl_b,
    rtrl_c,
    rtrl_initial,
    paths_states,
    paths_bptt,
    paths_W,
    paths_initial,
)
