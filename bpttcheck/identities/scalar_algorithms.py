"""What BPTT and RTRL compute for the scalar RNN, held against the forward pass and each other."""

from __future__ import annotations

from bpttcheck.identities.scalar_recursion import BEYOND, EVERY, QUESTION
from bpttcheck.statements.identity import Source, about

identity = about("scalar_rnn", QUESTION)

bptt_states = identity(
    "scalar-rnn.bptt-states",
    "Solved backward from zero beyond T, the recursion gives every ∂L/∂s_t.",
    "ds[t] == d(L, s[t])",
    t=EVERY,
    wrong={"∂L/∂h_t for ∂L/∂s_t": "d(L, h[t])", "the steps shifted": "d(L, s[t + 1])"},
)

bptt_hidden = identity(
    "scalar-rnn.bptt-hidden",
    "On the way, BPTT passes every ∂L/∂h_t, that of the initial state last.",
    "dh[t] == d(L, h[t])",
    t="steps(0, T)",
    wrong={"the steps shifted": "d(L, h[t + 1])"},
)

bptt_inputs = identity(
    "scalar-rnn.bptt-inputs",
    "BPTT's gradient of the inputs.",
    "dx[t] == d(L, x[t])",
    t=EVERY,
    source=BEYOND,
    wrong={"∂L/∂s_t for ∂L/∂x_t": "d(L, s[t])"},
)

bptt_w = identity(
    "scalar-rnn.bptt-w",
    "BPTT's gradient of w is the sum of the sequences' gradients.",
    "dw == batch(d(L, w))",
    source=BEYOND,
    wrong={"v for w": "batch(d(L, v))", "the sign of descent": "-batch(d(L, w))"},
)

bptt_v = identity(
    "scalar-rnn.bptt-v",
    "BPTT's gradient of v is the sum of the sequences' gradients.",
    "dv == batch(d(L, v))",
    source=BEYOND,
    wrong={"w for v": "batch(d(L, w))", "the sign of descent": "-batch(d(L, v))"},
)

WILLIAMS_ZIPSER = Source("Williams and Zipser 1989", "eqs. 2.10–2.12, in the scalar case")

rtrl_recursion = identity(
    "scalar-rnn.rtrl-recursion",
    "RTRL's own recursion: the state's derivative is carried forward.",
    "d(h[t], w) == phi.prime(s[t]) * (h[t - 1] + w * d(h[t - 1], w))",
    t=EVERY,
    source=WILLIAMS_ZIPSER,
    wrong={
        "the immediate part forgotten": "phi.prime(s[t]) * w * d(h[t - 1], w)",
        "the past forgotten": "phi.prime(s[t]) * h[t - 1]",
        "h_t for h_{t−1}": "phi.prime(s[t]) * (h[t] + w * d(h[t - 1], w))",
    },
)

rtrl_w = identity(
    "scalar-rnn.rtrl-w",
    "RTRL, carried forward, meets BPTT, carried back.",
    "batch(rtrl_w) == dw",
    source=WILLIAMS_ZIPSER,
    wrong={"v for w": "dv"},
)

rtrl_v = identity(
    "scalar-rnn.rtrl-v",
    "RTRL meets BPTT in the gradient of v.",
    "batch(rtrl_v) == dv",
    source=WILLIAMS_ZIPSER,
    wrong={"w for v": "dw"},
)

rtrl_initial = identity(
    "scalar-rnn.rtrl-initial",
    "RTRL meets BPTT in the gradient of the initial state.",
    "rtrl_h0 == dh[0]",
    source=WILLIAMS_ZIPSER,
    wrong={"∂L/∂h_1 for ∂L/∂h_0": "dh[1]"},
)

ALL = (
    bptt_states,
    bptt_hidden,
    bptt_inputs,
    bptt_w,
    bptt_v,
    rtrl_recursion,
    rtrl_w,
    rtrl_v,
    rtrl_initial,
)
