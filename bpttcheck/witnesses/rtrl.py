"""Real-time recurrent learning: gradients carried forward beside the states.

Williams and Zipser 1989. Where BPTT sends one message back, RTRL carries ∂h_t/∂θ forward, from
the forward definition and the local slopes alone; the two must meet in the same ∂L/∂θ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
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
