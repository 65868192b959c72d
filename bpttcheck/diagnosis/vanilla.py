"""The vanilla RNN in the letters of its derivation: weights U, W, V, b, c; outputs o."""

from __future__ import annotations

from dataclasses import dataclass

from bpttcheck.activations import Activation
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells import forward
from bpttcheck.cells.rnn import rnn


@dataclass(frozen=True)
class Weights:
    """U (n, m), W (n, n), V (p, n), b (n,), c (p,); a bias that was not given is None."""

    U: Array
    W: Array
    V: Array
    b: Array | None = None
    c: Array | None = None


@dataclass(frozen=True)
class Run:
    """A forward pass: x (T, B, m), a (T, B, n), h (T + 1, B, n), o (T, B, p)."""

    x: Array
    a: Array
    h: Array
    o: Array
    phi: Activation


def equations(weights: Weights, x: Array, h0: Array, phi: Activation) -> Run:
    """Run the vanilla RNN forward."""
    W, V = weights.W, weights.V
    zero_b, zero_c = 0 * W[:, 0], 0 * V[:, 0]
    given = {
        "U": weights.U, "W": W, "V": V,
        "b": zero_b if weights.b is None else weights.b,
        "b_s": zero_c if weights.c is None else weights.c,
    }  # fmt: skip
    run = forward.equations(rnn(phi), given, x, {"h": h0})
    return Run(x, run.a, run.h, run.s, phi)
