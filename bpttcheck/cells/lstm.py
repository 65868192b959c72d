"""The LSTM, forward: three gates and a candidate, a cell that is added to, a squashed state."""

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
from bpttcheck.shapes import finite_result

ORDER = "oifg"
"""How the gates are stacked: the sigmoids side by side, and those that the cell passes on too."""

READOUT: dict[str, tuple[str, ...]] = {"V": ("p", "n"), "b_s": ("p",)}
AXES = gate_axes("ifgo") | READOUT


@dataclass(frozen=True)
class Run:
    """Every intermediate of a forward pass, named as in the text.

    Shapes: ``x`` (T, B, m); pre-activations ``a_i``, ``a_f``, ``a_g``, ``a_o``, gates ``i``,
    ``f``, ``o``, candidate ``g`` and ``tanh_c`` = tanh c_t (T, B, n), scores ``s`` (T, B, p), step
    t at index t − 1; cell ``c`` and state ``h`` (T + 1, B, n), step t at index t, so that ``c[0]``
    and ``h[0]`` are given. B is absent when x was a single sequence. ``mask`` is None, or (T, B)
    with True where a step takes place; where none does, gates are those of zeros. ``forget`` tells
    whether there is a forget gate.
    """

    x: Array
    a_i: Array
    a_f: Array
    a_g: Array
    a_o: Array
    i: Array
    f: Array
    g: Array
    o: Array
    tanh_c: Array
    c: Array
    h: Array
    s: Array
    mask: Array | None = None
    forget: bool = True


def forward(
    params: Mapping[str, Any],
    x: Any,
    *,
    h0: Any = 0.0,
    c0: Any = 0.0,
    mask: Any = None,
) -> Run:
    """Run the network over a sequence, or over a batch of them.

        a_k = U_k x_t + W_k h_{t−1} + b_k   for k = i, f, g, o
        i_t, f_t, o_t = σ(a_i), σ(a_f), σ(a_o),   g_t = tanh(a_g)
        c_t = f_t ∘ c_{t−1} + i_t ∘ g_t,   h_t = o_t ∘ tanh(c_t),   s_t = V h_t + b_s

    The output layer gives scores s_t, since o and c are letters of the cell.

    Arguments:
        params: ``U_i``, ``U_f``, ``U_g``, ``U_o`` (n, m), ``W_i``, … (n, n), ``b_i``, … (n,),
            ``V`` (p, n), ``b_s`` (p,). Each bias may be left out. Without any of ``U_f``,
            ``W_f``, ``b_f`` there is no forget gate: f_t = 1, the LSTM of 1997.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        h0: initial state h_0: (B, n), (n,) for one sequence, or a single number for all of it.
        c0: initial cell c_0, likewise.
        mask: for sequences of unequal length, booleans (T, B): where False, the step does not take
            place, h_t = h_{t−1} and c_t = c_{t−1}. (T,) for one sequence.

    Returns:
        A :class:`Run` with every intermediate.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value; the message says
            which, what was expected and what came.
        OverflowError: a cell, state or score leaves the range of the dtype.

    Source: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (forget gate).
    Checked by: lstm.preactivation-i, lstm.preactivation-f, lstm.preactivation-g,
        lstm.preactivation-o, lstm.gate-i, lstm.gate-f, lstm.gate-g, lstm.gate-o, lstm.cell,
        lstm.state, lstm.output.
    """
    weights, x, (h0, c0), steps, forget = check_arguments(params, x, h0, c0, mask)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        run = equations(weights, x, h0, c0, mask=steps, forget=forget)
    finite_result("forward", run.a_i, run.a_f, run.a_g, run.a_o, run.c, run.h, run.s)
    return run


def check_arguments(
    params: Any, x: Any, h0: Any, c0: Any, mask: Any
) -> tuple[dict[str, Array], Array, list[Array], Array | None, bool]:
    """Return the weights, x, the initial states, the mask, and whether there is a forget gate."""
    forget = not isinstance(params, Mapping) or bool({"U_f", "W_f", "b_f"} & set(params))
    axes = AXES if forget else gate_axes("igo") | READOUT
    checked, x, states, steps = check_gated(params, axes, x, {"h0": h0, "c0": c0}, mask)
    absent = {f"{letter}_f": 0 * checked[f"{letter}_i"] for letter in "UWb"}
    return absent | checked, x, states, steps, forget


def equations(
    weights: Mapping[str, Array],
    x: Array,
    h0: Array,
    c0: Array,
    *,
    mask: Array | None = None,
    forget: bool = True,
    offsets: Mapping[str, Array] | None = None,
    held: Array | None = None,
) -> Run:
    """Evaluate the equations, unchecked, over any number system.

    Axes between time and batch broadcast, as do leading axes of the weights. ``offsets`` adds to
    a_i, …, i, …, s (T, …) or c, h (T + 1, …) where each is made: ∂L/∂a_i at step t *is* the
    derivative of L with respect to such an offset at zero. ``held`` (T + 1, …, n) are states that
    the gates read instead of those just made: what is left is the cell's own path.
    """
    extra = offsets or {}
    n, W = h0.shape[-1], stacked(weights, "W", ORDER).mT
    z = where_taken(x, mask) @ stacked(weights, "U", ORDER).mT + stacked(weights, "b", ORDER)
    z = plus(z, stacked_offsets(extra, "a_", ORDER))
    nudges = stacked_offsets(extra, "", ORDER)
    shape = sequence_axes(z, W, (h0, c0), extra.values())
    dtype = np.result_type(z, W, h0, c0, *extra.values())
    a = np.empty((len(x), *shape, 4 * n), dtype=dtype)
    gates = np.empty_like(a)
    tanh_c = np.empty((len(x), *shape, n), dtype=dtype)
    c, h = (np.empty((len(x) + 1, *shape, n), dtype=dtype) for _ in range(2))
    c[0], h[0] = (plus(s, extra[k][0] if k in extra else None) for s, k in ((c0, "c"), (h0, "h")))
    o, i, f, g = split(gates, 4)
    read = h if held is None else np.broadcast_to(held, h.shape)
    for t in range(len(x)):
        taken = None if mask is None else mask[t]
        np.matmul(read_by(read[t], taken), W, out=a[t])
        a[t] += z[t]
        gates[t, ..., : 3 * n] = sigmoid.value(a[t, ..., : 3 * n])
        g[t] = tanh.value(a[t, ..., 3 * n :])
        if not forget:
            f[t] = 0 * f[t] + 1
        if nudges is not None:
            gates[t] += nudges[t]
        c[t + 1] = carried_over(f[t] * c[t] + i[t] * g[t], c[t], taken)
        if "c" in extra:
            c[t + 1] += extra["c"][t + 1]
        tanh_c[t] = tanh.value(c[t + 1])
        h[t + 1] = carried_over(o[t] * tanh_c[t], h[t], taken)
        if "h" in extra:
            h[t + 1] += extra["h"][t + 1]
    s = plus(h[1:] @ weights["V"].mT + weights["b_s"], extra.get("s"))
    a_o, a_i, a_f, a_g = split(a, 4)
    return Run(x, a_i, a_f, a_g, a_o, i, f, g, o, tanh_c, c, h, s, mask, forget)
