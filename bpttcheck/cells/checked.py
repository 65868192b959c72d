"""The arguments of a forward pass, checked: weights, inputs, initial states, a mask."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from bpttcheck.arguments import held, listed
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell
from bpttcheck.shapes import Sizes, alike, entries_with, numbers, plain

FORMER = {"c": "b_s"}
"""Weights that had another name: the bias of the output layer was c in two cells of five."""


class Arguments(NamedTuple):
    """Everything of one dtype: weights by name, x, a state (B, n) for each letter, the mask."""

    weights: dict[str, Array]
    x: Array
    initial: dict[str, Array]
    mask: Array | None


def check_arguments(
    cell: Cell, params: Any, x: Any, initial: Mapping[str, Any], mask: Any
) -> Arguments:
    """Return the arguments checked. Biases may be missing; they come back as zeros.

    Arguments:
        cell: whose they are.
        params: weights by name.
        x: inputs, (T, B, m), or (T, m) for one sequence.
        initial: ``h0``, … by name, a single number or (B, n).
        mask: booleans (T, B), or None.

    Raises:
        TypeError, ValueError: one of them is of the wrong kind, shape or value.
    """
    axes = cell.axes
    given = _given(cell, params)
    names = [*given, *initial, "x"]
    arrays = plain([*given.values(), *initial.values(), x])
    if arrays is None:  # something has to be converted, or refused by its name
        shown = {f"params[{name!r}]": value for name, value in given.items()}
        arrays = alike(**shown, **initial, x=x)
    by_name = dict(zip(names, arrays, strict=True))
    x, sizes = by_name["x"], Sizes()
    if not sizes.bind(x.shape, time_axes(x)):
        sizes.match("x", x, *time_axes(x))
    weights = {name: by_name[name] for name in axes if name in given}
    if not _fit(cell, weights, sizes):
        for name, weight in weights.items():  # one of them is of another shape
            sizes.match(f"params[{name!r}]", weight, *axes[name])
    for name in axes if len(weights) < len(axes) else ():
        if name not in weights:
            shape = [sizes.known[s] for s in axes[name]]
            weights[name] = np.full(shape, 0 * x.reshape(-1)[0], dtype=x.dtype)
    states = {}
    for letter, name in zip(cell.states, initial, strict=True):
        symbol = cell.widths.get(letter, "n")
        state = by_name[name]
        if state.ndim:
            states[letter] = sizes.match(name, state, *time_axes(x)[1:-1], symbol)
        else:
            states[letter] = np.full((*x.shape[1:-1], sizes.known[symbol]), state, dtype=x.dtype)
    return Arguments(weights, x, states, check_mask(mask, x.shape[:-1]))


def _fit(cell: Cell, weights: Mapping[str, Array], sizes: Sizes) -> bool:
    """Return whether weights are of the shapes that the first of them ask for, and bind these."""
    U, V = weights[cell.names["U"][0]].shape, weights["V"].shape
    if len(U) != 2 or len(V) != 2 or 0 in (*U, *V):
        return False
    read, known = cell.widths.get("h", "n"), sizes.known
    size = {"m": known["m"], "p": V[0], read: V[1], "n": U[0]}
    shapes = _shapes(cell, *size.items())
    if shapes is None or any(weight.shape != shapes[name] for name, weight in weights.items()):
        return False
    known.update(size)
    return True


@lru_cache(256)
def _shapes(cell: Cell, *sizes: tuple[str, int]) -> dict[str, tuple[int, ...]] | None:
    """Return the shape of every weight; None if one has an axis of another size."""
    size = dict(sizes)
    if any(symbol not in size for symbols in cell.axes.values() for symbol in symbols):
        return None
    return {k: tuple(size[symbol] for symbol in symbols) for k, symbols in cell.axes.items()}


def _given(cell: Cell, params: Any) -> Mapping[str, Any]:
    """Return the weights that were given, their names checked."""
    axes = cell.axes
    if type(params) is dict or isinstance(params, Mapping):
        given = params if type(params) is dict else held("params", params)
        if given.keys() <= axes.keys() and cell.matrices <= given.keys():
            return given
    refuse_former(cell.axes, params)
    _refuse_no_forget_gate(cell, params)
    required = tuple(name for name, symbols in axes.items() if len(symbols) > 1)
    optional = tuple(name for name, symbols in axes.items() if len(symbols) == 1)
    entries_with("params", params, required, optional)
    raise AssertionError("names that are wrong are refused")


def refuse_former(axes: Mapping[str, Any], params: Any) -> None:
    """Refuse weights that have another name now, and say which."""
    for name in params if isinstance(params, Mapping) else ():
        new = FORMER.get(name) if isinstance(name, str) and name not in axes else None
        if new is not None:
            raise ValueError(f"params: expected {new!r}, as {name!r} is called now, got {name!r}")


def _refuse_no_forget_gate(cell: Cell, params: Any) -> None:
    if not isinstance(params, Mapping):
        return
    if cell.options.get("forget") and not {"U_f", "W_f", "b_f"} & set(params):
        raise ValueError(
            "params: expected U_f and W_f, or forget=False for an LSTM without forget gate, "
            f"got {listed(params) or 'nothing'}"
        )


def check_mask(mask: Any, shape: tuple[int, ...]) -> Array | None:
    """Return the mask as booleans, one a step and sequence; ``shape`` is that of the steps."""
    if mask is None:
        return None
    steps = numbers("mask", mask)
    if steps.shape != shape:
        symbols = "(T, B)" if len(shape) == 2 else "(T,)"
        raise ValueError(f"mask: expected {symbols} = {shape}, got {steps.shape}")
    if not np.isin(steps, (0, 1)).all():
        raise ValueError(f"mask: expected True or False, got {steps[~np.isin(steps, (0, 1))][0]}")
    if not steps.any(axis=0).all():
        raise ValueError("mask: expected at least one step in every sequence, got none in one")
    return steps.astype(bool)


def time_axes(x: Array) -> tuple[str, ...]:
    """Return the symbols of the axes of an input: a single sequence may drop B."""
    return ("T", "m") if x.ndim <= 2 else ("T", "B", "m")
