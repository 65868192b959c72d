"""What backward passes share: the loss, its gradient as an argument, every array of a result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.arguments import time_axes
from bpttcheck.cells.steps import where_taken
from bpttcheck.output_losses import output_loss
from bpttcheck.shapes import Sizes, alike, divisor, finite_result


def loss_and_gradient(
    outputs: Array, targets: Any, loss: Any, reduction: str, mask: Array | None
) -> tuple[Array, Array]:
    """Return the loss of a network's outputs, and its gradient with respect to them."""
    objective = output_loss("loss", loss)
    y = objective.targets(outputs, targets)
    counted = outputs
    if mask is not None:  # what is left out is compared with nothing: it could leave the range
        counted = where_taken(outputs, mask)
        y = where_taken(y, mask) if y.ndim == outputs.ndim else np.where(mask, y, 0)
    share = divisor(reduction, math.prod(outputs.shape[:-1]) if mask is None else int(mask.sum()))
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        steps, gradient = objective.value_and_gradient(counted, y)
        if share != 1:
            gradient = gradient / share
        if mask is not None:
            steps = np.where(mask, steps, 0 * steps)
            gradient = where_taken(gradient, mask)
        value = np.asarray(steps.sum() / share)
    finite_result("value_and_grad", value, gradient)
    return value, gradient


def like_scores(x: Array, s: Array, ds: Any) -> Array:
    """Return ∂L/∂s_t checked: the shape of the scores, the dtype of x."""
    _, gradient = alike(x=x, ds=ds)
    sizes, axes = Sizes(), (*time_axes(x)[:-1], "p")
    sizes.match("run.s", s, *axes)
    return sizes.match("ds", gradient, *axes)


def every_array(found: Any) -> list[Array]:
    """Return every array of a run, or of its gradients."""
    arrays: list[Array] = []
    for value in vars(found).values():
        given = value.values() if isinstance(value, Mapping) else [value]
        arrays += [a for a in given if isinstance(a, np.ndarray)]
    return arrays
