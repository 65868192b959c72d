"""Stacked layers: PyTorch and we lie within bounds derived by rounding analysis."""

import numpy as np
import pytest

from bpttcheck import stack
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.stacked import Layers
from tests.bptt.error_arrays import network
from tests.bptt.stack_in_torch import in_torch, outside
from tests.day import share


def drawn(cell, layers, two, T, B, m, n, seed, dtype):
    """Return params, x, targets and states, moderate numbers."""
    random = np.random.default_rng(seed)
    options = {"gru": {"reset": "after"}}.get(cell, {})
    shape = Layers(cell_of("cell", cell, **options), layers, two)
    size = {"m": m, "n": n, "2n": 2 * n, "p": 2}
    params = {k: (random.standard_normal([size[s] for s in a]) / 2).astype(dtype)
              for k, a in shape.axes.items()}  # fmt: skip
    states = {f"{part}.{s}0": random.standard_normal((B, n)).astype(dtype)
              for part in shape.parts for s in shape.cell.states}  # fmt: skip
    x = random.standard_normal((T, B, m)).astype(dtype)
    return shape, options, params, x, random.standard_normal((T, B, 2)).astype(dtype), states


def bounds(cell, shape, params, x, y, states, phi, u):
    """Return the outputs and gradients with the bounds of the rounding analysis."""
    o, grads, dx = network(cell, params, x, y, states, layers=shape.layers,
                           ways=1 + shape.bidirectional, phi=phi, u=u)  # fmt: skip
    grads["x"] = dx
    return o, grads


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_torch_and_we_lie_within_the_bounds_of_rounding(cell, dtype):
    """No false alarm, and no bound so wide that a program could hide behind it."""
    pytest.importorskip("torch")
    u = 2.0**-53 if dtype is np.float64 else 2.0**-24
    sharp, seeds = 0, share(range(400), 20)
    for seed in seeds:
        random = np.random.default_rng([2013, seed])
        T, B, m, n = (int(random.integers(1, most)) for most in (7, 4, 4, 5))
        layers, two = int(random.integers(1, 4)), bool(random.integers(2))
        phi = ("tanh", "relu")[int(random.integers(2))] if cell == "rnn" else "tanh"
        shape, options, params, x, y, states = drawn(cell, layers, two, T, B, m, n, seed, dtype)
        options = options | ({"phi": phi} if cell == "rnn" else {})
        o, grads = bounds(cell, shape, params, x, y, states, phi, u)
        theirs_o, theirs = in_torch(cell, shape, params, x, y, states, phi)
        _, ours = stack.value_and_grad(
            cell, params, x, y, layers=layers, bidirectional=two, loss="squared_error",
            states=states, **options,
        )  # fmt: skip
        assert not outside(theirs_o, o)
        assert ours.keys() == theirs.keys() == grads.keys()
        for name, bound in grads.items():
            assert not outside(theirs[name], bound), name
            assert not outside(ours[name], bound), name
        top = grads["V"]
        sharp += top.e.max() < 1e5 * u * np.abs(top.v).max()
    assert sharp > len(seeds) / 4


@pytest.mark.parametrize(("cell", "swap"), [("lstm", "if"), ("lstm", "go"), ("gru", "zr")])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_exchanged_gates_are_outside(cell, swap, dtype):
    u = 2.0**-53 if dtype is np.float64 else 2.0**-24
    shape, _, params, x, y, states = drawn(cell, 2, True, 4, 2, 2, 3, 1, dtype)
    o, grads = bounds(cell, shape, params, x, y, states, "tanh", u)
    theirs_o, theirs = in_torch(cell, shape, params, x, y, states, "tanh", swap)
    assert outside(theirs_o, o) > 0.9 * theirs_o.size
    assert all(outside(theirs[k], bound) for k, bound in grads.items())
    _, right = in_torch(cell, shape, params, x, y, states, "tanh")
    some = next(k for k in grads if k.startswith("l0.W"))
    assert outside(right[some] * (1 + 1e7 * u), grads[some])
