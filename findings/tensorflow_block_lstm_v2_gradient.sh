#!/bin/sh
# TensorFlow: the gradient of tf.raw_ops.BlockLSTMV2, whose gates lie in the order i, f, c, o.
# Expected: that of the same formulas, as for BlockLSTM, which has i, c, f, o. Seen: the gradient
# registered for it is the op of BlockLSTM, and that puts the gradients of c and f in each other's
# place: those of w, b, x and h_prev are wrong, from the first step on; outputs are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check tensorflow-cpu==2.21.0 numpy==2.4.6
venv/bin/python - <<'PY'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
B, m, n = 2, 3, 4
shapes = {"x": (1, B, m), "c": (B, n), "h": (B, n), "w": (m + n, 4 * n), "b": (4 * n,)}
given = {k: tf.constant(rng.uniform(-1, 1, s).astype("float32")) for k, s in shapes.items()}


def op(name, p, **options):
    zero = tf.zeros(n)
    steps = {"seq_len_max": tf.constant(1, tf.int64), "x": p["x"], "w": p["w"], "b": p["b"]}
    states = {"cs_prev": p["c"], "h_prev": p["h"]}
    peepholes = {"wci": zero, "wcf": zero, "wco": zero}
    more = {"cell_clip": -1.0, "use_peephole": False, **options}
    return getattr(tf.raw_ops, name)(**steps, **states, **peepholes, **more).h[0]


def formulas(order, p):
    a = tf.concat([p["x"][0], p["h"]], 1) @ p["w"] + p["b"]
    gates = dict(zip(order, tf.split(a, 4, axis=1), strict=True))
    i, f, o = (tf.sigmoid(gates[k]) for k in "ifo")
    return o * tf.tanh(f * p["c"] + i * tf.tanh(gates["c"]))


def run(f):
    with tf.GradientTape() as tape:
        tape.watch(given)
        h = f(given)
        loss = tf.reduce_sum(tf.cos(h))
    return h, tape.gradient(loss, given)


print(f"tensorflow {tf.__version__}: largest difference from formulas differentiated automatically")
wrong = {}
for name, order, options in (
    ("BlockLSTM", "icfo", {"forget_bias": 0.0}),
    ("BlockLSTMV2", "ifco", {}),
):
    h, grads = run(lambda p, name=name, options=options: op(name, p, **options))
    expected, truth = run(lambda p, order=order: formulas(order, p))
    off = {k: float(tf.reduce_max(tf.abs(grads[k] - truth[k]))) for k in given}
    out = float(tf.reduce_max(tf.abs(h - expected)))
    print(f"{name}: outputs {out:.1e}; gradients", {k: f"{v:.1e}" for k, v in off.items()})
    wrong[name] = sorted(k for k, v in off.items() if v > 1e-2)
    wrong[name] += ["outputs"] if out > 1e-5 else []
same = wrong == {"BlockLSTM": [], "BlockLSTMV2": ["b", "h", "w", "x"]}
raise SystemExit(0 if same else "changed")
PY
