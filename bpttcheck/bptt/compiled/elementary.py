"""Elementary functions of compiled loops, to 4 ulp, in double, without a branch.

They are made from e^x = 2^k (1 + p), p = e^r − 1 with |r| ≤ ln 2 / 2, so that a compiler does many
at once, which it cannot do with calls of the C library. Derivatives are those of
:mod:`bpttcheck.activations`: from the pre-activation. What is not finite may become anything: it is
looked for elsewhere.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LOG2_E = 1.4426950408889634
LN2, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""ln 2 in two parts, the first so short that its product with any k is exact (Cody and Waite)."""
ROUND = 1.5 * 2.0**52
"""A number that is added to round to a whole one, which is then in the low bits of the sum."""
EXTRA = 64
"""2^(k + EXTRA) is a normal number for every k; the last of all is to multiply by 2^−EXTRA."""
DOWN = 2.0**-EXTRA
LEAST = -750.0
"""Its e^x is zero in double."""


@njit(inline="always")
def parts(x):
    """Return p and 2^(k + EXTRA), with e^x = 2^k (1 + p), for LEAST ≤ x ≤ 0."""
    rounded = x * LOG2_E + ROUND
    k = rounded - ROUND
    r = (x - k * LN2) - k * LN2_LOW
    q = 1.0 / 6227020800.0
    q = q * r + 1.0 / 479001600.0
    q = q * r + 1.0 / 39916800.0
    q = q * r + 1.0 / 3628800.0
    q = q * r + 1.0 / 362880.0
    q = q * r + 1.0 / 40320.0
    q = q * r + 1.0 / 5040.0
    q = q * r + 1.0 / 720.0
    q = q * r + 1.0 / 120.0
    q = q * r + 1.0 / 24.0
    q = q * r + 1.0 / 6.0
    q = q * r + 0.5
    bits = np.float64(rounded).view(np.int64) + np.int64(1023 + EXTRA)
    return r + r * r * q, np.int64(bits << np.int64(52)).view(np.float64)


@njit(inline="always")
def exp(x):
    """Return e^x for x ≤ 0."""
    p, scale = parts(max(np.float64(x), LEAST))
    return ((1.0 + p) * scale) * DOWN


@njit(inline="always")
def tanh(a):
    """Return tanh a, from u = e^(−2|a|) − 1: −u / (2 + u)."""
    p, scale = parts(max(-2.0 * abs(np.float64(a)), -80.0))
    power = scale * DOWN
    u = power * p + (power - 1.0)
    size = -u / (2.0 + u)
    return -size if a < 0 else size


@njit(inline="always")
def tanh_slope(a):
    """Return 4 r / (1 + r)² with r = e^(−2|a|), rounded but once where it is subnormal."""
    p, scale = parts(max(-2.0 * abs(np.float64(a)), LEAST))
    r = ((1.0 + p) * scale) * DOWN
    s = 1.0 + r
    return ((1.0 + p) / (s * s) * scale) * (4.0 * DOWN)


@njit(inline="always")
def sigmoid(a):
    """Return q / (1 + q), or 1 / (1 + q), with q = e^(−|a|)."""
    q = exp(-abs(np.float64(a)))
    return (q if a < 0 else 1.0) / (1.0 + q)


@njit(inline="always")
def sigmoid_slope(a):
    """Return q / (1 + q)² with q = e^(−|a|), rounded but once where it is subnormal."""
    p, scale = parts(max(-abs(np.float64(a)), LEAST))
    q = ((1.0 + p) * scale) * DOWN
    s = 1.0 + q
    return ((1.0 + p) / (s * s) * scale) * DOWN


@njit(inline="always")
def tanh_and_slope(a):
    """Return both, from one power and one division."""
    p, scale = parts(max(-2.0 * abs(np.float64(a)), LEAST))
    power = scale * DOWN
    u = power * p + (power - 1.0)
    inverse = 1.0 / (2.0 + u)
    size = -u * inverse
    slope = ((1.0 + p) * (inverse * inverse) * scale) * (4.0 * DOWN)
    return (-size if a < 0 else size), slope


@njit(inline="always")
def sigmoid_and_slope(a):
    """Return both, from one power and one division."""
    p, scale = parts(max(-abs(np.float64(a)), LEAST))
    q = ((1.0 + p) * scale) * DOWN
    inverse = 1.0 / (1.0 + q)
    slope = ((1.0 + p) * (inverse * inverse) * scale) * DOWN
    return (q if a < 0 else 1.0) * inverse, slope
