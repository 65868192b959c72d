"""Real-time recurrent learning: gradients carried forward beside the states.

Williams and Zipser 1989. Where BPTT sends one message back, RTRL carries ∂h_t/∂θ forward, from
the forward definition and the local slopes alone; the two must meet in the same ∂L/∂θ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells import rnn as cell
from bpttcheck.cells.scalar_rnn import Run


@dataclass(frozen=True)
class ScalarGradients:
    """∂L/∂w, ∂L/∂v and ∂L/∂h_0 of a scalar RNN, one a sequence (B,)."""

    w: Array
    v: Array
    h0: Array


def scalar_rnn(w: Array, run: Run, dy_hat: Array) -> ScalarGradients:
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
class Gradients:
    """∂L/∂θ of a vanilla RNN, one a sequence: U (B, n, m), W (B, n, n), V (B, p, n), b (B, n),
    c (B, p) and h0 (B, n).
    """

    U: Array
    W: Array
    V: Array
    b: Array
    c: Array
    h0: Array


def rnn(weights: cell.Weights, run: cell.Run, do: Array) -> Gradients:
    """Return the gradients of each sequence's loss, by forward accumulation.

        ∂h_t/∂θ = φ′(a_t) ∘ (∂⁺a_t/∂θ + W ∂h_{t−1}/∂θ),   ∂L/∂θ = Σ_t (Vᵀ ∂L/∂o_t)ᵀ ∂h_t/∂θ

    θ runs over the entries of U, W, b and h_0; the immediate part ∂⁺a_t/∂θ puts (x_t, h_{t−1}, 1)
    in the row that the entry belongs to, and nothing for h_0. V and c are read out directly.

    Arguments:
        weights: those of the forward pass; b and c may be None.
        run: a forward pass of a batch, a (T, B, n), with a mask or without.
        do: ∂L/∂o_t of each sequence's loss, (T, B, p).

    Source: Williams and Zipser 1989, eqs. 2.10–2.12.
    """
    T, B, n = run.a.shape
    m = run.x.shape[-1]
    slope = run.phi.derivative(run.a)
    zero = 0 * (run.h[0] + slope[0] + (run.x[0] @ weights.U.mT))  # (B, n), in the number system
    read = np.concatenate([run.x, run.h[:-1], 1 + zero[None, :, :1] + 0 * run.h[:-1, :, :1]], -1)
    rows = np.arange(n)
    weight_part = np.broadcast_to(zero[..., None, None], (B, n, n, m + n + 1))
    initial_part = np.broadcast_to(zero[..., None], (B, n, n)) + np.eye(n, dtype=int)
    to_state = do @ weights.V
    by_weight, by_initial = weight_part[:, 0], zero
    for t in range(T):
        through = weights.W @ weight_part.reshape(B, n, -1)
        new = through.reshape(weight_part.shape)
        new[:, rows, rows] += read[t][:, None]
        new, start = new * slope[t][..., None, None], slope[t][..., None] * (weights.W @ initial_part)
        if run.mask is not None:  # where no step takes place, h_t = h_{t−1}
            taken = run.mask[t][:, None, None]
            new, start = np.where(taken[..., None], new, weight_part), np.where(taken, start, initial_part)
        weight_part, initial_part = new, start
        seed = to_state[t][:, None]
        by_weight = by_weight + (seed @ weight_part.reshape(B, n, -1)).reshape(by_weight.shape)
        by_initial = by_initial + (seed @ initial_part)[:, 0]
    outer = np.swapaxes(do, 0, 1).mT @ np.swapaxes(run.h[1:], 0, 1)
    U, W, b = np.split(by_weight, [m, m + n], axis=-1)
    return Gradients(U, W, outer, b[..., 0], np.asarray(do.sum(axis=0)), by_initial)
