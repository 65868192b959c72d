"""JAX as a witness: reverse-mode differentiation of a scan, in float64."""

import numpy as np
import pytest

from bpttcheck import rnn
from tests.day import share
from tests.witnesses.rounding import CASES, contain, enclosed, problem, sharp

jax = pytest.importorskip("jax", reason="JAX is an optional witness: pip install .[jax]")


@pytest.fixture(autouse=True)
def float64():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def phi_of(name):
    functions = {"tanh": jax.numpy.tanh, "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu}
    return functions.get(name, lambda a: a)


def value_and_grad(params, x, y, *, h0, phi, loss, reduction, mask, before=False):
    """Return the loss and its gradients; ``before`` reads h_{t−1} for h_t, a mistake."""
    jnp = jax.numpy
    taken = np.ones(x.shape[:2], dtype=bool) if mask is None else mask
    share = taken.sum() if reduction == "mean" else 1

    def total(given):
        def step(h, inputs):
            x_t, y_t, moves = inputs
            a = h @ given["W"].T + x_t @ given["U"].T + given.get("b", 0.0)
            after = jnp.where(moves[:, None], phi_of(phi)(a), h)
            o = (h if before else after) @ given["V"].T + given.get("b_s", 0.0)
            if loss == "nll":
                chosen = jnp.take_along_axis(jax.nn.log_softmax(o), y_t[:, None], axis=-1)
                losses = -chosen[:, 0]
            else:
                losses = ((o - y_t) ** 2).sum(axis=-1) / 2
            return after, jnp.where(moves, losses, 0.0)

        _, losses = jax.lax.scan(step, given["h0"], (given["x"], y, taken))
        return losses.sum() / share

    value, grads = jax.value_and_grad(total)({**params, "x": x, "h0": h0})
    return np.asarray(value), {k: np.asarray(g) for k, g in grads.items()}


@pytest.mark.parametrize(
    ("phi", "loss", "reduction", "biases", "masked", "initial"), share(CASES, 3)
)
def test_jax_and_bptt_lie_in_the_same_intervals(phi, loss, reduction, biases, masked, initial):
    params, x, y, h0, mask = problem(3, loss=loss, biases=biases, masked=masked, initial=initial)
    options = {"h0": h0, "phi": phi, "loss": loss, "reduction": reduction, "mask": mask}
    intervals, gradients = enclosed(params, x, y, **options)
    for value, grads in (
        rnn.value_and_grad(params, x, y, **options),
        value_and_grad(params, x, y, **options),
    ):
        assert contain(intervals, value)
        assert set(grads) == {*params, "h0", "x"}
        for name, gradient in gradients.items():
            assert contain(gradient, grads[name]), name
    assert all(sharp(gradient) for gradient in gradients.values())


def test_a_liar_is_outside():
    params, x, y, h0, _ = problem(4, loss="nll", biases=True, masked=False, initial=True)
    options = {"h0": h0, "phi": "tanh", "loss": "nll", "reduction": "sum", "mask": None}
    intervals, gradients = enclosed(params, x, y, **options)
    value, grads = value_and_grad(params, x, y, **options, before=True)
    assert not contain(intervals, value)
    assert not any(contain(gradients[k], g) for k, g in grads.items())
    _, grads = value_and_grad(params, x, y, **options | {"reduction": "mean"})
    assert not any(contain(gradients[k], g) for k, g in grads.items())
