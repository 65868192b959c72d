#!/bin/sh
# thinc: NumpyOps.lstm_forward_training(params, H0, C0, X, size_at_t) from states other than zero.
# Expected: H0 is h_0. Seen: it is c_0, and C0 is h_0; LSTM.v1 passes its parameter HC0 this way.
# It shows as soon as HC0 is not the zeros that it begins with, and is trained.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check thinc==9.1.1
venv/bin/python - <<'PY'
import numpy as np
import thinc
from thinc.api import NumpyOps

rng = np.random.default_rng(0)
n, m = 2, 3
parts = [rng.normal(size=shape) for shape in ((4, n, m), (4, n), (4, n, n), (4, n))]
U, b_x, W, b_h = parts
params = np.concatenate([a.reshape(-1) for a in parts]).astype("float32")
x = rng.normal(size=(1, m)).astype("float32")
half, zero = np.full(n, 0.5), np.zeros(n)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def step(h, c):
    f, i, o, g = U @ x[0] + W @ h + b_x + b_h  # in thinc's order of gates
    return sigmoid(o) * np.tanh(sigmoid(f) * c + sigmoid(i) * np.tanh(g))


def thincs(H0, C0):
    states = (a.astype("float32").reshape(1, 1, n) for a in (H0, C0))
    return NumpyOps().lstm_forward_training(params, *states, x, np.array([1], "int32"))[0][0]


print(f"thinc {thinc.about.__version__}, one step from H0 = 1/2, C0 = 0")
seen, as_h, as_c = thincs(half, zero), step(half, zero), step(zero, half)
print(f"thinc {seen}; h_0 = H0 {as_h}; c_0 = H0 {as_c}")
same = np.allclose(thincs(zero, zero), step(zero, zero), atol=1e-5)
same &= np.allclose(seen, as_c, atol=1e-5) and not np.allclose(seen, as_h, atol=1e-2)
same &= np.allclose(thincs(zero, half), step(half, zero), atol=1e-5)
raise SystemExit(0 if same else "changed")
PY
