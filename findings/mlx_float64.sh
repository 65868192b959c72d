#!/bin/sh
# MLX on the processor: float64 ("float64 is currently only supported on the CPU" is its one limit).
# Expected: the accuracy of float64, as the results are of that type. Seen: exp, sin, cos, erf, sigmoid,
# softmax and logsumexp are right to float32's seven digits; tanh, expm1, log and sinh are right to
# sixteen. An LSTM's gates are then float32 and its candidates float64, and central differences of
# the gates with the usual step of 1e-6 are right to two digits: right gradients look wrong.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check mlx[cpu]==0.32.4
venv/bin/python - <<'PY'
import math

import mlx.core as mx

mx.set_default_device(mx.cpu)
points = [i / 100 for i in range(-300, 301)]
x = mx.array(points, dtype=mx.float64)
exact = {
    "exp": math.exp,
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "expm1": math.expm1,
    "tanh": math.tanh,
    "sinh": math.sinh,
    "arctan": math.atan,
}
print(f"mlx {mx.__version__}, device {mx.default_device()}, float64")
rough = set()
for name, f in exact.items():
    y = getattr(mx, name)(x)
    off = max(abs(a - b) for a, b in zip(y.tolist(), map(f, points)))
    print(f"{name}: {y.dtype}, at most {off:.1e} off in [-3, 3]")
    if y.dtype == mx.float64 and off > 1e-9:
        rough.add(name)
total = sum(map(math.exp, points))
off = max(abs(a - math.exp(v) / total) * total / math.exp(v) for a, v in zip(mx.softmax(x).tolist(), points))
print(f"softmax: {mx.softmax(x).dtype}, at most {off:.1e} off, relative")
at, step = mx.array(0.3, dtype=mx.float64), 1e-6
slope = mx.grad(mx.sigmoid)(at).item()
quotient = ((mx.sigmoid(at + step) - mx.sigmoid(at - step)) / (2 * step)).item()
s = 1 / (1 + math.exp(-0.3))
print(f"slope of sigmoid at 0.3: {s * (1 - s):.8f}; MLX's gradient {slope:.8f}, central difference {quotient:.8f}")
same = rough == {"exp", "sin", "cos", "erf", "sigmoid"} and off > 1e-9
same &= abs(slope - s * (1 - s)) < 1e-7 and abs(quotient - slope) > 1e-4
raise SystemExit(0 if same else "changed")
PY
