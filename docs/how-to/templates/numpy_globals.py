"""NumPy functions that read the weights from their module."""

import numpy as np

from bpttcheck import adaptors

# Yours, in place of these: weights and a function that reads them.
Wxh, Whh, bh = np.zeros((2, 3)), np.zeros((3, 3)), np.zeros(3)


def loss_function(inputs, targets, hprev):
    h, loss = [hprev], 0.0
    for x_t, y_t in zip(inputs, targets, strict=True):
        h.append(np.tanh(x_t @ Wxh + h[-1] @ Whh + bh))
        loss = loss + ((h[-1] - y_t) ** 2).sum() / 2
    dWxh, dWhh, dbh = (np.zeros_like(w) for w in (Wxh, Whh, bh))
    message = np.zeros_like(hprev)
    for t in reversed(range(len(inputs))):
        da = (h[t + 1] - targets[t] + message) * (1 - h[t + 1] ** 2)
        dWxh += inputs[t].T @ da
        dWhh += h[t].T @ da
        dbh += da.sum(axis=0)
        message = da @ Whh.T
    return loss, dWxh, dWhh, dbh, h[-1]


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n, draw = case.T, case.B, case.m, case.n, case.rng.normal
    x, y = draw(size=(T, B, m)), draw(size=(T, B, n))
    h0 = draw(size=(B, n))
    globals().update(Wxh=draw(size=(m, n)), Whh=draw(size=(n, n)))
    globals().update(bh=np.zeros(n))
    return adaptors.from_globals(
        globals(),
        lambda: loss_function(x, y, h0),
        params=["Wxh", "Whh", "bh"],
        returns=["Wxh", "Whh", "bh", None],
    )
