"""BPTT of the scalar RNN: the recursion for δ_t = ∂L/∂s_t, solved from t = T down to 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arguments import instance, jointly, one_of, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.scalar_forward import (
    PARAMS,
    PHI,
    SEQUENCE,
    STATE,
    ScalarRun,
    check_arguments,
    forward,
    time_axes,
)
from bpttcheck.losses import Loss, loss_function
from bpttcheck.shapes import REDUCTIONS, Sizes, alike, divisor, finite_result, same_shape

__all__ = ["ScalarRNNGradients", "ScalarRun", "backward", "forward", "value_and_grad"]


@dataclass(frozen=True)
class ScalarRNNGradients:
    """Every gradient of a backward pass, named for its variable.

    Shapes: ``ds``, ``dx`` (T, B) at index t − 1; ``dh`` (T + 1, B) at index t, so that ``dh[0]``
    is ∂L/∂h_0, also named ``dh0`` (B,); ``dw`` and ``dv`` single numbers, summed over T and B.
    ``ds`` is the text's δ.
    """

    ds: Array
    dh: Array
    dx: Array
    dw: Array
    dv: Array

    @property
    def dh0(self) -> Array:
        """The gradient of the initial state, w δ_1."""
        initial: Array = self.dh[0]
        return initial


@takes(params=PARAMS, run=instance(ScalarRun, "what forward returned"), dy_hat=SEQUENCE)
def backward(params: Mapping[str, Any], run: ScalarRun, dy_hat: Any) -> ScalarRNNGradients:
    """Pull the gradient of any loss with respect to the predictions back through time.

        ∂L/∂h_t = ∂L/∂ŷ_t θ′(h_t) + w ∂L/∂s_{t+1},   ∂L/∂s_{T+1} = 0
        ∂L/∂s_t = ∂L/∂h_t φ′(s_t)
        ∂L/∂w = Σ_t ∂L/∂s_t h_{t−1},   ∂L/∂v = Σ_t ∂L/∂s_t x_t,   ∂L/∂h_0 = w ∂L/∂s_1

    Arguments:
        params: ``{"w": w, "v": v}``, those of the forward pass.
        run: what :func:`forward` returned.
        dy_hat: ∂L/∂ŷ_t, the shape of ``run.y_hat``: (T, B), or (T,).

    Returns:
        :class:`ScalarRNNGradients`.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError, ArithmeticError: a gradient leaves the range of the dtype, or is NaN.

    Accuracy: each φ′ and θ′ to 4 ulp from the pre-activations; rounding of the recursion on top.
    Source: the question and answer of source ``scalar``.
    Checked by: scalar-rnn.bptt-states, scalar-rnn.bptt-hidden, scalar-rnn.bptt-inputs,
        scalar-rnn.bptt-w, scalar-rnn.bptt-v, scalar-rnn.rtrl-w, scalar-rnn.rtrl-v,
        scalar-rnn.rtrl-initial.
    """
    w, v, _, _ = check_arguments(params, run.x, run.h[0])
    seed = _like_x("dy_hat", dy_hat, run.x)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        gradients = recursion(w, v, run, seed)
    finite_result("backward", gradients.dh, gradients.ds, gradients.dx, gradients.dw, gradients.dv)
    return gradients


def recursion(w: Array, v: Array, run: ScalarRun, dy_hat: Array) -> ScalarRNNGradients:
    """Solve the recursion, unchecked, over any number system."""
    direct = dy_hat * run.theta.derivative(run.h[1:])
    slope = run.phi.derivative(run.s)
    dtype = np.result_type(w, direct, slope)
    dh = np.empty(run.h.shape, dtype=dtype)
    ds = np.empty(run.s.shape, dtype=dtype)
    message: Any = 0  # w ∂L/∂s_{t+1}; nothing comes from beyond the last step
    for t in range(len(ds), 0, -1):
        dh[t] = direct[t - 1] + message
        ds[t - 1] = dh[t] * slope[t - 1]
        message = w * ds[t - 1]
    dh[0] = message
    dw = np.asarray((ds * run.h[:-1]).sum())
    dv = np.asarray((ds * run.x).sum())
    return ScalarRNNGradients(ds, dh, v * ds, dw, dv)


def _like_x(name: str, value: Any, x: Array) -> Array:
    """Return a sequence of numbers checked to have the shape and dtype of the inputs."""
    sizes = Sizes()
    axes = time_axes(x)
    sizes.match("x", x, *axes)
    _, sequence = alike(x=x, **{name: value})
    return sizes.match(name, sequence, *axes)


@takes(
    params=PARAMS,
    x=SEQUENCE,
    targets=SEQUENCE,
    h0=STATE,
    phi=PHI,
    theta=PHI,
    loss=jointly("a loss, or its name"),
    reduction=one_of(REDUCTIONS),
)
def value_and_grad(
    params: Mapping[str, Any],
    x: Any,
    targets: Any,
    *,
    h0: Any = 0.0,
    phi: Activation | str = "tanh",
    theta: Activation | str = "linear",
    loss: Loss | str = "squared_error",
    reduction: str = "sum",
) -> tuple[Array, dict[str, Array]]:
    """Return the loss and its gradients, by BPTT.

    Arguments:
        params: ``{"w": w, "v": v}``, two single numbers.
        x: inputs, (T, B), or (T,) for one sequence.
        targets: y_t, the shape of ``x``.
        h0: initial state h_0, a single number or (B,).
        phi: activation of the state, an :class:`~bpttcheck.activations.Activation` or its name.
        theta: activation of the prediction, likewise.
        loss: a :class:`~bpttcheck.losses.Loss`, or the name of one.
        reduction: ``"sum"`` over T and B, or ``"mean"`` (the sum divided by T·B).

    Returns:
        The loss, a single number, and ``{"w": dw, "v": dv, "h0": dh0, "x": dx}``, each with the
        shape of its variable (``h0``: one number a sequence).

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError, ArithmeticError: the loss or a gradient is out of range, or NaN.

    Source: the question and answer of source ``scalar``.
    Checked by: scalar-rnn.bptt-states, scalar-rnn.bptt-hidden, scalar-rnn.bptt-inputs,
        scalar-rnn.bptt-w, scalar-rnn.bptt-v, scalar-rnn.rtrl-w, scalar-rnn.rtrl-v,
        scalar-rnn.rtrl-initial.
    """
    run = forward(params, x, h0=h0, phi=phi, theta=theta)
    y = _like_x("targets", targets, run.x)
    objective = loss_function("loss", loss)
    share = divisor(reduction, run.y_hat.size)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        totals = np.asarray(objective.total(run.y_hat, y))
        seed = np.asarray(objective.gradient(run.y_hat, y))
        if totals.shape != run.y_hat.shape[1:]:
            raise ValueError(
                f"loss {objective.name!r}: expected one number a sequence, "
                f"shape {run.y_hat.shape[1:]}, got {totals.shape}"
            )
        same_shape(f"gradient of loss {objective.name!r}", seed, run.y_hat)
        value, seed = np.asarray(totals.sum() / share), seed / share
    finite_result("value_and_grad", value, seed)
    gradients = backward(params, run, seed)
    return value, {"w": gradients.dw, "v": gradients.dv, "h0": gradients.dh0, "x": gradients.dx}
