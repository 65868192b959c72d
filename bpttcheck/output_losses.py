"""Losses on the outputs of a network: softmax + NLL, and squared error, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arguments import chosen
from bpttcheck.arithmetic.base import Array
from bpttcheck.shapes import alike, read
from bpttcheck.softmax_nll import classes, nll_and_gradient_of, nll_gradient_of, nll_of, weights


@dataclass(frozen=True)
class OutputLoss:
    """A loss of outputs o (…, p), one number a row (…), with its gradient (…, p).

    ``targets`` checks what the user gave, for the others to take; ``both``, where there is one,
    returns the value and the gradient.
    """

    name: str
    targets: Callable[[Array, Any], Array]
    value: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]
    both: Callable[[Array, Array], tuple[Array, Array]] | None = None

    def value_and_gradient(self, o: Array, y: Array) -> tuple[Array, Array]:
        """Return the value and the gradient, what they share computed once."""
        return self.both(o, y) if self.both else (self.value(o, y), self.gradient(o, y))


def _classes_or_weights(o: Array, targets: Any) -> Array:
    given = read("targets", targets)
    if given.dtype.kind in "iu" and given.shape != o.shape:
        return classes(given, o)
    _, y = alike(o=o, targets=targets)
    return weights(y, o)


def _numbers(o: Array, targets: Any) -> Array:
    _, y = alike(o=o, targets=targets)
    if y.shape != o.shape:
        raise ValueError(f"targets: expected numbers (…, p) = {o.shape}, got {y.shape}")
    return y


def _half_square(o: Array, y: Array) -> Array:
    return np.asarray(((o - y) * (o - y)).sum(axis=-1) * 0.5)


nll = OutputLoss("nll", _classes_or_weights, nll_of, nll_gradient_of, nll_and_gradient_of)
squared_error = OutputLoss("squared_error", _numbers, _half_square, lambda o, y: o - y)

BY_NAME = {loss.name: loss for loss in (nll, squared_error)}


def output_loss(name: str, given: object) -> OutputLoss:
    """Return the loss that the argument ``name`` was given as: an OutputLoss or its name.

    Raises:
        ValueError, TypeError: an unknown name, or something else altogether.
    """
    return chosen(name, given, OutputLoss, BY_NAME)
