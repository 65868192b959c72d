"""Running error analysis: numbers that know how far rounding can have moved them.

Every operation widens its result by 8 u of the moduli of what went in (a sum) or came out (a
product, a quotient, a function), u = 2⁻⁵³ being the rounding of float64. That covers elementary
functions to 4 ulp, and sums of up to nine terms in any order, which lose at most 8 u Σ|terms|
(of up to 16, where the terms are products, widened themselves). So what float64 programs make of
the same formula lies within, and no tolerance is chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from bpttcheck.activations import Activation, identity, relu
from bpttcheck.arithmetic.balls import exactly, precision
from bpttcheck.arithmetic.base import objects
from bpttcheck.bptt import rnn
from bpttcheck.output_losses import OutputLoss

UNITS = arb(2) ** -50
RESOLUTION = arb(2) ** -36


class Rounded:
    """An interval that holds what rounding can make of a number."""

    ordered = True

    def __init__(self, value: Any, scale: Any = 0) -> None:
        widened = arb(0, (UNITS * abs(exactly(scale))).upper())
        self.value = exactly(value) + widened

    def _other(self, other: Any) -> Any:
        return other.value if isinstance(other, Rounded) else exactly(other)

    def __add__(self, other: Any) -> Rounded:
        a, b = self.value, self._other(other)
        return Rounded(a + b, abs(a) + abs(b))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Rounded:
        return self + (-other)

    def __rsub__(self, other: Any) -> Rounded:
        return -self + other

    def __mul__(self, other: Any) -> Rounded:
        c = self.value * self._other(other)
        return Rounded(c, c)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Rounded:
        c = self.value / self._other(other)
        return Rounded(c, c)

    def __rtruediv__(self, other: Any) -> Rounded:
        return Rounded(other) / self

    def __neg__(self) -> Rounded:
        return Rounded(-self.value)

    def _function(self, name: str) -> Rounded:
        c = getattr(self.value, name)()
        return Rounded(c, c)

    def exp(self) -> Rounded:
        return self._function("exp")

    def log(self) -> Rounded:
        return self._function("log")

    def log1p(self) -> Rounded:
        return self._function("log1p")

    def tanh(self) -> Rounded:
        return self._function("tanh")

    def is_finite(self) -> bool:
        return bool(self.value.is_finite())

    def order_key(self) -> float:
        return float(self.value.mid())

    def is_positive(self) -> bool:
        assert self.value > 0 or self.value <= 0, "a kink within the rounding: take other numbers"
        return bool(self.value > 0)


def rounded(values: Any) -> Any:
    array = np.asarray(values, dtype=np.float64)
    return objects((Rounded(z) for z in array.reshape(-1)), array.shape)


# The formulas of textbooks and frameworks. Ours are more accurate, so they lie within as well.
FORMULAS = {
    "tanh": Activation("tanh", np.tanh, lambda a: 1 - np.tanh(a) * np.tanh(a)),
    "sigmoid": Activation(
        "sigmoid",
        lambda a: 1 / (1 + np.exp(-a)),
        lambda a: (1 - 1 / (1 + np.exp(-a))) / (1 + np.exp(-a)),
    ),
    "relu": relu,
    "identity": identity,
}


def _log_softmax(o: Any) -> Any:
    keys = np.vectorize(lambda z: z.order_key(), otypes=[float])(o).argmax(axis=-1)
    shifted = o - np.take_along_axis(o, keys[..., None], axis=-1)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


LOSS = {
    "nll": OutputLoss(
        "nll",
        lambda o, y: rounded(y if np.shape(y) == o.shape else np.eye(o.shape[-1])[y]),
        lambda o, y: -(y * _log_softmax(o)).sum(axis=-1),
        lambda o, y: np.exp(_log_softmax(o)) * y.sum(axis=-1, keepdims=True) - y,
    ),
    "squared_error": "squared_error",
}


def enclosed(params, x, y, *, h0, phi, loss, **options):
    """Return intervals around the loss and every gradient, as float64 may compute them."""
    with precision(200):
        return rnn.value_and_grad(
            {k: rounded(v) for k, v in params.items()}, rounded(x),
            y if loss == "nll" else rounded(y), h0=rounded(h0), phi=FORMULAS[phi], loss=LOSS[loss],
            **options,
        )  # fmt: skip


def contain(intervals: Any, values: Any) -> bool:
    """Tell whether every value lies in its interval."""
    values = np.asarray(values)
    assert values.dtype == np.float64
    assert intervals.shape == values.shape
    pairs = zip(intervals.reshape(-1), values.reshape(-1), strict=True)
    with precision(200):
        return all(z.value.contains(exactly(v)) for z, v in pairs)


def sharp(intervals: Any) -> bool:
    """Tell whether some interval is narrow: a change in the tenth digit would leave it."""
    with precision(200):
        return any(z.value.rad() < RESOLUTION * abs(z.value) for z in intervals.reshape(-1))


def problem(seed, *, loss, biases, masked, initial, sizes=(4, 2, 3, 5, 4)):
    """Return parameters, inputs, targets, an initial state and a mask, moderate numbers."""
    T, B, m, n, p = sizes
    random = np.random.default_rng(seed)
    shapes = {"U": (n, m), "W": (n, n), "V": (p, n)} | ({"b": (n,), "c": (p,)} if biases else {})
    params = {k: random.standard_normal(s) / 2 for k, s in shapes.items()}
    x = random.standard_normal((T, B, m))
    y = random.integers(0, p, (T, B)) if loss == "nll" else random.standard_normal((T, B, p))
    h0 = random.standard_normal((B, n)) if initial else np.zeros((B, n))
    mask = None
    if masked:
        mask = np.ones((T, B), dtype=bool)
        mask[2:, 0], mask[1, 1] = False, False
    return params, x, y, h0, mask


CASES = [
    # phi, loss, reduction, biases, mask, initial state
    ("tanh", "nll", "sum", True, False, True),
    ("tanh", "nll", "mean", False, True, True),
    ("sigmoid", "nll", "sum", True, True, False),
    ("relu", "nll", "mean", True, False, True),
    ("identity", "nll", "sum", False, False, True),
    ("tanh", "squared_error", "mean", True, True, True),
    ("sigmoid", "squared_error", "sum", False, False, True),
    ("relu", "squared_error", "sum", True, True, False),
    ("identity", "squared_error", "mean", True, True, True),
]
