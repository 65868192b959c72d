"""BPTT of the vanilla RNN with its messages rescaled on the way: clipping inside the recursion.

    ∂L/∂h_t is replaced by s_t ∂L/∂h_t before it goes on to a_t and to h_{t−1}

Clipping by norm is s_t = min(1, limit / ‖∂L/∂h_t‖). What comes out bounds every message, and is
the gradient of nothing: the part that went from step t back to k carries all of s_t, …, s_k.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.rnn import Gradients, Run
from bpttcheck.cells.rnn import Weights, check_arguments, product, rows, time_axes, where_taken
from bpttcheck.clipping import by_norm
from bpttcheck.shapes import Sizes, alike, finite_result

Rescale = Callable[[int, Array], Array]
"""From a step t and ∂L/∂h_t (B, n), what goes on in its place."""


def recursion(weights: Weights, run: Run, do: Array, rescale: Rescale) -> Gradients:
    """Solve the recursion with its messages rescaled, unchecked, over any number system."""
    slope = where_taken(run.phi.derivative(run.a), run.mask)
    direct = product(do, weights.V)
    dh = np.empty(run.h.shape, dtype=np.result_type(direct, slope, weights.W))
    da = np.empty(run.a.shape, dtype=dh.dtype)
    message: Any = 0 * direct[-1]
    for t in range(len(da), 0, -1):
        coming = rescale(t, direct[t - 1] + message)
        dh[t] = coming
        da[t - 1] = coming * slope[t - 1]
        message = da[t - 1] @ weights.W
        if run.mask is not None:  # where no step takes place, h_t = h_{t−1}
            message = message + np.where(run.mask[t - 1][..., None], 0 * coming, coming)
    dh[0] = message

    def outer(left: Array, right: Array) -> Array:
        return rows(left).T @ rows(right)

    return Gradients(
        da, dh, product(da, weights.U), outer(da, run.x), outer(da, run.h[:-1]),
        outer(do, run.h[1:]), rows(da).sum(axis=0), rows(do).sum(axis=0),
    )  # fmt: skip


def backward_clipped(params: Mapping[str, Any], run: Run, do: Any, limit: Any) -> Gradients:
    """Pull a gradient back through time, every message ∂L/∂h_t clipped by its norm on the way.

    Arguments:
        params: those of the forward pass.
        run: what ``rnn.forward`` returned.
        do: ∂L/∂o_t, the shape of ``run.o``: (T, B, p), or (T, p).
        limit: a positive number; ‖∂L/∂h_t‖ of a sequence is at most that.

    Returns:
        :class:`~bpttcheck.rnn.Gradients`, of which ``dV`` and ``dc`` are those of BPTT, and the
        others are gradients only as far as no message was clipped.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shape or value.
        OverflowError: a gradient leaves the range of the dtype.

    Source: Graves 2013, section 2.1 (there by value), as implementations do.
    Checked by: rnn.rescaled-W, rnn.rescaled-states, rnn.rescaled-V, clipping.norm-limit.
    """
    if not isinstance(run, Run):
        raise TypeError(f"run: expected what forward returned, got {type(run).__name__}")
    weights, x, _, _ = check_arguments(params, run.x, run.h[0], run.mask)
    _, do, bound = alike(x=x, do=do, limit=limit)
    sizes = Sizes()
    sizes.match("run.o", run.o, *time_axes(x)[:-1], "p")
    sizes.match("do", do, *time_axes(x)[:-1], "p")
    if bound.ndim or not bound > 0:
        raise ValueError(f"limit: expected a positive number, got {limit}")
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        gradients = recursion(weights, run, do, lambda _t, dh: by_norm(dh, bound))
    finite_result("backward_clipped", *vars(gradients).values())
    return gradients
