"""PyTorch tensors without autograd, a backward pass by hand."""

import torch

from bpttcheck import adaptors


# Yours, in place of this one.
@torch.no_grad()
def loss_and_gradients(x, y, h0, U, W, b):
    h, loss = [h0], 0.0
    for x_t, y_t in zip(x, y, strict=True):
        h.append(torch.tanh(x_t @ U + h[-1] @ W + b))
        loss = loss + ((h[-1] - y_t) ** 2).sum() / 2
    dU, dW, db = (torch.zeros_like(w) for w in (U, W, b))
    message = torch.zeros_like(h0)
    for t in reversed(range(len(x))):
        da = (h[t + 1] - y[t] + message) * (1 - h[t + 1] ** 2)
        dU += x[t].T @ da
        dW += h[t].T @ da
        db += da.sum(0)
        message = da @ W.T
    return loss, dU, dW, db


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n = case.T, case.B, case.m, case.n

    def draw(*size):
        return torch.tensor(case.rng.normal(size=size))

    x, y, h0 = draw(T, B, m), draw(T, B, n), draw(B, n)
    params = {"U": draw(m, n), "W": draw(n, n), "b": draw(n)}
    return adaptors.from_function(
        lambda p: loss_and_gradients(x, y, h0, **p),
        params,
    )
