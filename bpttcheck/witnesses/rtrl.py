"""Real-time recurrent learning: gradients carried forward beside the states.

Williams and Zipser 1989. Where BPTT sends one message back, RTRL carries ∂h_t/∂θ forward, from
the forward definition and the local slopes alone; the two must meet in the same ∂L/∂θ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.run import Run
from bpttcheck.cells.scalar_forward import ScalarRun


@dataclass(frozen=True)
class ScalarGradients:
    """∂L/∂w, ∂L/∂v and ∂L/∂h_0 of a scalar RNN, one a sequence (B,)."""

    w: Array
    v: Array
    h0: Array


def scalar_rnn(w: Array, run: ScalarRun, dy_hat: Array) -> ScalarGradients:
    """Return the gradients of each sequence's loss, by forward accumulation.

        ∂h_t/∂w = φ′(s_t) (h_{t−1} + w ∂h_{t−1}/∂w), and likewise for v (x_t) and h_0.

    Arguments:
        w: the state's weight.
        run: a forward pass, (T, B).
        dy_hat: ∂L/∂ŷ_t of each sequence's loss, (T, B).
    """
    slope = run.phi.derivative(run.s)
    out = run.theta.derivative(run.h[1:])
    zero = 0 * run.h[0] + 0 * w
    dh_dw, dh_dv, dh_dh0 = zero, zero, zero + 1
    dw, dv, dh0 = zero, zero, zero
    for t in range(len(run.s)):
        dh_dw = slope[t] * (run.h[t] + w * dh_dw)
        dh_dv = slope[t] * (run.x[t] + w * dh_dv)
        dh_dh0 = slope[t] * (w * dh_dh0)
        seed = dy_hat[t] * out[t]
        dw, dv, dh0 = dw + seed * dh_dw, dv + seed * dh_dv, dh0 + seed * dh_dh0
    return ScalarGradients(np.asarray(dw), np.asarray(dv), np.asarray(dh0))


@dataclass(frozen=True)
class VectorGradients:
    """∂L/∂θ of a vanilla RNN, one a sequence.

    U (B, n, m), W (B, n, n), V (B, p, n), b (B, n), c (B, p) and h0 (B, n).
    """

    U: Array
    W: Array
    V: Array
    b: Array
    c: Array
    h0: Array


def rnn(weights: Mapping[str, Array], run: Run, do: Array) -> VectorGradients:
    """Return the gradients of each sequence's loss, by forward accumulation.

        ∂h_t/∂θ = φ′(a_t) ∘ (∂⁺a_t/∂θ + W ∂h_{t−1}/∂θ),   ∂L/∂θ = Σ_t (Vᵀ ∂L/∂o_t)ᵀ ∂h_t/∂θ

    θ runs over the entries of U, W, b and h_0. The immediate part ∂⁺a_t/∂θ has (x_t, h_{t−1}, 1)
    in the row that the weights belong to, and nothing for h_0. V and c are read out directly.

    Arguments:
        weights: those of the forward pass.
        run: a forward pass of a batch, a (T, B, n), with a mask or without.
        do: ∂L/∂o_t of each sequence's loss, (T, B, p).

    Source: Williams and Zipser 1989, eqs. 2.10–2.12.
    """
    (T, B, n), m = run.a.shape, run.x.shape[-1]
    slope = run.phi.derivative(run.a)
    dtype = np.result_type(slope, weights["W"], do)
    read = np.ones((T, B, m + n + 1), dtype=dtype)
    read[..., :m], read[..., m:-1] = run.x, run.h[:-1]
    rows = np.arange(n)[:, None]
    own = rows * (m + n + 1) + np.arange(m + n + 1)  # row i of (U, W, b), as columns of dh
    dh = np.zeros((B, n, own.size + n), dtype=dtype)
    dh[..., own.size :] = np.eye(n, dtype=int)  # ∂h_0/∂h_0; whole numbers suit every dtype
    to_state = do @ weights["V"]
    total = 0 * dh[:, 0]
    for t in range(T):
        da = weights["W"] @ dh
        da[:, rows, own] += read[t][:, None]
        new = slope[t][..., None] * da
        if run.mask is not None:  # where no step takes place, h_t = h_{t−1}
            new = np.where(run.mask[t][:, None, None], new, dh)
        dh = new
        total = total + (to_state[t][:, None] @ dh)[:, 0]
    by_row = total[:, : own.size].reshape(B, n, -1)
    dV = np.moveaxis(do, 0, -1) @ np.swapaxes(run.h[1:], 0, 1)  # Σ_t ∂L/∂o_t h_tᵀ
    dc = np.asarray(do.sum(axis=0))
    return VectorGradients(
        by_row[..., :m], by_row[..., m:-1], dV, by_row[..., -1], dc, total[:, own.size :]
    )
