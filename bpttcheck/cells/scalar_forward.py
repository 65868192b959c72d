"""The scalar RNN, forward: s_t = w h_{t−1} + v x_t, h_t = φ(s_t), ŷ_t = θ(h_t)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.activations import Activation, activation
from bpttcheck.arguments import jointly, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.shapes import Sizes, alike, entries, finite_result, same_shape

PARAMETERS = ("w", "v")


@dataclass(frozen=True)
class ScalarRun:
    """Every intermediate of a forward pass, named as in the text.

    Shapes: ``x``, ``s``, ``y_hat`` (T, B), step t at index t − 1; ``h`` (T + 1, B), h_t at index
    t, so that ``h[0]`` is the given initial state. B is absent when x was a single sequence.
    """

    x: Array
    s: Array
    h: Array
    y_hat: Array
    phi: Activation
    theta: Activation


PARAMS = jointly("w and v: ()")
STATE = jointly("() or (B,)")
SEQUENCE = jointly("(T, B) or (T,)")
PHI = jointly("an activation, or its name")


@takes(params=PARAMS, x=SEQUENCE, h0=STATE, phi=PHI, theta=PHI)
def forward(
    params: Mapping[str, Any],
    x: Any,
    *,
    h0: Any = 0.0,
    phi: Activation | str = "tanh",
    theta: Activation | str = "linear",
) -> ScalarRun:
    """Run the network over a sequence, or over a batch of them.

    Arguments:
        params: ``{"w": w, "v": v}``, two single numbers: the weights of the state and the input.
        x: inputs, (T, B), or (T,) for one sequence.
        h0: initial state h_0, a single number or (B,).
        phi: activation of the state, an :class:`Activation` or the name of one.
        theta: activation of the prediction, likewise.

    Returns:
        A :class:`ScalarRun` with s_t, h_t and ŷ_t.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value; the message says
            which, what was expected and what came.
        OverflowError, ArithmeticError: a state or prediction leaves the range of the dtype, or is
            NaN.

    Source: the question of source ``scalar``, its three-line form.
    Checked by: scalar-rnn.forward, scalar-rnn.preactivation, scalar-rnn.state,
        scalar-rnn.prediction.
    """
    w, v, x, h0 = check_arguments(params, x, h0)
    phi, theta = activation("phi", phi), activation("theta", theta)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        same_shape(f"phi {phi.name!r}", phi.value(v * x), x)
        run = equations(w, v, x, h0, phi, theta)
    finite_result("forward", run.s, run.h, run.y_hat)
    return run


def check_arguments(params: Any, x: Any, h0: Any) -> tuple[Array, Array, Array, Array]:
    """Return w, v, x and h_0 checked, of one dtype, with h_0 broadcast over the batch."""
    weights = entries("params", params, PARAMETERS)
    w, v, x, h0 = alike(**weights, x=x, h0=h0)
    sizes = Sizes()
    for name, weight in zip(weights, (w, v), strict=True):
        sizes.match(name, weight)
    axes = time_axes(x)
    sizes.match("x", x, *axes)
    if h0.ndim:
        sizes.match("h0", h0, *axes[1:])
    return w, v, x, np.broadcast_to(h0, x.shape[1:])


def time_axes(x: Array) -> tuple[str, ...]:
    """Return the symbols of the axes of a scalar sequence: a single one may drop B."""
    return ("T",) if x.ndim <= 1 else ("T", "B")


def equations(
    w: Array,
    v: Array,
    x: Array,
    h0: Array,
    phi: Activation,
    theta: Activation,
    offsets: Mapping[str, Array] | None = None,
) -> ScalarRun:
    """Evaluate the three equations, unchecked, over any number system.

    Axes after time broadcast. ``offsets`` adds to s (T, …), h (T + 1, …) or y_hat (T, …) where
    each is made: ∂L/∂s_t *is* the derivative of L with respect to such an offset at zero.
    """
    extra = offsets or {}
    z = _add(v * x, extra.get("s"))
    shapes = [z.shape[1:], w.shape, h0.shape, *(e.shape[1:] for e in extra.values())]
    shape = np.broadcast_shapes(*shapes)
    dtype = np.result_type(w, z, h0, *extra.values())
    s = np.empty((len(x), *shape), dtype=dtype)
    h = np.empty((len(x) + 1, *shape), dtype=dtype)
    nudge = extra.get("h")
    h[0] = h0 if nudge is None else h0 + nudge[0]
    for t in range(len(x)):
        s[t] = w * h[t] + z[t]
        h[t + 1] = phi.value(s[t]) if nudge is None else phi.value(s[t]) + nudge[t + 1]
    y_hat = theta.value(h[1:])
    same_shape(f"theta {theta.name!r}", y_hat, h[1:])
    if y_hat.base is not None:  # θ = identity: predictions of their own, not a view of the states
        y_hat = y_hat.copy()
    return ScalarRun(x, s, h, _add(y_hat, extra.get("y_hat")), phi, theta)


def _add(values: Array, offset: Array | None) -> Array:
    return values if offset is None else values + offset
