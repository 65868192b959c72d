#!/bin/sh
# Flax: the carry that RNN returns for a sequence of length zero.
# Expected: the initial carry, as no step was taken. Seen: the carry after the last step of the
# padding (the index is length - 1, and -1 is the last), in linen and in nnx.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check flax==0.12.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
import flax
import flax.linen as linen
import jax
import jax.numpy as jnp
from flax import nnx

x = jax.random.normal(jax.random.key(0), (2, 5, 3))  # batch, time, features
lengths = jnp.array([4, 0])
start = jnp.full((2, 2), 0.5)
layer = linen.RNN(linen.GRUCell(2), return_carry=True)
weights = layer.init(jax.random.key(1), x)
other = nnx.RNN(nnx.GRUCell(3, 2, rngs=nnx.Rngs(0)), return_carry=True)
runs = {
    "linen": lambda **more: layer.apply(weights, x, initial_carry=start, **more),
    "nnx": lambda **more: other(x, initial_carry=start, **more),
}
print(f"flax {flax.__version__}, jax {jax.__version__}")
print("A sequence of length 0 gets the carry after all 5 steps of padding, not its initial carry.")
same = True
for name, run in runs.items():
    carry, _ = run(seq_lengths=lengths)
    _, h = run()
    print(f"{name}: initial carry {start[1].tolist()}, returned {carry[1].tolist()}")
    print(f"{name}: h of the row's padding, step 5: {h[1, 4].tolist()}")
    same &= bool(jnp.allclose(carry[1], h[1, 4])) and bool(jnp.allclose(carry[0], h[0, 3]))
    same &= not bool(jnp.allclose(carry[1], start[1], atol=1e-3))
raise SystemExit(0 if same else "changed")
PY
