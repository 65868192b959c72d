"""Gradient clipping: by value, by norm, and by the norm of all gradients together.

Clipping by norm shortens a gradient and keeps its direction; clipping by value bounds every entry
and turns it. Over every number system that has an order and square roots.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arguments import jointly, mapping, shown, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.order import positive
from bpttcheck.shapes import alike


@takes(gradient=jointly("any shape"), limit=jointly("()"))
def clip_by_value(gradient: Any, limit: Any) -> Array:
    """Return the gradient with every entry brought into [−limit, limit].

    Arguments:
        gradient: real numbers, any shape.
        limit: a positive number.

    Returns:
        An array of the shape of ``gradient``, which is left as it is.

    Raises:
        TypeError, ValueError: not finite real numbers, or a limit that is not positive.

    Source: Mikolov 2012, section 3.2.2.
    Checked by: clipping.value-limit, clipping.value-sign, clipping.value-length.
    """
    g, bound = _checked(limit, gradient=gradient)
    return by_value(g, bound)


@takes(gradient=jointly("any shape"), limit=jointly("()"))
def clip_by_norm(gradient: Any, limit: Any) -> Array:
    """Return the gradient, shortened to the length ``limit`` if it is longer.

        g · min(1, limit / ‖g‖)

    Arguments:
        gradient: real numbers, any shape; ‖g‖ is over all of them.
        limit: a positive number.

    Returns:
        An array of the shape of ``gradient``, which is left as it is.

    Raises:
        TypeError, ValueError: not finite real numbers, or a limit that is not positive.

    Source: Pascanu, Mikolov and Bengio 2013, algorithm 1.
    Checked by: clipping.norm-limit, clipping.norm-direction, clipping.norm-within.
    """
    g, bound = _checked(limit, gradient=gradient)
    return np.asarray(by_norm(g.reshape(1, -1), bound).reshape(g.shape))


@takes(gradients=mapping(), limit=jointly("()"))
def clip_by_global_norm(gradients: Mapping[str, Any], limit: Any) -> dict[str, Array]:
    """Return all gradients, shortened by one common factor if together they are longer.

    Arguments:
        gradients: names to arrays of real numbers; ‖g‖ is over all entries of all of them.
        limit: a positive number.

    Returns:
        New arrays under the same names.

    Raises:
        TypeError, ValueError: not finite real numbers, none at all, or a limit not positive.

    Source: Pascanu, Mikolov and Bengio 2013, algorithm 1, for θ as a whole.
    Checked by: clipping.global-norm.
    """
    if not gradients:
        raise ValueError("gradients: expected at least one gradient, got none")
    *given, bound = _checked(limit, **{f"gradients[{shown(k)}]": g for k, g in gradients.items()})
    clipped = by_norm(np.concatenate([g.reshape(-1) for g in given])[None], bound)[0]
    parts = np.split(clipped, np.cumsum([g.size for g in given])[:-1])
    shaped = (part.reshape(g.shape) for part, g in zip(parts, given, strict=True))
    return dict(zip(gradients, shaped, strict=True))


def by_value(g: Array, limit: Any) -> Array:
    """Clip every entry, unchecked, over any number system with an order."""
    low = np.where(positive(-limit - g), -limit + 0 * g, g)
    return np.where(positive(low - limit), limit + 0 * g, low)


def by_norm(g: Array, limit: Any) -> Array:
    """Clip each row (…, n) by its norm, unchecked, over any number system with order and roots."""
    unit, scaled, rest = _parts(g)
    with np.errstate(all="ignore"):  # limit / unit may leave the range, on the right side
        longer = positive(rest - limit / unit)
        return np.where(longer, scaled / np.where(longer, rest, 1 + 0 * rest) * limit, g)


def length(g: Array) -> Array:
    """Return ‖g‖ of each row (…, n)."""
    unit, _, rest = _parts(g)
    return np.asarray((rest * unit)[..., 0])


def _parts(g: Array) -> tuple[Array, Array, Array]:
    """Return a unit for each row, the row in it, and its length in it: ‖g‖ = length · unit.

    The unit of floats is the largest modulus, so that no square overflows or vanishes.
    """
    if g.dtype == object:
        unit = 0 * g[..., :1] + 1
    else:
        largest = np.abs(g).max(axis=-1, keepdims=True, initial=0)
        unit = np.where(largest > 0, largest, 1)
    scaled = g / unit
    return unit, scaled, np.asarray(np.sqrt((scaled * scaled).sum(axis=-1, keepdims=True)))


def _checked(limit: Any, **gradients: Any) -> list[Array]:
    """Return the gradients and the limit, real and of one dtype."""
    *given, bound = alike(**gradients, limit=limit)
    for name, array in zip((*gradients, "limit"), (*given, bound), strict=True):
        if array.dtype.kind == "c":
            raise TypeError(f"{name}: expected real numbers, got dtype {array.dtype}")
    if bound.ndim:
        raise ValueError(f"limit: expected a single number, shape (), got {bound.shape}")
    if not positive(bound):
        raise ValueError(f"limit: expected a positive number, got {bound}")
    return [*given, bound]
