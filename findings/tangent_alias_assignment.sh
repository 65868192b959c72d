#!/bin/sh
# tangent-ad: gradients of a function that copies its argument by x * 1.0, x + 0.0 or x - 0.0 and then assigns
# entries of the copy, as y[0] = x[0] + x[1]; y[1] = x[0] * x[1].
# Expected: those of the function; assignments of entries are supported, and optimized=True, the default, changes
# the speed of the derivative. Seen: the optimizer simplifies x * 1.0 to x, so that y is no copy but x itself, and
# what is assigned to y changes the x that later lines and the way back read: wrong in reverse mode and, otherwise,
# in forward mode, silently. With optimized=False, or a copy by x * 2.0 or np.array(x), all is right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check tangent-ad==0.4.0 numpy==2.4.6
cat >functions.py <<'PY'
import numpy as np


def times_one(x):
    y = x * 1.0
    y[0] = x[0] + x[1]
    y[1] = x[0] * x[1]
    return np.sum(y**2)


def plus_zero(x):
    y = x + 0.0
    y[0] = x[0] + x[1]
    y[1] = x[0] * x[1]
    return np.sum(y**2)


def minus_zero(x):
    y = x - 0.0
    y[0] = x[0] + x[1]
    y[1] = x[0] * x[1]
    return np.sum(y**2)


def times_two(x):
    y = x * 2.0
    y[0] = x[0] + x[1]
    y[1] = x[0] * x[1]
    return np.sum(y**2)


def np_array(x):
    y = np.array(x)
    y[0] = x[0] + x[1]
    y[1] = x[0] * x[1]
    return np.sum(y**2)
PY
HOME=$dir venv/bin/python - <<'PY'
from importlib.metadata import version

import functions
import numpy as np
import tangent

x, h = np.array([0.7, -0.4, 1.1]), 1e-6
print(f"tangent-ad {version('tangent-ad')}, numpy {np.__version__}, x = {x}")
same = True
for name in ("times_one", "plus_zero", "minus_zero", "times_two", "np_array"):
    f = getattr(functions, name)
    true = np.array([(f(x + e) - f(x - e)) / (2 * h) for e in np.eye(3) * h])
    print(f"{name}: differences {true.round(4)}")
    for options in ({}, {"optimized": False}):
        reverse = np.asarray(tangent.grad(f, **options)(x.copy()))
        jvp = tangent.autodiff(f, mode="forward", **options)
        forward = np.array([float(np.ravel(jvp(x.copy(), e))[-1]) for e in np.eye(3)])
        print(f"  {options or 'as by default'}: reverse {reverse.round(4)}, forward {forward.round(4)}")
        right = [np.allclose(g, true, atol=1e-6) for g in (reverse, forward)]
        same &= right == [bool(options) or name in ("times_two", "np_array")] * 2
print("For gradient checks: compare the two modes and optimized=False where a program assigns in place; here all three")
print("contradict each other, and differences of the function itself say which is right.")
raise SystemExit(0 if same else "changed")
PY
