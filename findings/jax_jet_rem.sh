#!/bin/sh
# JAX: jet, Taylor series through a function, of jnp.fmod and lax.rem, "the sign of the dividend".
# Expected: the first thing it returns is the function's value, f(x), and the first coefficient is
# that of jvp. Seen: where x and y have different signs it returns the value of another function, of
# jnp.remainder, with the sign of the divisor, and its coefficients; -5.5 fmod 2 becomes 0.5.
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
from jax import lax
from jax.experimental.jet import jet

jax.config.update("jax_enable_x64", True)
functions = {"jnp.fmod": jnp.fmod, "lax.rem": lax.rem, "jnp.remainder": jnp.remainder}
print(f"jax {jax.__version__}, jet along (x + t, y + t)")
wrong = []
for x, y in [(5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (-5.5, -2.0)]:
    for name, f in functions.items():
        value, slope = jax.jvp(f, (x, y), (1.0, 1.0))
        through, (first, second) = jet(f, (x, y), ((1.0, 0.0), (1.0, 0.0)))
        print(f"{name}({x}, {y}) = {value}, slope {slope}; by jet {through}, slope {first}")
        if float(through) != float(value) or float(first) != float(slope):
            wrong.append((name, x, y, float(through) == float(jnp.remainder(x, y))))
same = wrong == [(n, x, -x / abs(x) * 2.0, True) for x in (-5.5, 5.5) for n in ("jnp.fmod", "lax.rem")]
raise SystemExit(0 if same else "changed")
PY
