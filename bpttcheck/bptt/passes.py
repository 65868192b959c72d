"""What backward passes share: the loss, its gradient as an argument, what they return."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.arrays import where_taken
from bpttcheck.cells.checked import time_axes
from bpttcheck.output_losses import output_loss
from bpttcheck.shapes import Sizes, alike, divisor, finite_result


@dataclass(frozen=True)
class Gradients:
    """Every gradient of a backward pass, named for its variable: ``dh``, ``da_f``, ``dU_f``, ….

    Shapes: ``da_k`` of each gate (T, B, n) and ``dx`` (T, B, m) at index t − 1; ``dh`` and that of
    every other state (T + 1, B, n) at index t, so that ``dh[0]`` is ∂L/∂h_0; ``weights`` has each
    weight's gradient under the weight's name, in its shape, summed over T and B, whether or not
    the weight was given.
    """

    steps: Mapping[str, Array]
    dx: Array
    weights: Mapping[str, Array]
    whole: tuple[Array, ...] = field(default=(), repr=False, compare=False)
    """All of it, gates side by side: what is looked at to be finite."""

    def __getattr__(self, name: str) -> Array:
        if name.startswith("__") or name in ("steps", "weights"):  # while it is unpickled
            raise AttributeError(name)
        for known in (self.steps, self.weights):
            if name[:1] == "d" and name[1:] in known:
                return known[name[1:]]
        names = ", ".join(f"d{key}" for key in (*self.steps, *self.weights))
        former = FORMER.get(name, "")
        raise AttributeError(
            f"Gradients: expected dx, weights or one of {names}, got {name!r}{former}"
        )


FORMER = {"dc": " (the output layer's bias is b_s, of every cell)"}


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
