"""Losses of the outputs that a recognised network may have, as totals over steps and sequences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bpttcheck.activations import sigmoid
from bpttcheck.arithmetic.base import Array
from bpttcheck.output_losses import nll, squared_error
from bpttcheck.softmax_nll import softmax_of


@dataclass(frozen=True)
class Objective:
    """A loss of outputs o and targets y, both (T, B, p), and its gradient with respect to o.

    ``confused`` are gradients that belong to another loss, by what is done wrong.
    """

    name: str
    steps: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]
    confused: dict[str, Callable[[Array, Array], Array]]
    quick: Callable[[Array, Array], Array] | None = None

    def terms(self, o: Array, y: Array) -> Array:
        """Return what the total is a sum of, for many targets at once, and faster.

        It is correct to half the digits at least.
        """
        return (self.quick or self.steps)(o, y)

    def total(self, o: Array, y: Array, mask: Array | None = None) -> float:
        """Return the sum over steps and sequences, those that the mask (T, B, 1) counts."""
        steps = self.steps(o, y)
        if mask is not None:
            steps = steps * (mask if steps.ndim == 3 else mask[..., 0])
        return float(steps.sum())


def _nll_gradient(o: Array, y: Array) -> Array:
    """Return Σy · ŷ − y, for targets that need not sum to one."""
    return np.asarray(softmax_of(o) * y.sum(axis=-1, keepdims=True) - y)


def _quick_nll(o: Array, y: Array) -> Array:
    top = o.max(axis=-1, keepdims=True)
    return np.asarray(y * (np.log(np.exp(o - top).sum(axis=-1, keepdims=True)) + top - o))


def _through_softmax(o: Array, g: Array) -> Array:
    """Return (diag ŷ − ŷ ŷᵀ) g."""
    y_hat = softmax_of(o)
    return np.asarray(y_hat * (g - (y_hat * g).sum(axis=-1, keepdims=True)))


NLL = Objective(
    "NLL of softmax",
    nll.value,
    _nll_gradient,
    {
        "o − y, that of squared error": lambda o, y: o - y,
        "ŷ, the target left out": lambda o, y: softmax_of(o),
        "−y, the prediction left out": lambda o, y: -y,
        "ŷ − 1 at every class": lambda o, y: softmax_of(o) - 1,
        "ŷ − y at the target alone": lambda o, y: (softmax_of(o) - y) * (y != 0),
        "(ŷ − y) through the softmax once more": lambda o, y: _through_softmax(
            o, softmax_of(o) - y
        ),
        "(ŷ − y) ∘ ŷ ∘ (1 − ŷ)": lambda o, y: (
            (softmax_of(o) - y) * softmax_of(o) * (1 - softmax_of(o))
        ),
        "(ŷ − y) ∘ ŷ": lambda o, y: (softmax_of(o) - y) * softmax_of(o),
        "−y / ŷ, that of NLL with respect to ŷ": lambda o, y: -y / softmax_of(o),
        "−y ∘ (1 − ŷ), the diagonal of the softmax's Jacobian": lambda o, y: (
            -y * (1 - softmax_of(o))
        ),
        "σ(o) − y, that of independent classes": lambda o, y: sigmoid.value(o) - y,
    },
    _quick_nll,
)
SQUARED = Objective(
    "squared error",
    squared_error.value,
    squared_error.gradient,
    {
        "softmax(o) − y, that of NLL": lambda o, y: softmax_of(o) - y,
        "σ(o) − y, that of cross entropy": lambda o, y: sigmoid.value(o) - y,
        "o, the target left out": lambda o, y: o,
        "−y, the prediction left out": lambda o, y: -y,
        "sign(o − y), that of absolute error": lambda o, y: np.sign(o - y),
        "|o − y|": lambda o, y: np.abs(o - y),
        "(o − y)², the loss itself": lambda o, y: (o - y) ** 2,
        "½ (o − y)², the loss itself": lambda o, y: (o - y) ** 2 / 2,
        "(o − y) ∘ (1 − o²)": lambda o, y: (o - y) * (1 - o**2),
    },
    lambda o, y: np.asarray((o - y) ** 2 / 2),
)
CROSS_ENTROPY = Objective(
    "cross entropy of σ",
    lambda o, y: np.asarray((np.logaddexp(0.0, o) - y * o).sum(axis=-1)),
    lambda o, y: np.asarray(sigmoid.value(o) - y),
    {
        "(σ(o) − y) ∘ σ′(o), that of squared error": lambda o, y: (
            (sigmoid.value(o) - y) * sigmoid.derivative(o)
        ),
        "o − y, that of squared error": lambda o, y: o - y,
        "softmax(o) − y": lambda o, y: softmax_of(o) - y,
        "σ(o), the target left out": lambda o, y: sigmoid.value(o),
    },
)
LINEAR = Objective(
    "a weighted sum of the outputs",
    lambda o, y: np.asarray((o * y).sum(axis=-1)),
    lambda o, y: np.asarray(y + 0 * o),
    {},
)
SQUARED_SIGMOID = Objective(
    "squared error of σ",
    lambda o, y: squared_error.value(sigmoid.value(o), y),
    lambda o, y: np.asarray((sigmoid.value(o) - y) * sigmoid.derivative(o)),
    {
        "σ(o) − y, without σ′": lambda o, y: sigmoid.value(o) - y,
        "o − y": lambda o, y: o - y,
    },
    lambda o, y: np.asarray((1 / (1 + np.exp(-o)) - y) ** 2 / 2),
)

ALL = (NLL, SQUARED, CROSS_ENTROPY, LINEAR, SQUARED_SIGMOID)
