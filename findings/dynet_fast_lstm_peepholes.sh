#!/bin/sh
# DyNet: the peephole weights of FastLSTMBuilder, one for each unit and gate (Python 3.8 to 3.11).
# Expected: they are in the gates, as the matrices of CoupledLSTMBuilder are, which they take the
# place of. Seen: they are parameters, yet outputs are those of the formulas without them, whatever
# their values, and their gradients are zero.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check dyNET38==2.2 numpy==1.23.5
venv/bin/python - <<'PY'
from importlib.metadata import version

import dynet
import numpy as np

T, m, n = 5, 3, 4
rng = np.random.default_rng(0)
x = rng.normal(size=(T, m))
names = "W_ix W_ih W_ic b_i W_ox W_oh W_oc b_o W_cx W_ch b_c".split()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def formulas(p, peepholes):
    h = c = np.zeros(n)
    out = []
    for x_t in x:
        i = p["W_ix"] @ x_t + p["W_ih"] @ h + p["b_i"]
        o = p["W_ox"] @ x_t + p["W_oh"] @ h + p["b_o"]
        g = np.tanh(p["W_cx"] @ x_t + p["W_ch"] @ h + p["b_c"])
        i = sigmoid(i + peepholes * (p["W_ic"] @ c))
        c = c + (g - c) * i
        h = np.tanh(c) * sigmoid(o + peepholes * (p["W_oc"] @ c))
        out.append(h)
    return np.array(out)


print(f"dyNET38 {version('dyNET38')}: difference of h from the formulas with peepholes, without")
same = True
for name in ("CoupledLSTMBuilder", "FastLSTMBuilder"):
    collection = dynet.ParameterCollection()
    builder = getattr(dynet, name)(1, m, n, collection)
    parameters = dict(zip(names, builder.get_parameters()[0], strict=True))
    for p in parameters.values():
        p.set_value(rng.normal(size=p.shape()))
    values = {k: p.as_array().astype("float64") for k, p in parameters.items()}
    for k in ("W_ic", "W_oc"):
        if values[k].shape == (n, 1):
            values[k] = np.diag(values[k][:, 0])
    dynet.renew_cg()
    h = dynet.concatenate_cols(builder.initial_state().transduce([dynet.inputVector(a) for a in x]))
    seen = h.npvalue().T
    dynet.squared_norm(h).backward()
    slopes = [np.abs(parameters[k].grad_as_array()).max() for k in ("W_ic", "W_oc")]
    off, without = (np.abs(seen - formulas(values, k)).max() for k in (1, 0))
    print(f"{name}: {off:.0e}, {without:.0e}; largest gradients of W_ic, W_oc", end=" ")
    print(", ".join(f"{s:.2g}" for s in slopes))
    fast = name == "FastLSTMBuilder"
    same &= (without if fast else off) < 1e-5 and (off if fast else without) > 0.05
    same &= max(slopes) == 0 if fast else min(slopes) > 0.01
raise SystemExit(0 if same else "changed")
PY
