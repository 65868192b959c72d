"""Intervals around what float64 programs can make of a formula: 8 u at each operation.

That covers elementary functions to 4 ulp, and sums of up to nine terms in any order (of up to 16,
where the terms are products, widened themselves).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from bpttcheck import rnn
from bpttcheck.activations import Activation, linear, relu
from bpttcheck.arithmetic.balls import exactly, precision
from bpttcheck.output_losses import OutputLoss
from tests.witnesses.running_error import rounded as intervals
from tests.witnesses.running_error import units

UNITS = units(2.0**-53, 0)
RESOLUTION = arb(2) ** -36


def rounded(values: Any) -> Any:
    return intervals(np.asarray(values, dtype=np.float64), UNITS)


# The formulas of textbooks and frameworks. Ours are more accurate, so they lie within as well.
FORMULAS = {
    "tanh": Activation("tanh", np.tanh, lambda a: 1 - np.tanh(a) * np.tanh(a)),
    "sigmoid": Activation(
        "sigmoid",
        lambda a: 1 / (1 + np.exp(-a)),
        lambda a: (1 - 1 / (1 + np.exp(-a))) / (1 + np.exp(-a)),
    ),
    "relu": relu,
    "linear": linear,
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
    shapes = {"U": (n, m), "W": (n, n), "V": (p, n)} | ({"b": (n,), "b_s": (p,)} if biases else {})
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
    ("linear", "nll", "sum", False, False, True),
    ("tanh", "squared_error", "mean", True, True, True),
    ("sigmoid", "squared_error", "sum", False, False, True),
    ("relu", "squared_error", "sum", True, True, False),
    ("linear", "squared_error", "mean", True, True, True),
]
