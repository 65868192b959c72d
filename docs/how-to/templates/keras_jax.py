"""Keras on JAX: a layer around a keras.ops.custom_gradient."""

import jax
import jax.numpy as jnp
import keras
from keras import ops

from bpttcheck import adaptors

jax.config.update("jax_enable_x64", True)  # before any weight is made


# Yours, in place of these two.
@ops.custom_gradient
def step(x, h, U, W, b):
    after = jnp.tanh(x @ U + h @ W + b)  # ops.tanh returns float32

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
    layer = Layer(n)
    layer.build((B, T, m))

    def run(p):
        weights = [p[w.name] for w in layer.trainable_variables]
        states, _ = layer.stateless_call(weights, [], p["x"], p["h"])
        return states

    params = {"x": draw(size=(B, T, m)), "h": draw(size=(B, n))}
    for weight in layer.trainable_variables:
        params[weight.name] = draw(size=weight.shape)
    return adaptors.from_jax(run, params)
