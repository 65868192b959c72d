#!/bin/sh
# algopy: gradients in reverse mode, by CGraph.gradient, of x**-1 and other whole negative powers.
# Expected: those of forward mode and of x**-1.0. Seen: zero, exactly and silently, whatever x is: the way back has
# a case for whole exponents, and nothing in it for those below zero. Forward mode and values are right, and
# so are 1/x and exponents that are floats, so a sum of them loses just these terms of its gradient.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check algopy==0.7.2 numpy==2.4.6 scipy==1.17.1
venv/bin/python - <<'PY'
from importlib.metadata import version

import algopy
import numpy as np

x = np.array([0.5, 2.0, 4.0])


def both(f):
    forward = algopy.UTPM.extract_jacobian(f(algopy.UTPM.init_jacobian(x))).ravel()
    graph = algopy.CGraph()
    traced = algopy.Function(x.copy())
    graph.independentFunctionList, graph.dependentFunctionList = [traced], [f(traced)]
    return forward, graph.gradient(x)


print(f"algopy {version('algopy')}, numpy {np.__version__}: gradients of a sum over x = {x}")
same = True
for name, f, true, right in (
    ("x**-1", lambda x: x**-1, -(x**-2.0), False),
    ("x**-2", lambda x: x**-2, -2 * x**-3.0, False),
    ("x**-3", lambda x: x**-3, -3 * x**-4.0, False),
    ("x**-1.0", lambda x: x**-1.0, -(x**-2.0), True),
    ("1/x", lambda x: 1 / x, -(x**-2.0), True),
    ("x**2", lambda x: x**2, 2 * x, True),
    ("x**2 + x**-2", lambda x: x**2 + x**-2, 2 * x - 2 * x**-3.0, False),
):
    forward, reverse = both(lambda x, f=f: algopy.sum(f(x)))
    print(f"{name}: forward {forward.round(4)}, reverse {reverse.round(4)}, true {true.round(4)}")
    same &= np.allclose(forward, true) and np.allclose(reverse, true) == right
    if name in ("x**-1", "x**-2", "x**-3"):
        same &= not reverse.any()
print("For gradient checks: a gradient of zeros from a tool of differentiation is a claim like any other; forward mode")
print("along one direction refutes it. Use it before taking the reverse mode for the reference.")
raise SystemExit(0 if same else "changed")
PY
