"""By how much two float forwards of a gated cell may differ."""

import numpy as np


def magnitudes(params, gates, x, states):
    """Return, for each pre-activation, at most what is added up to make it."""
    largest = max(1.0, *(np.abs(s).max() for s in states))
    return max(
        (np.abs(params[f"U_{k}"]).sum(axis=1) * np.abs(x).max()
         + np.abs(params[f"W_{k}"]).sum(axis=1) * largest + np.abs(params[f"b_{k}"])
         + np.abs(params.get("b_Wg", 0.0))).max()
        for k in gates
    )  # fmt: skip


def forward_bound(params, gates, x, states, cell, eps):
    """Return a bound on the difference of two float forwards, step by step.

    Each side makes a pre-activation of N = n + m + 3 terms, of which the moduli add up to A, with
    an error of at most (N + 1) u A, and each activation to 4 ulp: 5 u of its value, at most 1.
    σ and tanh have slope at most 1, so a gate errs by e = W h + (N + 1) u A + 5 u, h the error of
    the state before. A GRU's state is a mean of two: h' ≤ h + e(1 + |h| + |g|) + 4 u. An LSTM's
    cell: c' ≤ c + e(|c| + 2) + 3 u (|c| + 1), and its state errs by c' + e + 6 u.
    """
    n, m = params["U_g"].shape
    A = magnitudes(params, gates, x, states)
    W = max(np.abs(params[f"W_{k}"]).sum(axis=1).max() for k in gates)
    largest = max(1.0, *(np.abs(s).max() for s in states))
    h = c = 0.0
    for _ in range(len(x)):
        e = W * h * (1 + largest) + (n + m + 4) * eps * A + 5 * eps
        if cell == "gru":  # the reset gate acts inside: once more through W
            e += W * largest * e
            h = h + e * (1 + 2 * largest) + 4 * eps
        else:
            c = c + e * (largest + 2) + 3 * eps * (largest + 1)
            largest += 1  # a cell grows by at most 1 a step
            h = c + e + 6 * eps
    return 2 * h  # both sides err
