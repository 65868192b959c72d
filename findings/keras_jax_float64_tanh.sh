#!/bin/sh
# Keras on JAX, 64 bits enabled: layers made with dtype="float64".
# Expected: float64 throughout. Seen: keras.ops.tanh and sin return float32 of a float64 tensor, exp
# and sigmoid float64. A Dense layer with tanh puts out float32, an LSTM puts out float64 that is
# right to seven digits at most, and a SimpleRNN raises TypeError, its state changing type.
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
import jax

jax.config.update("jax_enable_x64", True)
import keras
import numpy as np

print(f"keras {keras.__version__}, jax {jax.__version__}")
given = keras.ops.convert_to_tensor(np.array([0.3]), dtype="float64")
types = {k: str(getattr(keras.ops, k)(given).dtype) for k in ("tanh", "sin", "exp", "sigmoid")}
print(f"float64 in: {types}")
same = types == {"tanh": "float32", "sin": "float32", "exp": "float64", "sigmoid": "float64"}
x = np.full((1, 1, 1), 0.3)
dense = keras.layers.Dense(1, activation="tanh", dtype="float64")(x[0])
print(f"Dense, tanh: {dense.dtype}")
same &= str(dense.dtype) == "float32"

keras.utils.set_random_seed(0)
lstm = keras.layers.LSTM(1, dtype="float64")
lstm.build((1, 1, 1))
U, _, b = (np.asarray(v.value) for v in lstm.trainable_variables)
i, f, g, o = (U * 0.3 + b)[0]
h = np.tanh(np.tanh(g) / (1 + np.exp(-i))) / (1 + np.exp(-o))
y = lstm(x)
off = abs(float(y[0, 0]) - h) / abs(h)
print(f"LSTM: {y.dtype}, relative error {off:.1e}")
same &= str(y.dtype) == "float64" and 1e-11 < off < 1e-6
try:
    keras.layers.SimpleRNN(1, dtype="float64")(x)
    same = False
except TypeError as error:
    print("SimpleRNN:", next(line for line in str(error).splitlines() if "float32" in line)[:140])
raise SystemExit(0 if same else "changed")
PY
