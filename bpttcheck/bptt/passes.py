"""What backward passes share: the loss, its gradient as an argument, what they return."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.finite import SMALL
from bpttcheck.cells.arrays import where_taken
from bpttcheck.cells.checked import Arguments, time_axes
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


class StepLosses:
    """The losses of the steps of a network, whose targets are checked; taken a block at a time."""

    def __init__(
        self, outputs: Array, targets: Any, loss: Any, reduction: str, mask: Array | None
    ) -> None:
        """Check the targets against outputs (T, B, p), or some of their shape and dtype.

        Raises:
            TypeError, ValueError: an argument of the wrong kind, shape or value.
        """
        self.objective, self.mask = output_loss("loss", loss), mask
        self.targets = self.objective.targets(outputs, targets)
        count = math.prod(outputs.shape[:-1]) if mask is None else int(mask.sum())
        self.share = divisor(reduction, count)
        self._shape, self._losses = outputs.shape[:-1], np.empty(0)

    def gradient(self, outputs: Array, block: slice) -> Array:
        """Return ∂L/∂s_t of the steps of a block, from their outputs (k, B, p)."""
        y, mask = self.targets[block], None if self.mask is None else self.mask[block]
        if mask is not None:  # what is left out is compared with nothing: it could leave the range
            outputs = where_taken(outputs, mask)
            y = where_taken(y, mask) if y.ndim == outputs.ndim else np.where(mask, y, 0)
        losses, gradient = self.objective.value_and_gradient(outputs, y)
        if self.share != 1:
            gradient = gradient / self.share
        if mask is not None:
            losses = np.where(mask, losses, 0 * losses)
            gradient = where_taken(gradient, mask)
        if losses.shape == self._shape:
            self._losses = losses
        else:
            if not self._losses.size:
                self._losses = np.empty(self._shape, dtype=losses.dtype)
            self._losses[block] = losses
        return gradient

    def value(self) -> Array:
        """Return the loss, once every block was taken."""
        return np.asarray(np.add.reduce(self._losses, axis=None) / self.share)


def loss_and_gradient(
    outputs: Array, targets: Any, loss: Any, reduction: str, mask: Array | None
) -> tuple[Array, Array]:
    """Return the loss of a network's outputs, and its gradient with respect to them."""
    losses = StepLosses(outputs, targets, loss, reduction, mask)
    with np.errstate(all="ignore"):  # whatever overflows is refused below
        gradient = losses.gradient(outputs, slice(0, len(outputs)))
        value = losses.value()
    finite_result("value_and_grad", value, gradient)
    return value, gradient


def like_scores(x: Array, s: Array, ds: Any) -> Array:
    """Return ∂L/∂s_t checked: the shape of the scores, the dtype of x."""
    _, gradient = alike(x=x, ds=ds)
    sizes, axes = Sizes(), (*time_axes(x)[:-1], "p")
    sizes.match("run.s", s, *axes)
    return sizes.match("ds", gradient, *axes)


def like_outputs(arguments: Arguments) -> Array:
    """Return an array like the outputs, for targets to be checked against before there are any."""
    x = arguments.x
    shape, some = (*x.shape[:-1], len(arguments.weights["V"])), x.reshape(-1)[0]
    if math.prod(shape) <= SMALL:  # which is faster, and no room to speak of
        return np.full(shape, some, dtype=x.dtype)
    return np.broadcast_to(np.asarray(some), shape)


def every_array(found: Any) -> list[Array]:
    """Return every array of a run, or of its gradients."""
    arrays: list[Array] = []
    for value in vars(found).values():
        given = value.values() if isinstance(value, Mapping) else [value]
        arrays += [a for a in given if isinstance(a, np.ndarray)]
    return arrays
