"""A vanilla RNN and its backward pass, written by hand: one slip is in it."""

import numpy as np


def forward(x, h0, U, W, b):
    """Return all states; h_t = tanh(x_t U + h_{t-1} W + b), rows for sequences."""
    h = [h0]
    for x_t in x:
        h.append(np.tanh(x_t @ U + h[-1] @ W + b))
    return np.stack(h)


def backward(dh, x, h, U, W):
    """Return the gradients of U, W and b."""
    dU, dW, db = np.zeros_like(U), np.zeros_like(W), np.zeros(len(W))
    message = np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        da = (dh[t] + message) * (1 - h[t + 1] ** 2)
        dU += x[t].T @ da
        dW += h[t].T @ da
        db += da.sum(axis=0)
        message = da @ W
    return dU, dW, db


def problem(case):
    """Return the function to check and its parameters, at the sizes of a case."""
    T, B, m, n, rng = case.T, case.B, case.m, case.n, case.rng
    x, h0, y = (rng.normal(size=s) for s in ((T, B, m), (B, n), (T, B, n)))

    def value_and_grad(params):
        h = forward(x, h0, **params)
        error = h[1:] - y
        dU, dW, db = backward(error, x, h, params["U"], params["W"])
        return (error**2).sum() / 2, {"U": dU, "W": dW, "b": db}

    return value_and_grad, {
        "U": rng.normal(size=(m, n)),
        "W": rng.normal(size=(n, n)),
        "b": np.zeros(n),
    }
