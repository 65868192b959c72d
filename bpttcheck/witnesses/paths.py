"""The sum over paths: ∂L/∂a_k, a product of single numbers for every way through the states.

A path from step k to step t visits one state a step; it carries the product of the entries w_ij
and slopes φ′ that it goes through. From one state to the loss of step t there are n^(t−k) of them,
one for each choice of the states that follow. No two share their work, as they do in BPTT and in
RTRL: for small n and T alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.run import Run

MOST = 10**6
"""Paths that are listed at once, at most."""


def rnn(weights: Mapping[str, Array], run: Run, do: Array) -> Array:
    """Return ∂L/∂a_k of each sequence's loss, (T, B, n).

        (∂L/∂a_k)_i = Σ_{t ≥ k} Σ_{i = i_k, i_{k+1}, …, i_t}
            (Vᵀ ∂L/∂o_t)_{i_t} φ′(a_t)_{i_t} ∏_{k ≤ j < t} w_{i_{j+1} i_j} φ′(a_j)_{i_j}

    Arguments:
        weights: those of the forward pass.
        run: a forward pass without a mask, a (T, B, n).
        do: ∂L/∂o_t of each sequence's loss, (T, B, p).

    Raises:
        ValueError: more than a million paths.
    """
    slope = run.phi.derivative(run.a)
    T, _, n = run.a.shape
    if n**T > MOST:
        raise ValueError(f"run: expected n^T ≤ {MOST} paths, got {n}^{T}")
    total = np.stack([_between(weights, slope, do, k, k) for k in range(T)])
    for k in range(T):
        for t in range(k + 1, T):
            total[k] = total[k] + _between(weights, slope, do, k, t)
    return total


def _between(weights: Mapping[str, Array], slope: Array, do: Array, k: int, t: int) -> Array:
    """Return the sum over the paths from step k to the loss of step t, by first state, (B, n)."""
    n = slope.shape[-1]
    path = np.indices((n,) * (t - k + 1)).reshape(t - k + 1, -1)  # a row a step, a column a path
    product = (do[t] @ weights["V"])[:, path[-1]]
    for j in range(k, t + 1):
        product = product * slope[j][:, path[j - k]]
    for j in range(t - k):
        product = product * weights["W"][path[j + 1], path[j]]
    return np.asarray(product.reshape(len(product), n, -1).sum(axis=-1))
