"""The untied unrolled network: every step has weights of its own.

Setting all copies equal gives the recurrent network back. Derivatives by a single copy are taken
by duals on this forward: backpropagating through it would be BPTT again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array


@dataclass(frozen=True)
class States:
    """What a forward pass makes: a (T, …, n), h (T + 1, …, n) and o (T, …, p)."""

    a: Array
    h: Array
    o: Array


def copied(weights: Mapping[str, Array], steps: int) -> dict[str, Array]:
    """Return equal copies of every weight, one a step.

    U (T, n, m), W (T, n, n), V (T, p, n), and the biases as rows, b (T, 1, n) and c (T, 1, p).
    """
    given = {name: weights[name] for name in "UWV"}
    given |= {"b": weights["b"][None], "c": weights["b_s"][None]}
    return {name: np.broadcast_to(w, (steps, *w.shape)) for name, w in given.items()}


def forward(copies: dict[str, Array], x: Array, h0: Array, phi: Activation) -> States:
    """Evaluate one layer a step, each with its own weights, over any number system.

        a_t = b_t + W_t h_{t−1} + U_t x_t,   h_t = φ(a_t),   o_t = c_t + V_t h_t

    Arguments:
        copies: what :func:`copied` returns; axes after the first may be put in, and broadcast.
        x: inputs, (T, …, B, m).
        h0: initial state, (B, n).
        phi: activation of the state.
    """
    U, W, V = (copies[name] for name in "UWV")
    b, c = copies.get("b"), copies.get("c")
    a, h, o = [], [h0], []
    for t in range(len(x)):
        before = h[t] @ W[t].mT + x[t] @ U[t].mT
        a.append(before if b is None else before + b[t])
        h.append(phi.value(a[t]))
        read = h[t + 1] @ V[t].mT
        o.append(read if c is None else read + c[t])
    return States(*(np.stack(np.broadcast_arrays(*steps)) for steps in (a, h, o)))
