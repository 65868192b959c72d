"""NumPy functions: a forward pass with a cache, and a backward pass."""

import numpy as np

from bpttcheck import adaptors


# Yours, in place of these two.
def forward(x, h0, U, W, b):
    h = [h0]
    for x_t in x:
        h.append(np.tanh(x_t @ U + h[-1] @ W + b))
    h = np.stack(h)
    return h[1:], (x, h, U, W)


def backward(dh, cache):
    x, h, U, W = cache
    dx, dU, dW = np.zeros_like(x), np.zeros_like(U), np.zeros_like(W)
    db = np.zeros(len(W))
    message = np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        da = (dh[t] + message) * (1 - h[t + 1] ** 2)
        dx[t] = da @ U.T
        dU += x[t].T @ da
        dW += h[t].T @ da
        db += da.sum(axis=0)
        message = da @ W.T
    return dx, message, dU, dW, db


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n, draw = case.T, case.B, case.m, case.n, case.rng.normal
    params = {
        "x": draw(size=(T, B, m)),
        "h0": draw(size=(B, n)),
        "U": draw(size=(m, n)),
        "W": draw(size=(n, n)),
        "b": np.zeros(n),
    }
    return adaptors.from_vjp(lambda p: forward(**p), backward, params)
