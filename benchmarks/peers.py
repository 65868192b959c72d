"""The same network in other libraries: a forward pass, and the loss with every gradient.

Each takes NumPy arrays once, keeps what it makes of them, and returns two calls without arguments:
``forward()`` for the outputs, and ``value_and_grad()`` for the loss and the gradients of U, W, V,
b, b_s, h_0 and x. The loss is the sum over T and B of softmax + NLL.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.timing import Call

GRADIENTS = ("U", "W", "V", "b", "b_s", "h0", "x")


def torch_rnn(params: dict[str, Any], x: Any, y: Any, h0: Any) -> tuple[Call, Call]:
    """PyTorch, eager: nn.RNN, nn.Linear, cross_entropy."""
    import torch

    dtype = torch.float64 if x.dtype == np.float64 else torch.float32
    n, m = params["U"].shape
    rnn = torch.nn.RNN(m, n, dtype=dtype)
    head = torch.nn.Linear(n, len(params["V"]), dtype=dtype)
    given = {
        "U": rnn.weight_ih_l0, "W": rnn.weight_hh_l0, "b": rnn.bias_ih_l0,
        "V": head.weight, "b_s": head.bias,
    }  # fmt: skip
    with torch.no_grad():
        rnn.bias_hh_l0.zero_()
        for name, tensor in given.items():
            tensor.copy_(torch.from_numpy(params[name]))
    rnn.bias_hh_l0.requires_grad_(False)  # a second bias, which the other libraries do not have
    given |= {"h0": torch.from_numpy(h0)[None], "x": torch.from_numpy(x)}
    wanted = [given[name].requires_grad_() for name in GRADIENTS]
    classes = torch.from_numpy(y).reshape(-1)

    def outputs() -> Any:
        return head(rnn(given["x"], given["h0"])[0])

    def forward() -> Any:
        with torch.no_grad():
            return outputs()

    def value_and_grad() -> Any:
        logits = outputs().reshape(len(classes), -1)
        loss = torch.nn.functional.cross_entropy(logits, classes, reduction="sum")
        return loss, torch.autograd.grad(loss, wanted)

    return forward, value_and_grad


def jax_rnn(params: dict[str, Any], x: Any, y: Any, h0: Any) -> tuple[Call, Call]:
    """JAX, compiled: lax.scan, log_softmax, jit of value_and_grad."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    from jax import numpy as jnp

    given = {name: jnp.asarray(value) for name, value in (params | {"h0": h0, "x": x}).items()}
    classes = jnp.asarray(y)[..., None]

    @jax.jit
    def outputs(v: dict[str, Any]) -> Any:
        def step(h: Any, z: Any) -> Any:
            h = jnp.tanh(z + h @ v["W"].T)
            return h, h

        _, h = jax.lax.scan(step, v["h0"], v["x"] @ v["U"].T + v["b"])
        return h @ v["V"].T + v["b_s"]

    @jax.jit
    @jax.value_and_grad
    def with_gradients(v: dict[str, Any]) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs(v)), classes, axis=-1).sum()

    def value_and_grad() -> Any:
        loss, grads = jax.block_until_ready(with_gradients(given))
        return loss, [grads[name] for name in GRADIENTS]

    return lambda: jax.block_until_ready(outputs(given)), value_and_grad


def autograd_rnn(params: dict[str, Any], x: Any, y: Any, h0: Any) -> tuple[Call, Call]:
    """HIPS autograd: NumPy, traced at every call."""
    from autograd import numpy as anp
    from autograd import value_and_grad as differentiate

    given = [(params | {"h0": h0, "x": x})[name] for name in GRADIENTS]
    chosen = (*np.indices(y.shape), y)

    def outputs(U: Any, W: Any, V: Any, b: Any, b_s: Any, h: Any, x: Any) -> Any:
        states = []
        for z in anp.dot(x, U.T) + b:
            h = anp.tanh(z + anp.dot(h, W.T))
            states.append(h)
        return anp.dot(anp.stack(states), V.T) + b_s

    def loss(*values: Any) -> Any:
        s = outputs(*values)
        s = s - anp.max(s, axis=-1, keepdims=True)
        return anp.sum(anp.log(anp.sum(anp.exp(s), axis=-1)) - s[chosen])

    with_gradients = differentiate(loss, argnum=tuple(range(len(given))))
    return lambda: outputs(*given), lambda: with_gradients(*given)


RNN = {"torch": torch_rnn, "jax": jax_rnn, "autograd": autograd_rnn}
