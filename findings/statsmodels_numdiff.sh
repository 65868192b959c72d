#!/bin/sh
# statsmodels: approx_fprime and approx_fprime_cs of statsmodels.tools.numdiff, which gradients are
# checked against.
# Expected: of float32 parameters, a derivative to float32's accuracy or, at worst, zero; a matrix is
# refused, or each entry is moved. Seen: f(x) is computed in float32 and f(x + step) in float64, so their
# rounding is divided by a step of 1e-8 and is all that is left (centered=True is right). Of a
# square matrix approx_fprime_cs moves whole columns and returns a matrix; others are refused.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check statsmodels==0.15.0 numpy==2.4.6
venv/bin/python - <<'PY'
import numpy as np
import statsmodels
from statsmodels.tools.numdiff import approx_fprime, approx_fprime_cs

rng = np.random.default_rng(0)
x = rng.normal(size=(20, 3))


def loss(w):
    """Of one tanh unit, in the type of its weights."""
    return np.sum(np.tanh(x.astype(w.real.dtype) @ w) ** 2)


def exact(w):
    h = np.tanh(x @ w)
    return 2 * x.T @ (h * (1 - h**2))


print(f"statsmodels {statsmodels.__version__}, numpy {np.__version__}: largest relative error")
off = {}
draws = [rng.normal(size=3).astype("float32") for _ in range(10)]
for kind in ("float64", "float32"):
    for centered in (False, True):
        errors = []
        for w in draws:
            truth = exact(w.astype("float64"))
            seen = approx_fprime(w.astype(kind), loss, centered=centered)
            errors.append(np.abs(seen - truth).max() / np.abs(truth).max())
        off[kind, centered] = max(errors)
        print(f"approx_fprime, {kind}, centered={centered}: {max(errors):.1e} in 10 draws")
same = max(off["float64", False], off["float64", True], off["float32", True]) < 1e-5
same &= off["float32", False] > 0.5


def square(W):
    return np.sum(np.tanh(W) ** 2)


W = rng.normal(size=(3, 3))
single = 2 * np.tanh(W) * (1 - np.tanh(W) ** 2)
seen = approx_fprime_cs(W, square)
error = np.abs(seen - single).max()
print(f"approx_fprime_cs of 3×3: shape {seen.shape}, off by {error:.2g} of {np.abs(single).max():.2g}")
steps = np.maximum(np.abs(W), 0.1)  # in proportion: column k is moved by the step of entry (k, k)
columns = single.sum(axis=0) * np.diag(steps) / steps.T
print(f"from the sums of columns, times ratios of steps: {np.abs(seen - columns).max():.0e}")
same &= seen.shape == (3, 3) and error > 0.1 and bool(np.allclose(seen, columns))
for name, f, M in (("approx_fprime_cs", approx_fprime_cs, W[:2]), ("approx_fprime", approx_fprime, W)):
    try:
        f(M, square)
        same = False
    except ValueError as refused:
        print(f"{name} of {M.shape[0]}×{M.shape[1]}: ValueError, {refused}")
raise SystemExit(0 if same else "changed")
PY
