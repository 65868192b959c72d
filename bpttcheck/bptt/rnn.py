"""BPTT of the vanilla RNN: one message back a step, one matrix product a weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.jacobians import immediate_derivative, state_jacobian, total_derivative
from bpttcheck.bptt.passes import every_array, like_outputs, loss_and_gradient, outer, total
from bpttcheck.cells.rnn import (
    Run,
    Weights,
    check_arguments,
    forward,
    forward_checked,
    product,
    started,
    where_taken,
)
from bpttcheck.shapes import finite_result

__all__ = [
    "Gradients",
    "Run",
    "backward",
    "forward",
    "immediate_derivative",
    "state_jacobian",
    "total_derivative",
    "value_and_grad",
]


@dataclass(frozen=True)
class Gradients:
    """Every gradient of a backward pass, named for its variable.

    Shapes: ``da`` (T, B, n) and ``dx`` (T, B, m) at index t − 1; ``dh`` (T + 1, B, n) at index t,
    so that ``dh[0]`` is ∂L/∂h_0; the weights' have the shape of the weight, summed over T and B.
    ``da`` is the text's δ. ``db`` and ``dc`` are there whether or not the network has biases.
    """

    da: Array
    dh: Array
    dx: Array
    dU: Array
    dW: Array
    dV: Array
    db: Array
    dc: Array


def backward(params: Mapping[str, Any], run: Run, do: Any) -> Gradients:
    """Pull the gradient of any loss with respect to the outputs back through time.

        ∂L/∂h_t = Vᵀ ∂L/∂o_t + Wᵀ ∂L/∂a_{t+1},   ∂L/∂a_{T+1} = 0
        ∂L/∂a_t = φ′(a_t) ∘ ∂L/∂h_t
        ∂L/∂W = Σ_t ∂L/∂a_t h_{t−1}ᵀ,   ∂L/∂U = Σ_t ∂L/∂a_t x_tᵀ,   ∂L/∂V = Σ_t ∂L/∂o_t h_tᵀ
        ∂L/∂b = Σ_t ∂L/∂a_t,   ∂L/∂c = Σ_t ∂L/∂o_t

    Arguments:
        params: those of the forward pass.
        run: what :func:`forward` returned.
        do: ∂L/∂o_t, the shape of ``run.o``: (T, B, p), or (T, p).

    Returns:
        :class:`Gradients`.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: a gradient leaves the range of the dtype.

    Accuracy: each φ′ to 4 ulp from the pre-activations; rounding of sums and products on top.
    Source: Goodfellow, Bengio and Courville 2016, eqs. 10.17–10.28.
    Checked by: rnn.bptt-states, rnn.bptt-hidden, rnn.bptt-inputs, rnn.bptt-U, rnn.bptt-W,
        rnn.bptt-V, rnn.bptt-b, rnn.bptt-c.
    """
    if not isinstance(run, Run):
        raise TypeError(f"run: expected what forward returned, got {type(run).__name__}")
    weights, x, _, _ = check_arguments(params, run.x, run.h[0], run.mask)
    do = like_outputs(run, x, do=do)
    return _backward_checked(weights, run, do)


def _backward_checked(weights: Weights, run: Run, do: Array) -> Gradients:
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        gradients = recursion(weights, run, do)
    finite_result("backward", *every_array(gradients))
    return gradients


def recursion(weights: Weights, run: Run, do: Array) -> Gradients:
    """Solve the recursion, unchecked, over any number system."""
    slope = where_taken(run.phi.derivative(run.a), run.mask)
    dtype = np.result_type(do, weights.V, slope, weights.W)
    dh = np.empty(run.h.shape, dtype=dtype)
    da = np.empty(run.a.shape, dtype=dtype)
    message = np.empty_like(dh[0])  # Wᵀ ∂L/∂a_t
    product(do, weights.V, out=dh[1:])
    dh[0] = 0 * run.h[0]
    for t in range(len(da), 0, -1):
        np.multiply(dh[t], slope[t - 1], out=da[t - 1])
        np.matmul(da[t - 1], weights.W, out=message)
        dh[t - 1] += message
        if run.mask is not None:  # where no step takes place, h_t = h_{t−1}
            np.add(dh[t - 1], dh[t], out=dh[t - 1], where=~run.mask[t - 1][..., None])
    return Gradients(
        da, dh, product(da, weights.U),
        outer(da, run.x), outer(da, run.h[:-1]), outer(do, run.h[1:]), total(da), total(do),
    )  # fmt: skip


def value_and_grad(
    params: Mapping[str, Any],
    x: Any,
    targets: Any,
    *,
    h0: Any = 0.0,
    a0: Any = None,
    phi: Activation | str = "tanh",
    loss: str = "nll",
    reduction: str = "sum",
    mask: Any = None,
) -> tuple[Array, dict[str, Array]]:
    """Return the loss and its gradients, by BPTT.

    Arguments:
        params: ``{"U": U, "W": W, "V": V, "b": b, "c": c}``, as for :func:`forward`.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        targets: for ``"nll"`` class indices (T, B) or weights (T, B, p); for ``"squared_error"``
            numbers (T, B, p). One sequence drops B.
        h0: initial state h_0: (B, n), (n,) for one sequence, or a single number for all of it.
        a0: in place of ``h0``, an initial pre-activation, as for :func:`forward`.
        phi: activation of the state, an :class:`~bpttcheck.activations.Activation` or its name.
        loss: ``"nll"``, of softmax(o_t); or ``"squared_error"``, ½ ‖o_t − y_t‖².
        reduction: ``"sum"`` over T and B, or ``"mean"``: the sum divided by the steps that the
            mask leaves, T·B without one.
        mask: booleans (T, B); a step where it is False neither moves the state nor counts.

    Returns:
        The loss, a single number (nats for ``"nll"``), and a dictionary with the gradient of each
        given weight under its name, of ``"h0"`` (B, n) and of ``"x"``; with ``a0`` also of it.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: the loss or a gradient leaves the range of the dtype.

    Source: Goodfellow, Bengio and Courville 2016, eqs. 10.8–10.28.
    Checked by: rnn.bptt-states, rnn.bptt-hidden, rnn.bptt-inputs, rnn.bptt-U, rnn.bptt-W,
        rnn.bptt-V, rnn.bptt-b, rnn.bptt-c.
    """
    (weights, x, h0, steps), function, start = started(params, x, h0, a0, mask, phi)
    run = forward_checked(weights, x, h0, steps, function)
    value, do = loss_and_gradient(run.o, targets, loss, reduction, steps)
    gradients = _backward_checked(weights, run, do)
    grads = {name: getattr(gradients, f"d{name}") for name in params}
    grads |= {"h0": gradients.dh[0], "x": gradients.dx}
    if start is not None:
        with np.errstate(all="ignore"):
            grads["a0"] = gradients.dh[0] * function.derivative(start)
        finite_result("value_and_grad", grads["a0"])
    return value, grads
