#!/bin/sh
# MXNet on a processor: LSTM, GRU and RNN of gluon with use_sequence_length=True (Python 3.11 at most).
# Expected: a sequence in a padded batch is computed as it is alone, or the option is refused. Seen:
# the lengths change nothing, silently: steps go on through the padding, the returned state is that
# after it, the backward half of a bidirectional layer begins in it, and gradients go back from it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check mxnet==1.9.1 numpy==1.23.5
venv/bin/python - <<'PY'
import warnings

warnings.simplefilter("ignore")
import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd

T, B, m, n = 5, 2, 3, 4
lengths = [5, 2]
x = np.random.default_rng(0).normal(size=(T, B, m)).astype("float32")


def run(layer, x, lengths):
    """Outputs, last h and the gradient with respect to x of the sum of last h squared."""
    x, states = nd.array(x), layer.begin_state(x.shape[1])
    x.attach_grad()
    with autograd.record():
        y, last = layer(x, states, sequence_length=nd.array(lengths))
        loss = (last[0] ** 2).sum()
    loss.backward()
    return y.asnumpy(), last[0].asnumpy(), x.grad.asnumpy()


print(f"mxnet {mx.__version__}: a sequence of 2 steps, padded to 5, against the same alone")
same = True
kinds = {"LSTM": {}, "GRU": {}, "RNN": {"activation": "tanh"}}
for name, more in kinds.items():
    for both in (False, True):
        mx.random.seed(0)
        layer = getattr(gluon.rnn, name)(
            n, input_size=m, use_sequence_length=True, bidirectional=both, **more
        )
        layer.initialize(mx.init.Uniform(1))
        y, last, dx = run(layer, x, lengths)
        y_full, last_full, dx_full = run(layer, x, [T, T])
        y_alone, last_alone, dx_alone = run(layer, x[:2, 1:], lengths[1:])
        ignored = max(np.abs(a - b).max() for a, b in ((y, y_full), (last, last_full), (dx, dx_full)))
        off_y = np.abs(y[:2, 1:] - y_alone).max()
        off_last = np.abs(last[:, 1:] - last_alone).max()
        off_dx = np.abs(dx[:2, 1:] - dx_alone).max()
        padding = np.abs(y[2:, 1]).max()
        print(f"{name}, bidirectional={both}: y {off_y:.0e}, last h {off_last:.0e}", end="")
        print(f", dx {off_dx:.0e}; from lengths of 5 and 5: {ignored:.0e}", end="")
        print(f"; largest y of the padding {padding:.2g}")
        same &= ignored < 1e-5 and off_last > 1e-2 and off_dx > 1e-3
        same &= off_y > 1e-2 if both else off_y < 1e-5
raise SystemExit(0 if same else "changed")
PY
