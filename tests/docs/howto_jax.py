"""The JAX code of the how-to page, which quotes it; ``test_quoted_code.py`` runs it."""

import jax
import jax.numpy as jnp

from bpttcheck import adaptors, check_gradients


@jax.custom_vjp
def cell(x, h, U, W):
    return jnp.tanh(x @ U + h @ W)


def forward(x, h, U, W):
    after = cell(x, h, U, W)
    return after, (x, h, U, W, after)


def backward(kept, dh):
    x, h, U, W, after = kept
    da = dh * (1 - after**2)
    return da @ U.T, da @ W.T, x.T @ da, h.T @ da


cell.defvjp(forward, backward)


def check_cell(x, h, U, W):
    params = {"x": x, "h": h, "U": U, "W": W}
    return check_gradients(*adaptors.from_jax(lambda p: cell(**p), params))
