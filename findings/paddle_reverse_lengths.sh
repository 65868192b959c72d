#!/bin/sh
# Paddle: gradients of a bidirectional SimpleRNN, LSTM or GRU that is told sequence_length.
# Expected: those of its outputs, as without lengths. Seen: the reverse direction of a shorter
# sequence begins with the initial state, and its gradient takes that state for zeros; so those of
# weight_hh_l0_reverse are wrong, of a GRU all of the direction's, wherever that state is not zero.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check paddlepaddle==3.3.1 numpy==2.4.6
venv/bin/python -W ignore - <<'PY'
import numpy as np
import paddle

paddle.set_default_dtype("float64")
T, B, m, n = 4, 2, 3, 2
rng = np.random.default_rng(0)
x, weight = rng.normal(size=(B, T, m)), rng.normal(size=(B, T, 2 * n))
start = rng.normal(size=(2, 2, B, n))
EPS = 1e-5


def off(kind, lengths, scale):
    """Return, by array, how far a gradient is from a central difference along a direction."""
    paddle.seed(0)
    layer = getattr(paddle.nn, kind)(m, n, direction="bidirect")
    h0, c0 = (paddle.to_tensor(scale * a) for a in start)
    state = (h0, c0) if kind == "LSTM" else h0

    def loss():
        each = paddle.to_tensor(np.array(lengths))
        h, _ = layer(paddle.to_tensor(x), state, sequence_length=each)
        return (paddle.to_tensor(weight) * h).sum()

    loss().backward()
    found = {}
    for name, one in layer.named_parameters():
        base, along = one.numpy().copy(), rng.normal(size=one.shape)
        ends = []
        for sign in (1, -1):
            one.set_value(base + sign * EPS * along)
            ends.append(float(loss()))
        one.set_value(base)
        found[name] = abs((ends[0] - ends[1]) / (2 * EPS) - float((one.grad.numpy() * along).sum()))
    return found


print(f"paddle {paddle.__version__}, T = {T}: largest difference from a central difference")
wrong = {}
for kind in ("SimpleRNN", "LSTM", "GRU"):
    for lengths, scale in (([4, 4], 1.0), ([4, 2], 0.0), ([4, 2], 1.0)):
        found = off(kind, lengths, scale)
        own = sorted(k for k, error in found.items() if error > 1e-6)
        print(f"{kind}, lengths {lengths}, states × {scale}: {max(found.values()):.0e}", *own)
        if own:
            wrong[kind, tuple(lengths), scale] = own
W = "weight_hh_l0_reverse"
every = ["bias_hh_l0_reverse", "bias_ih_l0_reverse", W, "weight_ih_l0_reverse"]
expected = {("SimpleRNN", (4, 2), 1.0): [W], ("LSTM", (4, 2), 1.0): [W]}
expected["GRU", (4, 2), 1.0] = every
raise SystemExit(0 if wrong == expected else "changed")
PY
