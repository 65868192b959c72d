"""What gated cells share: weights by gate, as texts have them, and stacked for one product.

A text writes a_f = U_f x + W_f h + b_f, one line a gate; so do the arguments. The loops multiply
once for all gates, hence the weights of a letter are stacked, gate below gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.rnn import check_mask, time_axes
from bpttcheck.shapes import Sizes, alike, entries_with

Axes = Mapping[str, tuple[str, ...]]


def gate_axes(gates: str) -> dict[str, tuple[str, ...]]:
    """Return the symbols of the axes of U, W and b of each gate, by name."""
    axes: dict[str, tuple[str, ...]] = {}
    for letter, symbols in (("U", ("n", "m")), ("W", ("n", "n")), ("b", ("n",))):
        axes |= {f"{letter}_{gate}": symbols for gate in gates}
    return axes


def check_arguments(
    params: Any, axes: Axes, x: Any, states: Mapping[str, Any], mask: Any
) -> tuple[dict[str, Array], Array, list[Array], Array | None]:
    """Return the weights, x, the initial states and the mask, checked and of one dtype.

    Biases, that is what has one axis, may be missing; they come back as zeros.
    """
    required = tuple(name for name, symbols in axes.items() if len(symbols) > 1)
    optional = tuple(name for name, symbols in axes.items() if len(symbols) == 1)
    given = entries_with("params", params, required, optional)
    *arrays, x = alike(**given, **states, x=x)
    by_name = dict(zip([*given, *states], arrays, strict=True))
    sizes = Sizes()
    sizes.match("x", x, *time_axes(x))
    known = {
        name: sizes.match(shown, by_name[shown], *symbols)
        for name, symbols in axes.items()
        if (shown := f"params[{name!r}]") in given
    }
    zero = 0 * x.reshape(-1)[0]
    weights = {
        name: known[name]
        if name in known
        else np.full([sizes.known[s] for s in symbols], zero, dtype=x.dtype)
        for name, symbols in axes.items()
    }
    full = []
    for name in states:
        if by_name[name].ndim:
            sizes.match(name, by_name[name], *time_axes(x)[1:-1], "n")
        full.append(np.broadcast_to(by_name[name], (*x.shape[1:-1], sizes.known["n"])))
    return weights, x, full, check_mask(mask, x.shape[:-1])


def stacked(weights: Mapping[str, Array], letter: str, gates: str) -> Array:
    """Return the weights of a letter, gate below gate: (4n, m), say; biases (4n,)."""
    parts = np.broadcast_arrays(*(weights[f"{letter}_{gate}"] for gate in gates))
    return np.concatenate(parts, axis=-1 if letter == "b" else -2)


def stacked_offsets(offsets: Mapping[str, Array], prefix: str, gates: str) -> Array | None:
    """Return the offsets of every gate side by side, zero where there is none; None without any."""
    given = [offsets.get(prefix + gate) for gate in gates]
    some = next((a for a in given if a is not None), None)
    if some is None:
        return None
    return np.concatenate([0 * some if a is None else a for a in given], axis=-1)


def plus(values: Array, offset: Array | None) -> Array:
    """Return the values with an offset, if there is one."""
    return values if offset is None else values + offset


def split(array: Array, parts: int) -> list[Array]:
    """Return views of equal parts of the last axis: one a gate."""
    n = array.shape[-1] // parts
    return [array[..., k * n : (k + 1) * n] for k in range(parts)]


def sequence_axes(z: Array, W: Array, states: Iterable[Array], offsets: Iterable[Array]) -> Any:
    """Return the axes between time and a step's numbers: sequences, and directions if any."""
    shapes = [z.shape[1:-1], *(s.shape[:-1] for s in states), *(e.shape[1:-1] for e in offsets)]
    if W.ndim > 2:
        shapes.append((*W.shape[:-2], 1))
    return np.broadcast_shapes(*shapes)


def carried_over(made: Array, before: Array, steps: Array | None) -> Array:
    """Return a state that was made where its step takes place, else the one before."""
    return made if steps is None else np.where(steps[..., None], made, before)
