"""Losses of a scalar RNN: any differentiable function of the predictions, with its gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bpttcheck.arguments import chosen, function, takes, text
from bpttcheck.arithmetic.base import Array


@takes(name=text, total=function, gradient=function)
@dataclass(frozen=True)
class Loss:
    """A loss per sequence, and its gradient with respect to every prediction.

    ``total(y_hat, y)`` maps predictions and targets (T, ..., B) to one loss a sequence (..., B);
    it may couple the time steps. ``gradient(y_hat, y)`` is ∂L/∂ŷ, with the shape of ``y_hat``.

    Raises:
        TypeError: no text, or no functions.
    """

    name: str
    total: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]


squared_error = Loss(
    "squared_error",
    lambda y_hat, y: np.asarray(((y_hat - y) * (y_hat - y)).sum(axis=0) * 0.5),
    lambda y_hat, y: y_hat - y,
)
"""½ Σ_t (ŷ_t − y_t)²."""

BY_NAME = {squared_error.name: squared_error}


def loss_function(name: str, given: object) -> Loss:
    """Return the loss that the argument ``name`` was given as: a Loss or its name.

    Raises:
        ValueError, TypeError: an unknown name, or something else altogether.
    """
    return chosen(name, given, Loss, BY_NAME)
