#!/bin/sh
# JAX: check_grads in bfloat16 and float16.
# Expected: it has default tolerances for both types, so right gradients pass. Seen: its step is
# lost in rounding, the numerical derivative is mostly 0, and JAX's own gradients of 3x and x*x
# fail nearly always, while a custom derivative of zero passes more often than the right one.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
venv/bin/python - <<'PY'
import jax
import jax.numpy as jnp
from jax.test_util import check_grads


@jax.custom_vjp
def zero(x):
    return 3 * x


zero.defvjp(lambda x: (3 * x, None), lambda _, g: (jnp.zeros_like(g),))


def passes(f, dtype):
    count = 0
    for seed in range(20):
        x = jax.random.normal(jax.random.key(seed), (4,), dtype=dtype)
        try:
            check_grads(f, (x,), order=1, modes=["rev"])
            count += 1
        except AssertionError:
            pass
    return count


print(f"jax {jax.__version__}: how many of 20 checks pass, x of 4 normal numbers")
same = True
for dtype in ("float32", "float16", "bfloat16"):
    right = passes(lambda x: 3 * x, dtype), passes(lambda x: x * x, dtype)
    wrong = passes(zero, dtype)
    print(f"{dtype}: 3x {right[0]}, x*x {right[1]}; 3x with a derivative of zero {wrong}")
    same &= (min(right) == 20 and wrong == 0) if dtype == "float32" else max(right) <= 4
    same &= dtype != "bfloat16" or wrong > max(right)
raise SystemExit(0 if same else "changed")
PY
