"""Keras on PyTorch: a layer around a keras.ops.custom_gradient."""

import keras
from keras import ops

from bpttcheck import adaptors


# Yours, in place of these two.
@ops.custom_gradient
def step(x, h, U, W, b):
    after = ops.tanh(x @ U + h @ W + b)

    def backward(*arguments, upstream=None):  # upstream: PyTorch alone
        dafter = arguments[0] if upstream is None else upstream
        da = dafter * (1 - after**2)
        return (
            da @ ops.transpose(U),
            da @ ops.transpose(W),
            ops.transpose(x) @ da,
            ops.transpose(h) @ da,
            ops.sum(da, axis=0),
        )

    return after, backward


@keras.saving.register_keras_serializable()  # or it cannot be copied
class Layer(keras.layers.Layer):
    def __init__(self, n, dtype="float64", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.n = n

    def build(self, shape):
        self.U = self.add_weight(shape=(shape[-1], self.n), name="U")
        self.W = self.add_weight(shape=(self.n, self.n), name="W")
        self.b = self.add_weight(shape=(self.n,), name="b")

    def call(self, x, h):
        # Values, not variables: TensorFlow tells them apart.
        U, W, b = ops.copy(self.U), ops.copy(self.W), ops.copy(self.b)
        states = []
        for t in range(x.shape[1]):
            h = step(x[:, t], h, U, W, b)
            states.append(h)
        return ops.stack(states, axis=1)


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n, draw = case.T, case.B, case.m, case.n, case.rng.normal
    layer = Layer(n, name="rnn")
    layer.build((B, T, m))
    inputs = {"x": draw(size=(B, T, m)), "h": draw(size=(B, n))}
    return adaptors.from_module(layer, inputs)
