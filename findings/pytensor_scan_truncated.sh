#!/bin/sh
# PyTensor: scan(truncate_gradient=k) with a loss of every step, as of a language model.
# Expected: truncated backpropagation through time, in which each step's loss goes k steps back. Seen:
# only the last k steps of the sequence are gone through at all: losses before them add nothing, and
# with k = 1 nine steps of ten have no gradient. With a loss of the last step the two agree.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pytensor==3.0.7 numpy==2.4.6
PYTENSOR_FLAGS=cxx=,mode=FAST_COMPILE,base_compiledir="$dir" venv/bin/python - <<'PY'
import numpy as np
import pytensor
import pytensor.tensor as pt

T, n = 10, 3
rng = np.random.default_rng(0)
W, X, h0, C = (rng.normal(size=s) for s in ((n, n), (T, n), n, (T, n)))


def step(x, h, W):
    return pt.tanh(x + h @ W)


def pytensors(k, last):
    w, x, start, c = pt.matrix(), pt.matrix(), pt.vector(), pt.matrix()
    h = pytensor.scan(
        step,
        sequences=[x],
        outputs_info=[start],
        non_sequences=[w],
        truncate_gradient=k,
        return_updates=False,
    )
    loss = (h[-1] * c[-1]).sum() if last else (h * c).sum()
    return pytensor.function([w, x, start, c], pytensor.grad(loss, [w, x]))(W, X, h0, C)


def windows(k, last):
    h = [h0]
    for x in X:
        h.append(np.tanh(x + h[-1] @ W))
    dW, dX = np.zeros((n, n)), np.zeros((T, n))
    for t in range(T, T - 1 if last else 0, -1):
        dh = C[t - 1]
        for s in range(t, max(0, t - k), -1):
            da = dh * (1 - h[s] ** 2)
            dW += np.outer(h[s - 1], da)
            dX[s - 1] += da
            dh = W @ da
    return dW, dX


print(f"pytensor {pytensor.__version__}, T = {T}: difference from k steps back from each loss")
same = True
for last in (True, False):
    for k in (1, 3, T):
        dW, dX = pytensors(-1 if k == T else k, last)
        off = np.abs(dW - windows(k, last)[0]).max()
        moved = int(np.any(dX != 0, axis=1).sum())
        of = "the last step" if last else "every step"
        print(f"loss of {of}, k = {k}: dW off by {off:.1e}; {moved} of {T} steps have a gradient")
        same &= moved == k and (off < 1e-12 if last or k == T else off > 0.1)
raise SystemExit(0 if same else "changed")
PY
