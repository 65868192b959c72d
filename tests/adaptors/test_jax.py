"""The adaptor for JAX: functions and custom VJPs, right code, liars, bad input."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from tests.refusals import refusals, refuses

jax = pytest.importorskip("jax", reason="JAX is optional: pip install .[jax]")
jnp = jax.numpy


def scanned(x, h0, U, W):
    def step(h, x_t):
        h = jnp.tanh(x_t @ U + h @ W)
        return h, h

    return jax.lax.scan(step, h0, x)[1]


def custom(slip):
    """Return the scan with a VJP written by hand; ``slip`` is a factor on dW."""

    @jax.custom_vjp
    def recurrence(x, h0, U, W):
        return scanned(x, h0, U, W)

    def forward(x, h0, U, W):
        h = scanned(x, h0, U, W)
        return h, (x, h0, U, W, h)

    def backward(kept, dh):
        x, h0, U, W, h = kept

        def step(message, inputs):
            x_t, h_t, before, dh_t = inputs
            da = (dh_t + message) * (1 - h_t**2)
            return da @ W.T, (da @ U.T, x_t.T @ da, before.T @ da)

        before = jnp.concatenate([h0[None], h[:-1]])
        dh0, (dx, dU, dW) = jax.lax.scan(step, jnp.zeros_like(h0), (x, h, before, dh), reverse=True)
        return dx, dh0, dU.sum(0), slip * dW.sum(0)

    recurrence.defvjp(forward, backward)
    return recurrence


def drawn():
    rng = np.random.default_rng(0)
    shapes = {"x": (5, 2, 3), "h0": (2, 4), "U": (3, 4), "W": (4, 4)}
    return {k: jnp.asarray(rng.normal(size=s) / 2, dtype=jnp.float32) for k, s in shapes.items()}


@pytest.mark.parametrize("slip", [1.0, 1 + 1e-6])
def test_a_custom_vjp(slip):
    recurrence = custom(slip)
    wide = jax.config.jax_enable_x64
    report = check_gradients(
        *adaptors.from_jax(lambda p: recurrence(p["x"], p["h0"], p["U"], p["W"]), drawn()),
        locate=False,
    )
    assert {b.name for b in report.blocks if b.verdict == "wrong"} == (
        set() if slip == 1 else {"W"}
    )
    assert report.ok is (slip == 1)
    assert report.precision == "float64"
    assert jax.config.jax_enable_x64 == wide


def test_a_loss_and_a_nest_of_outputs():
    assert check_gradients(
        *adaptors.from_jax(lambda p: jnp.sum(jnp.sin(p["x"])), {"x": drawn()["x"]})
    ).ok
    nest = adaptors.from_jax(
        lambda p: {"sine": jnp.sin(p["x"]), "rest": (p["x"][0], jnp.exp(p["h0"]))},
        {k: drawn()[k] for k in ("x", "h0")},
    )
    assert check_gradients(*nest).ok


def test_a_function_that_cannot_be_compiled():
    def branching(p):
        return jnp.sin(p["x"]) if p["x"].sum() > 0 else jnp.cos(p["x"])

    assert check_gradients(*adaptors.from_jax(branching, {"x": np.array([0.5, 2.0])})).ok


BAD = [
    (lambda: adaptors.from_jax(3, {}), TypeError, "run: expected a function, got int"),
    (lambda: adaptors.from_jax(abs, [1]), TypeError,
     "params[0]: expected an array of floats, got dtype int64"),
    (lambda: adaptors.from_jax(abs, {"x": jnp.arange(3)}), TypeError,
     "params['x']: expected an array of floats, got dtype int32"),
    (lambda: adaptors.from_jax(abs, {"x": np.ones(3)}, seed=1.5), ValueError,
     "seed: expected a whole number ≥ 0, got 1.5"),
]  # fmt: skip


@refusals(BAD)
def test_bad_input(call, kind, message):
    refuses(call, kind, message)
