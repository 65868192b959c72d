"""BPTT of the GRU: past the update gate, and through the gates and the candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.gated import SLOPES, Slopes, by_gate
from bpttcheck.bptt.passes import every_array, like_outputs, loss_and_gradient, outer, total
from bpttcheck.cells.gated import stacked
from bpttcheck.cells.gru import ORDER, Run, check_arguments, forward
from bpttcheck.cells.rnn import rows, where_taken
from bpttcheck.shapes import finite_result

__all__ = ["Gradients", "Run", "backward", "forward", "value_and_grad"]


@dataclass(frozen=True)
class Gradients:
    """Every gradient of a backward pass, named for its variable.

    Shapes: ``da_z``, ``da_r``, ``da_g`` (T, B, n), of the pre-activations, and ``dx`` (T, B, m)
    at index t − 1; ``dh`` (T + 1, B, n) at index t, so that ``dh[0]`` is ∂L/∂h_0; ``weights`` has
    each weight's gradient under the weight's name, in its shape, summed over T and B, whether or
    not the weight was given.
    """

    da_z: Array
    da_r: Array
    da_g: Array
    dh: Array
    dx: Array
    weights: Mapping[str, Array]


def backward(params: Mapping[str, Any], run: Run, do: Any) -> Gradients:
    """Pull the gradient of any loss with respect to the outputs back through time.

        ∂L/∂a_z = σ′(a_z) ∘ (h_{t−1} − g_t) ∘ ∂L/∂h_t
        ∂L/∂a_g = tanh′(a_g) ∘ (1 − z_t) ∘ ∂L/∂h_t
        u_t = W_gᵀ ∂L/∂a_g,   ∂L/∂a_r = σ′(a_r) ∘ h_{t−1} ∘ u_t            reset before
        q_t = W_g h_{t−1} + b_Wg,   ∂L/∂a_r = σ′(a_r) ∘ q_t ∘ ∂L/∂a_g      reset after
        ∂L/∂h_{t−1} = Vᵀ ∂L/∂o_{t−1} + z_t ∘ ∂L/∂h_t + W_zᵀ ∂L/∂a_z + W_rᵀ ∂L/∂a_r + v_t,
            v_t = r_t ∘ u_t   or   W_gᵀ (r_t ∘ ∂L/∂a_g)

    and sums over the steps for the weights, as of any network.

    Arguments:
        params: those of the forward pass.
        run: what :func:`forward` returned; it knows where the reset is.
        do: ∂L/∂o_t, the shape of ``run.o``: (T, B, p), or (T, p).

    Returns:
        :class:`Gradients`.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: a gradient leaves the range of the dtype.

    Accuracy: each σ′ and tanh′ to 4 ulp from the pre-activations; rounding of sums and products
        on top.
    Source: derived here from Cho et al. 2014, eqs. 5–8.
    Checked by: gru.bptt-hidden, gru.bptt-inputs, gru.bptt-a_z, gru.bptt-a_r, gru.bptt-a_g, and
        gru.bptt- with the name of each weight.
    """
    if not isinstance(run, Run):
        raise TypeError(f"run: expected what forward returned, got {type(run).__name__}")
    weights, x, _, _ = check_arguments(params, run.x, run.h[0], run.reset, run.mask)
    do = like_outputs(run, x, do=do)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        gradients = recursion(weights, run, do)
    finite_result("backward", *every_array(gradients))
    return gradients


def recursion(
    weights: Mapping[str, Array], run: Run, do: Array, *, slopes: Slopes = SLOPES
) -> Gradients:
    """Solve the recursion, unchecked, over any number system.

    ``met`` holds what W's product meets on the way back, gate beside gate: ∂L/∂a_z, ∂L/∂a_r, and
    ∂L/∂a_g, scaled by r_t where the reset comes after the product. ``slopes`` are σ′ and tanh′ of
    the pre-activations.
    """
    sigma, squash = slopes
    direct, W = do @ weights["V"], stacked(weights, "W", ORDER)
    T, n, after = len(run.x), run.h.shape[-1], run.reset == "after"
    before = run.h[:-1]
    to_z = where_taken(sigma(run.a_z) * (before - run.g), run.mask)
    to_g = where_taken(squash(run.a_g) * (1 - run.z), run.mask)
    to_r = sigma(run.a_r) * (run.q if after else before)
    keep = run.z if run.mask is None else np.where(run.mask[..., None], run.z, 0 * run.z + 1)
    dtype = np.result_type(direct, W, run.h)
    dh = np.empty(run.h.shape, dtype=dtype)
    da, met = (np.empty((*run.z.shape[:-1], 3 * n), dtype=dtype) for _ in range(2))
    da_z, da_r, da_g = np.split(da, 3, axis=-1)
    dh[1:], dh[0] = direct, 0 * run.h[0]
    for t in range(T, 0, -1):
        k = t - 1
        np.multiply(dh[t], to_z[k], out=da_z[k])
        np.multiply(dh[t], to_g[k], out=da_g[k])
        dh[k] += keep[k] * dh[t]
        if after:
            np.multiply(da_g[k], to_r[k], out=da_r[k])
            met[k] = da[k]
            met[k, ..., 2 * n :] *= run.r[k]
            dh[k] += met[k] @ W
        else:
            u = da_g[k] @ weights["W_g"]
            np.multiply(u, to_r[k], out=da_r[k])
            dh[k] += da[k, ..., : 2 * n] @ W[: 2 * n] + u * run.r[k]
    gradients = by_gate("U", outer(da, run.x), ORDER) | by_gate("b", total(da), ORDER)
    if after:
        gradients |= by_gate("W", outer(met, before), ORDER)
        gradients |= {"b_Wg": total(met)[2 * n :]}
    else:
        gradients |= by_gate("W", outer(da[..., : 2 * n], before), ORDER[:2])
        gradients |= {"W_g": rows(da_g).T @ rows(run.q)}
    gradients |= {"V": outer(do, run.h[1:]), "c": total(do)}
    return Gradients(da_z, da_r, da_g, dh, da @ stacked(weights, "U", ORDER), gradients)


def value_and_grad(
    params: Mapping[str, Any],
    x: Any,
    targets: Any,
    *,
    h0: Any = 0.0,
    reset: str = "before",
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
        reset: ``"before"`` the product with W_g (Cho et al. 2014), or ``"after"`` it (PyTorch).
        loss: ``"nll"``, of softmax(o_t); or ``"squared_error"``, ½ ‖o_t − y_t‖².
        reduction: ``"sum"`` over T and B, or ``"mean"``: the sum divided by the steps that the
            mask leaves, T·B without one.
        mask: booleans (T, B); a step where it is False neither moves the state nor counts.

    Returns:
        The loss, a single number (nats for ``"nll"``), and a dictionary with the gradient of each
        given weight under its name, of ``"h0"`` (B, n) and of ``"x"``.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: the loss or a gradient leaves the range of the dtype.

    Source: derived here from Cho et al. 2014, eqs. 5–8.
    Checked by: gru.bptt-hidden, gru.bptt-inputs, and gru.bptt- with the name of each weight.
    """
    run = forward(params, x, h0=h0, reset=reset, mask=mask)
    value, do = loss_and_gradient(run.o, targets, loss, reduction, run.mask)
    gradients = backward(params, run, do)
    grads = {name: gradients.weights[name] for name in params}
    return value, grads | {"h0": gradients.dh[0], "x": gradients.dx}
