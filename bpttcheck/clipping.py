"""Gradient clipping: by value, by norm, and by the norm of all gradients together.

Clipping by norm shortens a gradient and keeps its direction; clipping by value bounds every entry
and turns it. Over every number system that has an order and square roots.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.order import positive
from bpttcheck.shapes import numbers


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
    g, bound = _gradient("gradient", gradient), _limit(limit)
    return by_value(g, bound)


def clip_by_norm(gradient: Any, limit: Any) -> Array:
    """Return the gradient, shortened to the length ``limit`` if it is longer.

        g · limit / max(‖g‖, limit)

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
    g, bound = _gradient("gradient", gradient), _limit(limit)
    return np.asarray(by_norm(g.reshape(1, -1), bound).reshape(g.shape))


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
    if not isinstance(gradients, Mapping):
        raise TypeError(f"gradients: expected a mapping, got {type(gradients).__name__}")
    if not gradients:
        raise ValueError("gradients: expected at least one gradient, got none")
    bound = _limit(limit)
    given = {name: _gradient(f"gradients[{name!r}]", g) for name, g in gradients.items()}
    together = np.concatenate([g.reshape(-1) for g in given.values()])
    clipped = by_norm(together[None], bound)[0]
    ends = np.cumsum([g.size for g in given.values()])[:-1]
    parts = zip(given.items(), np.split(clipped, ends), strict=True)
    return {name: part.reshape(g.shape).astype(g.dtype) for (name, g), part in parts}


def by_value(g: Array, limit: Any) -> Array:
    """Clip every entry, unchecked, over any number system with an order."""
    low = np.where(positive(-limit - g), -limit + 0 * g, g)
    return np.where(positive(low - limit), limit + 0 * g, low)


def by_norm(g: Array, limit: Any) -> Array:
    """Clip each row (…, n) by its norm, unchecked, over any number system with order and roots."""
    norm = length(g)[..., None]
    longer = positive(norm - limit)
    return np.where(longer, g * (limit / np.where(longer, norm, limit + 0 * norm)), g)


def length(g: Array) -> Array:
    """Return ‖g‖ of each row (…, n); for floats, without overflow or underflow on the way."""
    if g.dtype == object:
        return np.asarray(np.sqrt((g * g).sum(axis=-1)))
    largest = np.abs(g).max(axis=-1, initial=0)
    unit = np.where(largest > 0, largest, 1)
    scaled = g / unit[..., None]
    return np.asarray(np.sqrt((scaled * scaled).sum(axis=-1)) * unit)


def _gradient(name: str, value: Any) -> Array:
    array = numbers(name, value)
    if array.dtype.kind == "c":
        raise TypeError(f"{name}: expected real numbers, got dtype {array.dtype}")
    return array


def _limit(limit: Any) -> Array:
    bound = _gradient("limit", limit)
    if bound.ndim:
        raise ValueError(f"limit: expected a single number, shape (), got {bound.shape}")
    if not positive(bound):
        raise ValueError(f"limit: expected a positive number, got {bound}")
    return bound
