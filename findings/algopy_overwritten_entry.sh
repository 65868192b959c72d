#!/bin/sh
# algopy: CGraph.gradient at another point than the one that was traced, of a loop that keeps its state in an
# entry of an array made by algopy.zeros(dtype=x) and overwrites it, h[0] = h[0] * x[t] + x[0].
# Expected: the gradient there, as the value there (CGraph.function) is right and assignments of entries are
# supported; the graph is recorded once, to be evaluated anywhere. Seen: products on the way back take the
# state that was in the entry when the graph was recorded: right at that point, wrong everywhere else, silently.
# A new entry or a plain variable for each step is right.
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


def overwritten(x, zeros):
    h = zeros(1, dtype=x)
    for t in range(3):
        h[0] = h[0] * x[t] + x[0]
    return h[0]


def kept(x, zeros):
    h = zeros(4, dtype=x)
    for t in range(3):
        h[t + 1] = h[t] * x[t] + x[0]
    return h[3]


def plain(x, zeros):
    h = 0.0
    for t in range(3):
        h = h * x[t] + x[0]
    return h


def value(f, x):
    return f(x, lambda n, dtype: np.zeros(n))


traced_at = np.array([0.7, -0.4, 1.1])
print(f"algopy {version('algopy')}, numpy {np.__version__}: h = h * x[t] + x[0], traced at x = {traced_at}")
same = True
for f in (overwritten, kept, plain):
    graph = algopy.CGraph()
    x = algopy.Function(traced_at.copy())
    graph.independentFunctionList, graph.dependentFunctionList = [x], [f(x, algopy.zeros)]
    for at in (traced_at, traced_at + 0.1, 2 * traced_at, traced_at):
        h = 1e-6
        true = np.array([(value(f, at + e) - value(f, at - e)) / (2 * h) for e in np.eye(3) * h])
        found = graph.gradient(at)
        off = abs(graph.function([at])[0] - value(f, at))
        print(f"{f.__name__}, at {at}: gradient {found.round(4)}, differences {true.round(4)}, value off by {off:.0e}")
        right = np.allclose(found, true, atol=1e-6)
        same &= off < 1e-12 and right == (f is not overwritten or np.array_equal(at, traced_at))
print("For gradient checks: a check at the point that was traced accepts this gradient; check at a second point too,")
print("wherever a tool records a program once and evaluates it again.")
raise SystemExit(0 if same else "changed")
PY
