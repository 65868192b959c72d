"""NumPy classes: a layer with forward and backward."""

import numpy as np

from bpttcheck import adaptors


# Yours, in place of this one.
class Layer:
    def __init__(self, U, W, b):
        self.params = [U, W, b]
        self.grads = [np.zeros_like(w) for w in self.params]

    def forward(self, x, h0):
        U, W, b = self.params
        self.x, self.h = x, [h0]
        for x_t in x:
            self.h.append(np.tanh(x_t @ U + self.h[-1] @ W + b))
        return np.stack(self.h[1:])

    def backward(self, dh):
        U, W = self.params[:2]
        dx, dU, dW, db = np.zeros_like(self.x), 0.0, 0.0, 0.0
        message = 0.0
        for t in reversed(range(len(self.x))):
            da = (dh[t] + message) * (1 - self.h[t + 1] ** 2)
            dx[t] = da @ U.T
            dU = dU + self.x[t].T @ da
            dW = dW + self.h[t].T @ da
            db = db + da.sum(axis=0)
            message = da @ W.T
        self.grads[:] = dU, dW, db
        return dx, message


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n, draw = case.T, case.B, case.m, case.n, case.rng.normal
    layer = Layer(draw(size=(m, n)), draw(size=(n, n)), np.zeros(n))
    inputs = {"x": draw(size=(T, B, m)), "h0": draw(size=(B, n))}
    return adaptors.from_layer(
        layer,
        inputs,
        params="params",
        gradients="grads",
    )
