"""Backward passes that PyTorch and JAX call."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from tests.day import in_turn, share
from tests.mend.points import module

TORCH = """
import torch

class Squash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.tanh(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        y, = ctx.saved_tensors
        return grad * (1 - y)

x = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(4, 3)

def value_and_grad(params):
    W = params["W"].clone().requires_grad_(True)
    loss = (Squash.apply(x @ W) ** 2).sum()
    loss.backward()
    return loss.detach(), {"W": W.grad}
"""

JAX = """
import jax
import jax.numpy as jnp
import numpy as np

@jax.custom_vjp
def squash(x):
    return jnp.tanh(x)

def forward(x):
    y = jnp.tanh(x)
    return y, y

def backward(y, g):
    return (g * (1 - y),)

squash.defvjp(forward, backward)
x = np.linspace(-1, 1, 12).reshape(4, 3)

def value_and_grad(params):
    return jax.value_and_grad(lambda p: (squash(x @ p["W"]) ** 2).sum())(params)
"""

W = np.array([[0.3, -0.9], [1.1, 0.4], [-0.6, 0.8]])


def test_a_function_of_autograd(tmp_path):
    torch = pytest.importorskip("torch")
    mine = module(tmp_path, TORCH)
    report = check_gradients(mine.value_and_grad, {"W": torch.tensor(W)})
    assert [edit.after for edit in report.mend.edits] == ["return grad * (1 - y ** 2)"]


SCANNED = """
import jax
import jax.numpy as jnp

x = jnp.linspace(-1.0, 1.0, 9).reshape(3, 3)

def value_and_grad(params):
    W = params["W"].reshape(2, 3)[:, :2]

    def step(h, x):
        new = jnp.tanh(W @ h + x[:2])
        return new, (h, new)

    def back(dh, kept):
        h, new = kept
        da = (dh + new) * (1 - new**2)
        return W @ da, jnp.outer(da, h)

    _, kept = jax.lax.scan(step, jnp.zeros(2), x)
    _, parts = jax.lax.scan(back, jnp.zeros(2), kept, reverse=True)
    dW = jnp.zeros((2, 3)).at[:, :2].set(parts.sum(0))
    return 0.5 * (kept[1] ** 2).sum(), {"W": dW.reshape(3, 2)}
"""


@pytest.mark.parametrize("jit", share([False, True], 2))
def test_a_custom_vjp(jit, tmp_path):
    """Compiled code runs no line that an edit could change."""
    jax = pytest.importorskip("jax")
    mine = module(tmp_path, JAX)
    with jax.enable_x64():
        function = jax.jit(mine.value_and_grad) if jit else mine.value_and_grad
        report = check_gradients(function, {"W": jax.numpy.asarray(W)})
    assert [edit.after for edit in report.mend.edits] == ["return (g * (1 - y ** 2),)"]


@in_turn(4)
def test_a_scan_runs_step_by_step(tmp_path):
    jax = pytest.importorskip("jax")
    with jax.enable_x64():
        mine = module(tmp_path, SCANNED)
        report = check_gradients(jax.jit(mine.value_and_grad), {"W": jax.numpy.asarray(W)})
    assert [edit.after for edit in report.mend.edits] == ["return da @ W, jnp.outer(da, h)"]
