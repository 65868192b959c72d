#!/bin/sh
# TensorFlow: the gradient of tf.raw_ops.BlockLSTM with cell_clip, and of its outputs i, cs, f, o, ci, co.
# Expected: nothing goes back through a cell that was clipped, as through tf.clip_by_value; a loss of an
# output that has no gradient is refused. Seen: gradients go through the clip as if it were not there,
# while the values are clipped; those of the gates and of tanh's are zeros, silently, and only h and
# cs have gradients.
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
T, B, m, n = 4, 2, 3, 4
shapes = {"x": (T, B, m), "c": (B, n), "h": (B, n), "w": (m + n, 4 * n), "b": (4 * n,)}
given = {k: tf.constant(rng.uniform(-1, 1, s).astype("float32")) for k, s in shapes.items()}
along = tf.constant(rng.normal(size=(T, B, n)).astype("float32"))


def op(p, clip):
    zero = tf.zeros(n)
    return tf.raw_ops.BlockLSTM(
        seq_len_max=tf.constant(T, tf.int64),
        x=p["x"],
        cs_prev=p["c"],
        h_prev=p["h"],
        w=p["w"],
        wci=zero,
        wcf=zero,
        wco=zero,
        b=p["b"],
        cell_clip=clip,
        forget_bias=0.0,
    )._asdict()


def formulas(p, clip, through=False):
    h, c, steps = p["h"], p["c"], []
    for x in tf.unstack(p["x"]):
        i, ci, f, o = tf.split(tf.concat([x, h], 1) @ p["w"] + p["b"], 4, axis=1)
        i, f, o, ci = tf.sigmoid(i), tf.sigmoid(f), tf.sigmoid(o), tf.tanh(ci)
        c = f * c + i * ci
        if clip > 0:
            clipped = tf.clip_by_value(c, -clip, clip)
            c = c + tf.stop_gradient(clipped - c) if through else clipped
        co = tf.tanh(c)
        h = o * co
        steps.append({"i": i, "cs": c, "f": f, "o": o, "ci": ci, "co": co, "h": h})
    return {k: tf.stack([s[k] for s in steps]) for k in steps[0]}


def run(f, output, clip, **how):
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = f(given, clip, **how)[output]
        loss = tf.reduce_sum(along * y)
    return y, tape.gradient(loss, given, unconnected_gradients="zero")


def far(a, b):
    return max(float(tf.reduce_max(tf.abs(a[k] - b[k]))) for k in given)


print(f"tensorflow {tf.__version__}, BlockLSTM: largest difference from formulas")
same = True
for clip in (-1.0, 0.3):
    y, seen = run(op, "h", clip)
    value, exact = run(formulas, "h", clip)
    _, through = run(formulas, "h", clip, through=True)
    values = float(tf.reduce_max(tf.abs(y - value)))
    print(f"cell_clip {clip:g}: h {values:.0e}, its gradients {far(seen, exact):.0e}", end="")
    print(f"; from gradients straight through the clip {far(seen, through):.0e}")
    same &= values < 1e-5 and far(seen, through) < 1e-5
    same &= far(seen, exact) > 0.1 if clip > 0 else far(seen, exact) < 1e-5
nothing = {k: tf.zeros_like(v) for k, v in given.items()}
for output in ("cs", "i", "f", "o", "ci", "co"):
    (_, seen), (_, exact) = run(op, output, -1.0), run(formulas, output, -1.0)
    size = far(seen, nothing)
    print(f"a loss of {output}: gradients {far(seen, exact):.0e} off, the largest {size:.2g}")
    same &= far(seen, exact) < 1e-5 if output == "cs" else size == 0 and far(exact, nothing) > 0.1
raise SystemExit(0 if same else "changed")
PY
