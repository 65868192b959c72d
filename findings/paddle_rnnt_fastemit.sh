#!/bin/sh
# Paddle: gradients of F.rnnt_loss, the transducer loss, whose fastemit_lambda, "regularization parameter for
# FastEmit", is 0.001 by default.
# Expected: the gradient of the number that is returned; a regularization is a term of the loss, and none is
# meant by default. Seen: the value takes no notice of fastemit_lambda, and the gradient of every emitted label is
# 1 + fastemit_lambda times that of the value: by default all are wrong by 0.1 %, silently, and no smaller
# loss is ever reported for what they make smaller. With fastemit_lambda=0 they are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check paddlepaddle==3.3.1 numpy==2.4.6
venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
import numpy as np
import paddle

T, labels, classes = 4, np.array([[1, 3]], "int32"), 4
scores = np.random.default_rng(0).normal(size=(1, T, 3, classes))
logprobs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
lengths = [paddle.to_tensor(np.array([n], "int32")) for n in (T, 2)]


def loss(x, **options):
    f = paddle.nn.functional.rnnt_loss
    return f(x, paddle.to_tensor(labels), *lengths, blank=0, reduction="sum", **options)


def forward(x):
    """The loss by its definition: minus the logarithm of the sum over all paths."""
    a = np.full((T, 3), -np.inf)
    a[0, 0] = 0.0
    for t in range(T):
        for u in range(3):
            if t:
                a[t, u] = np.logaddexp(a[t, u], a[t - 1, u] + x[0, t - 1, u, 0])
            if u:
                a[t, u] = np.logaddexp(a[t, u], a[t, u - 1] + x[0, t, u - 1, labels[0, u - 1]])
    return -(a[T - 1, 2] + x[0, T - 1, 2, 0])


true, h = np.zeros_like(logprobs), 1e-5
for i in np.ndindex(true.shape):
    e = np.zeros_like(true)
    e[i] = h
    true[i] = (forward(logprobs + e) - forward(logprobs - e)) / (2 * h)
emitted = np.zeros(true.shape, bool)
for u in (0, 1):
    emitted[0, :, u, labels[0, u]] = True
print(f"paddle {paddle.__version__}, on a processor, float64: loss by its definition {forward(logprobs):.6f}")
same = True
for options, factor in (({"fastemit_lambda": 0.0}, 1.0), ({}, 1.001), ({"fastemit_lambda": 0.5}, 1.5)):
    x = paddle.to_tensor(logprobs, stop_gradient=False)
    value = loss(x, **options)
    value.backward()
    gradient = x.grad.numpy()
    differences = abs(gradient - true).max()
    explained = abs(gradient - np.where(emitted, factor, 1.0) * true).max()
    print(f"{options or 'as by default'}: loss {float(value):.6f}; gradients {differences:.1e} off differences,", end=" ")
    print(f"{explained:.1e} off those with labels times {factor}")
    same &= abs(float(value) - forward(logprobs)) < 1e-9 and explained < 1e-8
    same &= (differences < 1e-8) == (factor == 1.0)
print("For gradient checks: set fastemit_lambda=0 first, or right gradients through the loss are called wrong, by")
print("0.1 %; a check with a relative tolerance of 1e-3 or more does not see it.")
raise SystemExit(0 if same else "changed")
PY
