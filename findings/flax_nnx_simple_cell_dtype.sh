#!/bin/sh
# Flax nnx, 64 bits enabled: the type that recurrent cells compute in when told nothing.
# Expected: that of parameters and inputs, float64, as in linen. Seen: so it is for LSTMCell,
# OptimizedLSTMCell and GRUCell; SimpleCell puts out float32, its dtype being float32 by default.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check flax==0.12.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
import jax

jax.config.update("jax_enable_x64", True)
import flax
import jax.numpy as jnp
from flax import linen, nnx

x, h = jnp.ones((1, 3)), jnp.zeros((1, 2))
kinds = {}
for cell in (nnx.LSTMCell, nnx.OptimizedLSTMCell, nnx.GRUCell, nnx.SimpleCell):
    made = cell(3, 2, param_dtype=jnp.float64, rngs=nnx.Rngs(0))
    carry = (h, h) if "LSTM" in cell.__name__ else h
    kinds[f"nnx.{cell.__name__}"] = str(made(carry, x)[1].dtype)
module = linen.SimpleCell(2, param_dtype=jnp.float64)
weights = module.init(jax.random.key(0), h, x)
kinds["linen.SimpleCell"] = str(module.apply(weights, h, x)[1].dtype)
print(f"flax {flax.__version__}, jax {jax.__version__}: float64 weights, states and inputs")
for name, kind in kinds.items():
    print(f"{name}: {kind}")
wrong = [name for name, kind in kinds.items() if kind != "float64"]
raise SystemExit(0 if wrong == ["nnx.SimpleCell"] else "changed")
PY
