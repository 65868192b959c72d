#!/bin/sh
# tinygrad: tanh of small numbers, in float32 (its CPU device needs clang).
# Expected: a relative error of some units in the last place, tanh x being x there. Seen: 7 % at
# 1e-6, and 0 at 1e-8; in float64 likewise, an error of 1e-4 at 1e-12.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check tinygrad==0.14.0 numpy==2.4.6
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from tinygrad import Tensor

print(f"tinygrad {version('tinygrad')}: relative error of tanh")
found = {}
for dtype, points in (("float32", (1e-8, 1e-6, 1e-4, 1.0)), ("float64", (1e-12, 1e-6, 1.0))):
    x = np.array(points, dtype)
    exact = np.tanh(x.astype("float64"))
    off = np.abs(Tensor(x).tanh().numpy() - exact) / exact
    found[dtype] = off
    print(dtype, {f"{p:g}": f"{e:.1e}" for p, e in zip(points, off, strict=True)})
single, double = found["float32"], found["float64"]
same = single[0] == 1 and 0.01 < single[1] < 0.2 and single[2] > 1e-5 and single[3] < 1e-6
same &= double[0] > 1e-6 and double[2] < 1e-15
raise SystemExit(0 if same else "changed")
PY
