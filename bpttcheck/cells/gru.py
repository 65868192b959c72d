"""The GRU, forward: an update gate that mixes, a reset gate before or after the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.activations import sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.gated import (
    carried_over,
    gate_axes,
    plus,
    sequence_axes,
    split,
    stacked,
    stacked_offsets,
)
from bpttcheck.cells.gated import check_arguments as check_gated
from bpttcheck.cells.rnn import read_by, where_taken
from bpttcheck.shapes import finite_result, one_of

ORDER = "zrg"
"""How the gates are stacked."""

RESETS = ("before", "after")
AXES = gate_axes(ORDER) | {"V": ("p", "n"), "c": ("p",)}
AXES_AFTER = AXES | {"b_Wg": ("n",)}


@dataclass(frozen=True)
class Run:
    """Every intermediate of a forward pass, named as in the text.

    Shapes: ``x`` (T, B, m); pre-activations ``a_z``, ``a_r``, ``a_g``, gates ``z``, ``r`` and
    candidate ``g`` (T, B, n), outputs ``o`` (T, B, p), step t at index t − 1; ``h`` (T + 1, B, n),
    h_t at index t, so that ``h[0]`` is given. ``q`` (T, B, n) is r_t ∘ h_{t−1}, which W_g reads,
    where the reset comes before; W_g h_{t−1} + b_Wg, which r_t scales, where it comes after. B is
    absent when x was a single sequence. ``mask`` is None, or (T, B) with True where a step takes
    place; where none does, gates are those of zeros. ``reset`` is ``"before"`` or ``"after"``.
    """

    x: Array
    a_z: Array
    a_r: Array
    a_g: Array
    z: Array
    r: Array
    g: Array
    q: Array
    h: Array
    o: Array
    mask: Array | None = None
    reset: str = "before"


def forward(
    params: Mapping[str, Any],
    x: Any,
    *,
    h0: Any = 0.0,
    reset: str = "before",
    mask: Any = None,
) -> Run:
    """Run the network over a sequence, or over a batch of them.

        z_t = σ(U_z x_t + W_z h_{t−1} + b_z),   r_t = σ(U_r x_t + W_r h_{t−1} + b_r)
        g_t = tanh(U_g x_t + W_g (r_t ∘ h_{t−1}) + b_g)             reset before the product
        g_t = tanh(U_g x_t + b_g + r_t ∘ (W_g h_{t−1} + b_Wg))      reset after the product
        h_t = z_t ∘ h_{t−1} + (1 − z_t) ∘ g_t,   o_t = c + V h_t

    Here z_t keeps, as in Cho et al. 2014, PyTorch, cuDNN and ONNX; in Chung et al. 2014 it
    replaces: their z_t is our 1 − z_t. The candidate g is h̃ there and n in PyTorch.

    Arguments:
        params: ``U_z``, ``U_r``, ``U_g`` (n, m), ``W_z``, ``W_r``, ``W_g`` (n, n), ``b_z``,
            ``b_r``, ``b_g`` (n,), ``V`` (p, n), ``c`` (p,); ``b_Wg`` (n,) where the reset comes
            after the product. Each bias may be left out.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        h0: initial state h_0: (B, n), (n,) for one sequence, or a single number for all of it.
        reset: ``"before"`` the product with W_g (Cho et al. 2014), or ``"after"`` it (cuDNN,
            PyTorch), which needs one product a step rather than two.
        mask: for sequences of unequal length, booleans (T, B): where False, the step does not take
            place, h_t = h_{t−1}. (T,) for one sequence.

    Returns:
        A :class:`Run` with every intermediate.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value; the message says
            which, what was expected and what came.
        OverflowError: a state or output leaves the range of the dtype.

    Source: Cho et al. 2014, eqs. 5–8; reset after the product: PyTorch's GRU.
    Checked by: gru.preactivation-z, gru.preactivation-r, gru.candidate-before,
        gru.candidate-after, gru.gate-z, gru.gate-r, gru.gate-g, gru.state, gru.output.
    """
    weights, x, h0, steps = check_arguments(params, x, h0, reset, mask)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        run = equations(weights, x, h0, reset=reset, mask=steps)
    finite_result("forward", run.a_z, run.a_r, run.a_g, run.h, run.o)
    return run


def check_arguments(
    params: Any, x: Any, h0: Any, reset: Any, mask: Any
) -> tuple[dict[str, Array], Array, Array, Array | None]:
    """Return the weights, x, the initial state and the mask, checked and of one dtype."""
    one_of("reset", reset, RESETS)
    axes = AXES_AFTER if reset == "after" else AXES
    weights, x, (h0,), steps = check_gated(params, axes, x, {"h0": h0}, mask)
    return weights, x, h0, steps


def equations(
    weights: Mapping[str, Array],
    x: Array,
    h0: Array,
    *,
    reset: str = "before",
    mask: Array | None = None,
    offsets: Mapping[str, Array] | None = None,
    held: Array | None = None,
) -> Run:
    """Evaluate the equations, unchecked, over any number system.

    Axes between time and batch broadcast, as do leading axes of the weights. ``offsets`` adds to
    a_z, …, z, …, o (T, …) or h (T + 1, …) where each is made: ∂L/∂a_z at step t *is* the
    derivative of L with respect to such an offset at zero. ``held`` (T + 1, …, n) are states that
    the gates and the candidate read instead of those just made: what is left is the state's own
    path, h_{t−1} to h_t through z_t.
    """
    extra = offsets or {}
    n, after = h0.shape[-1], reset == "after"
    z = where_taken(x, mask) @ stacked(weights, "U", ORDER).mT + stacked(weights, "b", ORDER)
    z = plus(z, stacked_offsets(extra, "a_", ORDER))
    W = stacked(weights, "W", ORDER).mT
    W, W_g = (W, None) if after else (W[..., : 2 * n], W[..., 2 * n :])
    nudges = stacked_offsets(extra, "", ORDER)
    shape = sequence_axes(z, W, (h0,), extra.values())
    if after and weights["b_Wg"].ndim > 1:
        shape = np.broadcast_shapes(shape, weights["b_Wg"].shape[:-1])
    dtype = np.result_type(z, W, h0, *extra.values(), *([weights["b_Wg"]] if after else []))
    a, gates = (np.empty((len(x), *shape, 3 * n), dtype=dtype) for _ in range(2))
    q = np.empty((len(x), *shape, n), dtype=dtype)
    h = np.empty((len(x) + 1, *shape, n), dtype=dtype)
    h[0] = plus(h0, extra["h"][0] if "h" in extra else None)
    update, r, g = split(gates, 3)
    read = h if held is None else np.broadcast_to(held, h.shape)
    for t in range(len(x)):
        taken = None if mask is None else mask[t]
        before = read_by(read[t], taken)
        recurrent = before @ W
        a[t, ..., : 2 * n] = z[t, ..., : 2 * n] + recurrent[..., : 2 * n]
        gates[t, ..., : 2 * n] = sigmoid.value(a[t, ..., : 2 * n])
        if nudges is not None:
            gates[t, ..., : 2 * n] += nudges[t, ..., : 2 * n]
        if after:
            q[t] = recurrent[..., 2 * n :] + weights["b_Wg"]
            reset_product = r[t] * q[t]
        else:
            q[t] = r[t] * before
            reset_product = q[t] @ W_g
        a[t, ..., 2 * n :] = z[t, ..., 2 * n :] + reset_product
        g[t] = tanh.value(a[t, ..., 2 * n :])
        if nudges is not None:
            g[t] += nudges[t, ..., 2 * n :]
        made = update[t] * h[t] + (1 - update[t]) * g[t]
        h[t + 1] = carried_over(made, h[t], taken)
        if "h" in extra:
            h[t + 1] += extra["h"][t + 1]
    o = plus(h[1:] @ weights["V"].mT + weights["c"], extra.get("o"))
    a_z, a_r, a_g = split(a, 3)
    return Run(x, a_z, a_r, a_g, update, r, g, q, h, o, mask, reset)
