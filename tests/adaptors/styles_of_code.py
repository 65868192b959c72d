"""One tanh RNN as people write it: functions, layers, globals, updates; ``slip`` is a factor on dW.

h_t = tanh(x_t U + h_{t−1} W + b), rows for sequences, time first.
"""

import numpy as np


def drawn(T=5, B=2, m=3, n=4, seed=0, dtype=np.float64):
    """Return x, h0, U, W, b."""
    rng = np.random.default_rng(seed)
    shapes = {"x": (T, B, m), "h0": (B, n), "U": (m, n), "W": (n, n), "b": (n,)}
    return {k: (0.6 * rng.normal(size=s)).astype(dtype) for k, s in shapes.items()}


def step_forward(x, h, U, W, b):
    """Return the next state and a cache."""
    after = np.tanh(x @ U + h @ W + b)
    return after, (x, h, U, W, after)


def step_backward(dh, cache, slip=1.0):
    """Return dx, dh, dU, dW, db."""
    x, h, U, W, after = cache
    da = dh * (1 - after**2)
    return da @ U.T, da @ W.T, x.T @ da, slip * (h.T @ da), da.sum(axis=0)


def forward(x, h0, U, W, b):
    """Return all states and the caches."""
    states, caches, h = [], [], h0
    for x_t in x:
        h, cache = step_forward(x_t, h, U, W, b)
        states.append(h)
        caches.append(cache)
    return np.stack(states), caches


def backward(dh, caches, slip=1.0):
    """Return dx, dh0, dU, dW, db."""
    message, dx, total = 0.0, [], [0.0, 0.0, 0.0]
    for t in reversed(range(len(caches))):
        dx_t, message, *grads = step_backward(dh[t] + message, caches[t], slip)
        dx.append(dx_t)
        total = [a + g for a, g in zip(total, grads, strict=True)]
    return (np.stack(dx[::-1]), message, *total)


def loss_and_gradients(x, h0, U, W, b, slip=1.0):
    """Return ½ Σ h² and the gradients of U, W and b, then the last state."""
    h, caches = forward(x, h0, U, W, b)
    _, _, dU, dW, db = backward(h, caches, slip)
    return (h**2).sum() / 2, dU, dW, db, h[-1]


class Layer:
    """Keeps parameters and gradients in lists, as a layer of a small framework does."""

    def __init__(self, U, W, b, slip=1.0):
        self.params = [U, W, b]
        self.shared = {"again": self.params}
        self.grads = [np.zeros_like(a) for a in self.params]
        self.slip = slip

    def forward(self, x, h0):
        """Return all states."""
        h, self.cache = forward(x, h0, *self.shared["again"])
        return h

    def backward(self, dh):
        """Return dx and dh0, and leave the others."""
        dx, dh0, *grads = backward(dh, self.cache, self.slip)
        for kept, g in zip(self.grads, grads, strict=True):
            kept[...] = g
        return dx, dh0

    def step(self, x, h0, rate):
        """Do one step of gradient descent."""
        h = self.forward(x, h0)
        self.backward(h)
        for a, g in zip(self.params, self.grads, strict=True):
            a -= rate * g
        return (h**2).sum() / 2


class Net:
    """Keeps parameters in attributes."""

    def __init__(self, U, W, b, slip=1.0):
        self.U, self.W, self.b, self.slip = U, W, b, slip

    def train(self, x, h0):
        """Return the loss, and leave dU, dW and db."""
        loss, self.dU, self.dW, self.db, _ = loss_and_gradients(
            x, h0, self.U, self.W, self.b, self.slip
        )
        return loss
