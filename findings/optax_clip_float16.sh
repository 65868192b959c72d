#!/bin/sh
# Optax: clip_by_global_norm(1) of gradients in 16 bits.
# Expected: gradients of norm 1, to three digits, as in float32: norms of 600 and 32 are no large
# numbers. Seen: squares and their sum are taken in the gradients' own type. In float16 one entry of
# 256 makes the norm infinite and all gradients exactly zero, silently; in bfloat16 a thousand arrays
# of one entry 1 have the norm 16, where the sum stalls, and are clipped to 2.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
import jax
import jax.numpy as jnp
import numpy as np
import optax


def norm(arrays):
    return float(np.sqrt(sum(np.sum(np.asarray(a, "float64") ** 2) for a in arrays)))


print(f"optax {optax.__version__}, jax {jax.__version__}: clip_by_global_norm(1)")
trials = {
    "one array of four entries 300": ([np.full(4, 300.0)], {"float16": 0.0}),
    "one entry 256 beside 1": ([np.array([256.0]), np.array([1.0])], {"float16": 0.0}),
    "1,000 arrays of one entry 1": ([np.ones(1)] * 1000, {"bfloat16": 2.0}),
}
clip = optax.clip_by_global_norm(1.0)
same = True
for name, (arrays, wrong) in trials.items():
    for kind in ("float32", "float16", "bfloat16"):
        grads = [jnp.asarray(a, kind) for a in arrays]
        clipped, _ = clip.update(grads, clip.init(grads))
        seen = norm(clipped)
        told = float(optax.global_norm(grads))
        print(f"{name}, {kind}: norm {norm(grads):.4g}, global_norm {told:.4g}, clipped {seen:.3g}")
        same &= abs(seen - wrong.get(kind, 1.0)) < 0.05
raise SystemExit(0 if same else "changed")
PY
