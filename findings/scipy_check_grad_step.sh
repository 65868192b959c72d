#!/bin/sh
# SciPy: check_grad of an exact gradient at large arguments.
# Expected: a step that is too small for x is worse the larger x is. Seen: the gradient of x^2 is
# called wrong by 0.4 % at 1e7 and by 6e-9 at 1e9: the step is 1.5e-8 whatever x is, except where
# x + step == x, where another one, relative to x, takes its place.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
venv/bin/python - <<'PY'
import numpy as np
import scipy
from scipy.optimize import check_grad


def square(x):
    return float(x[0] ** 2)


print(f"scipy {scipy.__version__}, numpy {np.__version__}")
print("The error that check_grad reports for the exact gradient 2x of x^2, relative to 2x:")
error = {}
for x in (1.0, 1e3, 1e6, 1e7, 1e9, 1e12):
    error[x] = check_grad(square, lambda v: 2 * v, np.array([x])) / (2 * x)
    print(f"x = {x:g}: {error[x]:.1e}")
same = error[1.0] < 1e-6 and error[1e6] > 1e-4 and error[1e7] > 1e-3
same &= error[1e9] < 1e-6 and error[1e12] < 1e-6
raise SystemExit(0 if same else "changed")
PY
