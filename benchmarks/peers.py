"""The same networks in other libraries: a forward pass, and the loss with every gradient.

Each takes NumPy arrays once, keeps what it makes of them, and returns two calls without arguments:
``forward()`` for the outputs, and ``value_and_grad()`` for the loss and the gradients, by name, of
every weight, the initial states and x. The loss is the sum over T and B of softmax + NLL. The GRU
resets after the product, as theirs does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.timing import Call
from bpttcheck.cells.orders import by_gate, order, stacked

Arrays = Mapping[str, Any]


def torch_network(cell: str, params: Arrays, x: Any, y: Any, states: Arrays) -> tuple[Call, Call]:
    """PyTorch, eager: nn.RNN, nn.LSTM or nn.GRU, nn.Linear, cross_entropy."""
    import torch

    dtype = torch.float64 if x.dtype == np.float64 else torch.float32
    n, m = params["U" if cell == "rnn" else "U_g"].shape
    layer = getattr(torch.nn, cell.upper())(m, n, dtype=dtype)
    head = torch.nn.Linear(n, len(params["V"]), dtype=dtype)
    convention = order("torch", cell)
    theirs = stacked(convention, params)
    with torch.no_grad():
        for name, array in theirs.items():
            getattr(layer, f"{name}_l0").copy_(torch.from_numpy(array))
        head.weight.copy_(torch.from_numpy(params["V"]))
        head.bias.copy_(torch.from_numpy(params["b_s"]))
    if cell != "gru":
        layer.bias_hh_l0.requires_grad_(False)  # a second bias, which others do not have
        del theirs["bias_hh"]
    inputs = torch.from_numpy(x).requires_grad_()
    starts = {k: torch.from_numpy(a)[None].requires_grad_() for k, a in states.items()}
    wanted = [getattr(layer, f"{name}_l0") for name in theirs]
    wanted += [head.weight, head.bias, *starts.values(), inputs]
    classes = torch.from_numpy(y).reshape(-1)
    first = tuple(starts.values()) if cell == "lstm" else starts["h0"]

    def outputs() -> Any:
        return head(layer(inputs, first)[0])

    def forward() -> Any:
        with torch.no_grad():
            return outputs()

    def value_and_grad() -> Any:
        logits = outputs().reshape(len(classes), -1)
        loss = torch.nn.functional.cross_entropy(logits, classes, reduction="sum")
        return loss.detach(), torch.autograd.grad(loss, wanted)

    def named(found: Any) -> Any:
        loss, grads = found
        own = dict(zip(theirs, (g.numpy() for g in grads), strict=False))
        gates = by_gate(convention, own["weight_ih"], own["weight_hh"], own["bias_ih"])
        if cell == "gru":  # its other biases of the state are ours of the gates, twice
            gates["b_Wg"] = own["bias_hh"][-n:]
        names = ["V", "b_s", *starts, "x"]
        return loss, gates | dict(zip(names, grads[len(theirs) :], strict=True))

    value_and_grad.named = named  # type: ignore[attr-defined]
    return forward, value_and_grad


def jax_network(cell: str, params: Arrays, x: Any, y: Any, states: Arrays) -> tuple[Call, Call]:
    """JAX, compiled: lax.scan, log_softmax, jit of value_and_grad; gates side by side."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    from jax import numpy as jnp

    given = {k: jnp.asarray(v) for k, v in (dict(params) | states | {"x": x}).items()}
    classes = jnp.asarray(y)[..., None]
    gates = {"rnn": [""], "lstm": ["_i", "_f", "_g", "_o"], "gru": ["_z", "_r", "_g"]}[cell]

    def side_by_side(v: Any, letter: str) -> Any:
        return jnp.concatenate([v[f"{letter}{gate}"] for gate in gates])

    def rnn(W: Any, _: Any, h: Any, z: Any) -> Any:
        h = jnp.tanh(z + h @ W)
        return h, h

    def lstm(W: Any, _: Any, before: Any, z: Any) -> Any:
        h, c = before
        i, f, g, o = jnp.split(z + h @ W, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    def gru(W: Any, bias: Any, h: Any, z: Any) -> Any:
        z_z, z_r, z_g = jnp.split(z, 3, axis=-1)
        q_z, q_r, q_g = jnp.split(h @ W, 3, axis=-1)
        keep, reset = jax.nn.sigmoid(z_z + q_z), jax.nn.sigmoid(z_r + q_r)
        h = keep * h + (1 - keep) * jnp.tanh(z_g + reset * (q_g + bias))
        return h, h

    step = {"rnn": rnn, "lstm": lstm, "gru": gru}[cell]

    @jax.jit
    def outputs(v: dict[str, Any]) -> Any:
        W, bias = side_by_side(v, "W").T, v.get("b_Wg")
        first = (v["h0"], v["c0"]) if cell == "lstm" else v["h0"]
        inputs = v["x"] @ side_by_side(v, "U").T + side_by_side(v, "b")
        _, h = jax.lax.scan(lambda before, z: step(W, bias, before, z), first, inputs)
        return h @ v["V"].T + v["b_s"]

    @jax.jit
    @jax.value_and_grad
    def with_gradients(v: dict[str, Any]) -> Any:
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs(v)), classes, axis=-1).sum()

    def value_and_grad() -> Any:
        return jax.block_until_ready(with_gradients(given))

    def compiled() -> Call:
        found = with_gradients.lower(given).compile()
        return lambda: jax.block_until_ready(found(given))

    value_and_grad.compiled = compiled  # type: ignore[attr-defined]
    return lambda: jax.block_until_ready(outputs(given)), value_and_grad


def autograd_network(
    cell: str, params: Arrays, x: Any, y: Any, states: Arrays
) -> tuple[Call, Call]:
    """HIPS autograd: NumPy, traced at every call; the vanilla RNN alone."""
    from autograd import numpy as anp
    from autograd import value_and_grad as differentiate

    assert cell == "rnn"
    given = dict(params) | states | {"x": x}
    chosen = (*np.indices(y.shape), y)

    def outputs(v: Any) -> Any:
        h, found = v["h0"], []
        for z in anp.dot(v["x"], v["U"].T) + v["b"]:
            h = anp.tanh(z + anp.dot(h, v["W"].T))
            found.append(h)
        return anp.dot(anp.stack(found), v["V"].T) + v["b_s"]

    def loss(v: Any) -> Any:
        s = outputs(v)
        s = s - anp.max(s, axis=-1, keepdims=True)
        return anp.sum(anp.log(anp.sum(anp.exp(s), axis=-1)) - s[chosen])

    with_gradients = differentiate(loss)
    return lambda: outputs(given), lambda: with_gradients(given)


BY_NAME = {"torch": torch_network, "jax": jax_network, "autograd": autograd_network}
