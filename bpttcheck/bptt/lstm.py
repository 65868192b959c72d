"""BPTT of the LSTM: two messages back a step, one along the cell and one through the gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.gated import SLOPES, Slopes, by_gate
from bpttcheck.bptt.passes import every_array, like_outputs, loss_and_gradient, outer, total
from bpttcheck.cells.gated import stacked
from bpttcheck.cells.lstm import ORDER, Run, check_arguments, forward
from bpttcheck.cells.rnn import where_taken
from bpttcheck.shapes import finite_result

__all__ = ["Gradients", "Run", "backward", "forward", "value_and_grad"]


@dataclass(frozen=True)
class Gradients:
    """Every gradient of a backward pass, named for its variable.

    Shapes: ``da_i``, ``da_f``, ``da_g``, ``da_o`` (T, B, n), of the pre-activations, and ``dx``
    (T, B, m) at index t − 1; ``dc`` and ``dh`` (T + 1, B, n) at index t, so that ``dc[0]`` and
    ``dh[0]`` are ∂L/∂c_0 and ∂L/∂h_0; ``weights`` has each weight's gradient under the weight's
    name, in its shape, summed over T and B, whether or not the weight was given.
    """

    da_i: Array
    da_f: Array
    da_g: Array
    da_o: Array
    dc: Array
    dh: Array
    dx: Array
    weights: Mapping[str, Array]


def backward(params: Mapping[str, Any], run: Run, ds: Any) -> Gradients:
    """Pull the gradient of any loss with respect to the scores back through time.

        ∂L/∂h_t = Vᵀ ∂L/∂s_t + Σ_k W_kᵀ ∂L/∂a_k at step t + 1,   k = i, f, g, o
        ∂L/∂c_t = o_t ∘ tanh′(c_t) ∘ ∂L/∂h_t + f_{t+1} ∘ ∂L/∂c_{t+1}
        ∂L/∂a_i = σ′(a_i) ∘ g_t ∘ ∂L/∂c_t,       ∂L/∂a_f = σ′(a_f) ∘ c_{t−1} ∘ ∂L/∂c_t
        ∂L/∂a_g = tanh′(a_g) ∘ i_t ∘ ∂L/∂c_t,    ∂L/∂a_o = σ′(a_o) ∘ tanh(c_t) ∘ ∂L/∂h_t
        ∂L/∂W_k = Σ_t ∂L/∂a_k h_{t−1}ᵀ,   ∂L/∂U_k = Σ_t ∂L/∂a_k x_tᵀ,   ∂L/∂b_k = Σ_t ∂L/∂a_k
        ∂L/∂V = Σ_t ∂L/∂s_t h_tᵀ,   ∂L/∂b_s = Σ_t ∂L/∂s_t

    Arguments:
        params: those of the forward pass.
        run: what :func:`forward` returned.
        ds: ∂L/∂s_t, the shape of ``run.s``: (T, B, p), or (T, p).

    Returns:
        :class:`Gradients`.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: a gradient leaves the range of the dtype.

    Accuracy: each σ′ and tanh′ to 4 ulp from the pre-activations; rounding of sums and products
        on top.
    Source: Gers, Schmidhuber and Cummins 2000, with nothing cut off from the gradient.
    Checked by: lstm.bptt-cells, lstm.bptt-hidden, lstm.bptt-inputs, lstm.bptt-a_i, lstm.bptt-a_f,
        lstm.bptt-a_g, lstm.bptt-a_o, and lstm.bptt- with the name of each weight.
    """
    if not isinstance(run, Run):
        raise TypeError(f"run: expected what forward returned, got {type(run).__name__}")
    weights, x, _, _, forget = check_arguments(params, run.x, run.h[0], run.c[0], run.mask)
    if forget is not run.forget:
        expected, got = ("one", "none") if run.forget else ("none", "one")
        raise ValueError(f"params: expected {expected} of the forget gate, as in run, got {got}")
    ds = like_outputs(run, x, ds=ds)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        gradients = recursion(weights, run, ds)
    finite_result("backward", *every_array(gradients))
    return gradients


def recursion(
    weights: Mapping[str, Array], run: Run, ds: Array, *, slopes: Slopes = SLOPES
) -> Gradients:
    """Solve the recursion, unchecked, over any number system.

    ``slopes`` are σ′ and tanh′ of the pre-activations.
    """
    sigma, squash = slopes
    direct, W = ds @ weights["V"], stacked(weights, "W", ORDER)
    T, n = len(run.x), run.h.shape[-1]
    dtype = np.result_type(direct, W, run.c)
    factors = np.empty((*run.o.shape[:-1], 4, n), dtype=dtype)  # what each gate's message meets
    for k, (slope, partner) in enumerate((
        (sigma(run.a_o), run.tanh_c),
        (sigma(run.a_i), run.g),
        (sigma(run.a_f) if run.forget else 0 * run.f, run.c[:-1]),
        (squash(run.a_g), run.i),
    )):  # fmt: skip
        factors[..., k, :] = where_taken(slope * partner, run.mask)
    squashed = where_taken(run.o * squash(run.c[1:]), run.mask)
    keep = run.f if run.mask is None else np.where(run.mask[..., None], run.f, 0 * run.f + 1)
    dh, dc = np.empty(run.h.shape, dtype=dtype), np.empty(run.c.shape, dtype=dtype)
    da = np.empty(factors.shape, dtype=dtype)
    flat = da.reshape(*da.shape[:-2], 4 * n)
    dh[1:], dh[0], dc[T] = direct, 0 * run.h[0], 0 * run.c[T]
    for t in range(T, 0, -1):
        dc[t] += dh[t] * squashed[t - 1]
        np.multiply(dh[t], factors[t - 1, ..., 0, :], out=da[t - 1, ..., 0, :])
        np.multiply(dc[t, ..., None, :], factors[t - 1, ..., 1:, :], out=da[t - 1, ..., 1:, :])
        np.multiply(dc[t], keep[t - 1], out=dc[t - 1])
        dh[t - 1] += flat[t - 1] @ W
        if run.mask is not None:  # where no step takes place, h_t = h_{t−1}
            dh[t - 1] += np.where(run.mask[t - 1][..., None], 0 * dh[t], dh[t])
    da_o, da_i, da_f, da_g = (da[..., k, :] for k in range(4))
    gradients = by_gate("U", outer(flat, run.x), ORDER)
    gradients |= by_gate("W", outer(flat, run.h[:-1]), ORDER) | by_gate("b", total(flat), ORDER)
    gradients |= {"V": outer(ds, run.h[1:]), "b_s": total(ds)}
    dx = flat @ stacked(weights, "U", ORDER)
    return Gradients(da_i, da_f, da_g, da_o, dc, dh, dx, gradients)


def value_and_grad(
    params: Mapping[str, Any],
    x: Any,
    targets: Any,
    *,
    h0: Any = 0.0,
    c0: Any = 0.0,
    loss: str = "nll",
    reduction: str = "sum",
    mask: Any = None,
) -> tuple[Array, dict[str, Array]]:
    """Return the loss and its gradients, by BPTT.

    Arguments:
        params: the weights, as for :func:`forward`.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        targets: for ``"nll"`` class indices (T, B) or weights (T, B, p); for ``"squared_error"``
            numbers (T, B, p). One sequence drops B.
        h0: initial state h_0: (B, n), (n,) for one sequence, or a single number for all of it.
        c0: initial cell c_0, likewise.
        loss: ``"nll"``, of softmax(s_t); or ``"squared_error"``, ½ ‖s_t − y_t‖².
        reduction: ``"sum"`` over T and B, or ``"mean"``: the sum divided by the steps that the
            mask leaves, T·B without one.
        mask: booleans (T, B); a step where it is False moves neither state nor cell, and does not
            count.

    Returns:
        The loss, a single number (nats for ``"nll"``), and a dictionary with the gradient of each
        given weight under its name, of ``"h0"`` and ``"c0"`` (B, n) and of ``"x"``.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: the loss or a gradient leaves the range of the dtype.

    Source: Gers, Schmidhuber and Cummins 2000, with nothing cut off from the gradient.
    Checked by: lstm.bptt-cells, lstm.bptt-hidden, lstm.bptt-inputs, and lstm.bptt- with the name
        of each weight.
    """
    run = forward(params, x, h0=h0, c0=c0, mask=mask)
    value, ds = loss_and_gradient(run.s, targets, loss, reduction, run.mask)
    gradients = backward(params, run, ds)
    grads = {name: gradients.weights[name] for name in params}
    return value, grads | {"h0": gradients.dh[0], "c0": gradients.dc[0], "x": gradients.dx}
