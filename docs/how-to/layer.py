"""A minimal gated unit as a class with methods, written by hand: one slip is in it."""

import numpy as np


def sigmoid(a):
    """Return σ(a)."""
    return 1 / (1 + np.exp(-a))


class Layer:
    """h_t = (1 − f) ∘ h_{t-1} + f ∘ tanh(x_t U + (f ∘ h_{t-1}) W), f = σ(x_t A + h_{t-1} B)."""

    def __init__(self, weights):
        self.weights = weights
        self.grads = {name: np.zeros_like(w) for name, w in weights.items()}

    def forward(self, x, h):
        """Return all states but the first; keep what the way back needs."""
        self.cache, states = [], []
        w = self.weights
        for x_t in x:
            f = sigmoid(x_t @ w["A"] + h @ w["B"])
            c = np.tanh(x_t @ w["U"] + (f * h) @ w["W"])
            self.cache.append((x_t, h, f, c))
            h = (1 - f) * h + f * c
            states.append(h)
        return np.stack(states)

    def backward(self, dstates):
        """Add the gradients of the weights to ``grads``."""
        w, g, message = self.weights, self.grads, 0.0
        for dh, (x_t, h, f, c) in zip(dstates[::-1], self.cache[::-1], strict=True):
            dh = dh + message
            da = dh * f * (1 - c**2)
            dm = da @ w["W"].T
            db = (dh * (c - h) + dm * h) * f
            g["U"] += x_t.T @ da
            g["W"] += (f * h).T @ da
            g["A"] += x_t.T @ db
            g["B"] += h.T @ db
            message = dh * (1 - f) + dm * f + db @ w["B"].T


def problem(case):
    """Return the function to check and its parameters, at the sizes of a case."""
    T, B, m, n, rng = case.T, case.B, case.m, case.n, case.rng
    x, h0, y = (rng.normal(size=s) for s in ((T, B, m), (B, n), (T, B, n)))

    def value_and_grad(weights):
        layer = Layer(weights)
        error = layer.forward(x, h0) - y
        layer.backward(error)
        return (error**2).sum() / 2, layer.grads

    return value_and_grad, {k: rng.normal(size=(m if k in "UA" else n, n)) for k in "UWAB"}
