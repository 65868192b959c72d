"""NumPy functions: one function returns the loss and the gradients."""

import numpy as np

from bpttcheck import adaptors


# Yours, in place of this one.
def loss_and_gradients(x, y, h0, U, W, b):
    h, loss = [h0], 0.0
    for x_t, y_t in zip(x, y, strict=True):
        h.append(np.tanh(x_t @ U + h[-1] @ W + b))
        loss = loss + ((h[-1] - y_t) ** 2).sum() / 2
    dU, dW, db = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b)
    message = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        da = (h[t + 1] - y[t] + message) * (1 - h[t + 1] ** 2)
        dU += x[t].T @ da
        dW += h[t].T @ da
        db += da.sum(axis=0)
        message = da @ W.T
    return loss, dU, dW, db, h[-1]


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n, draw = case.T, case.B, case.m, case.n, case.rng.normal
    x, y = draw(size=(T, B, m)), draw(size=(T, B, n))
    h0 = draw(size=(B, n))
    params = {
        "U": draw(size=(m, n)),
        "W": draw(size=(n, n)),
        "b": np.zeros(n),
    }
    return adaptors.from_function(
        lambda p: loss_and_gradients(x, y, h0, **p),
        params,
        returns=["U", "W", "b", None],
    )
