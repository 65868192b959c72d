"""What the backward passes of gated cells share: the loss, and sums over steps and sequences."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from bpttcheck.activations import Elementwise, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.output_losses import output_loss
from bpttcheck.shapes import divisor, finite_result

Slopes: TypeAlias = tuple[Elementwise, Elementwise]

SLOPES: Slopes = (sigmoid.derivative, tanh.derivative)
"""σ′ and tanh′, of a pre-activation."""


def loss_and_gradient(
    outputs: Array, targets: Any, loss: Any, reduction: str, mask: Array | None
) -> tuple[Array, Array]:
    """Return the loss of a network's outputs, and its gradient with respect to them."""
    objective = output_loss("loss", loss)
    y = objective.targets(outputs, targets)
    counts = np.ones(outputs.shape[:-1], dtype=bool) if mask is None else mask
    share = divisor(reduction, int(counts.sum()))
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        steps = objective.value(outputs, y)
        value = np.asarray(np.where(counts, steps, 0 * steps).sum() / share)
        gradient = objective.gradient(outputs, y) / share
        gradient = np.where(counts[..., None], gradient, 0 * gradient)
    finite_result("value_and_grad", value, gradient)
    return value, gradient


def rows(steps: Array) -> Array:
    """Return (T·B, n): time and batch as one axis."""
    return steps.reshape(-1, steps.shape[-1])


def outer(left: Array, right: Array) -> Array:
    """Return Σ_t Σ_b left_t right_tᵀ, as one matrix product."""
    return rows(left).T @ rows(right)


def total(steps: Array) -> Array:
    """Return Σ_t Σ_b of columns."""
    return np.asarray(rows(steps).sum(axis=0))


def where_taken(factors: Array, mask: Array | None) -> Array:
    """Return factors (T, …, n), zero where no step takes place."""
    return factors if mask is None else np.where(mask[..., None], factors, 0 * factors)


def by_gate(letter: str, stack: Array, gates: str) -> dict[str, Array]:
    """Return the gradients of a letter's weights, gate by gate, from their stack."""
    parts = np.split(stack, len(gates))
    return {f"{letter}_{gate}": part for gate, part in zip(gates, parts, strict=True)}
