#!/bin/sh
# Keras: what a recurrent layer puts out at masked steps before the first real one.
# Expected: unroll=True changes speed, not values. Seen: with an initial state, the rolled layer
# repeats that state there and the unrolled one puts out zeros (JAX backend; h_T is the same).
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

x = np.linspace(-1, 1, 10, dtype="float32").reshape(1, 5, 2)
mask = np.array([[False, False, True, True, True]])
start = np.full((1, 2), 0.5, "float32")
print(f"keras {keras.__version__}, backend {keras.backend.backend()}; mask {mask[0].tolist()}")
print("Masked steps before the first real step: rolled, the initial state; unrolled, zeros.")
same = True
for layer in (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN):
    seen = {}
    for unroll in (False, True):
        keras.utils.set_random_seed(1)
        cell = layer(2, return_sequences=True, return_state=True, unroll=unroll)
        state = [start, start] if layer is keras.layers.LSTM else [start]
        h, last, *_ = (np.asarray(a)[0] for a in cell(x, mask=mask, initial_state=state))
        seen[unroll] = h, last
        print(f"{layer.__name__}, unroll={unroll}: h_1, h_2 = {h[:2].tolist()}")
    (rolled, last), (unrolled, last_unrolled) = seen[False], seen[True]
    same &= bool(np.all(rolled[:2] == 0.5) and np.all(unrolled[:2] == 0))
    same &= bool(np.allclose(rolled[2:], unrolled[2:], atol=1e-6))
    same &= bool(np.allclose(last, last_unrolled, atol=1e-6))
raise SystemExit(0 if same else "changed")
PY
