"""Initial weights: a recurrent matrix that keeps lengths, gates that begin by keeping.

Nothing is trained here and no claim is made but on step one: with ‖Wx‖ = ‖x‖ no message shrinks
or grows by W, and an open gate lets most of a state pass. Training goes on from there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arguments import count, finite, generator, jointly, one_of, shown, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.networks import cell_of
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.probe import derivatives, some_values
from bpttcheck.cells.well_declared import WRONG

RECURRENT = ("orthogonal", "identity", "normal")


@takes(n=count(), rng=generator)
def orthogonal(n: int, rng: np.random.Generator) -> Array:
    """Return an orthogonal matrix (n, n), drawn uniformly.

    Arguments:
        n: rows and columns.
        rng: where the random numbers come from.

    Source: Saxe, McClelland and Ganguli 2014; the signs as in Mezzadri 2007, without which the
        QR decomposition of normal numbers is not uniform.

    Raises:
        TypeError, ValueError: no size ≥ 1, or no generator.
    """
    _room({"n": n}, ("n", "n"))
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    return np.asarray(Q * np.sign(np.diag(R)))


@takes(
    cell=jointly("a network, or its name"),
    m=count(),
    n=count(),
    p=count(),
    rng=generator,
    recurrent=one_of(RECURRENT),
    scale=finite,
    keep=finite,
)
def initial_weights(
    cell: Any,
    *,
    m: int,
    n: int,
    p: int,
    rng: np.random.Generator,
    recurrent: str = "orthogonal",
    scale: float = 1.0,
    keep: float = 0.0,
    **options: Any,
) -> dict[str, Array]:
    """Return weights to begin with, for any cell.

    Those of inputs and outputs are normal, of variance one over what they read; biases are zero,
    but for the bias of the gate that keeps.

    Arguments:
        cell: the name of one, such as ``"lstm"``, or a :class:`~bpttcheck.bptt.network.Network`.
        m: how many inputs.
        n: how many states.
        p: how many outputs.
        rng: where the random numbers come from.
        recurrent: each W is ``"orthogonal"``, the ``"identity"`` (with ReLU: the IRNN), or
            ``"normal"``, of variance 1/n.
        scale: times that.
        keep: the bias of the LSTM's forget gate, of the GRU's update gate, …, its sign turned
            where an open gate replaces: 1 keeps 73 % of a state a step, 0 keeps half.
        options: ``phi`` of an RNN, ``reset`` of a GRU; ``forget=False`` of an LSTM; ``r``, how many
            states, of one with a projection.

    Returns:
        Every weight by name, as the cell's ``forward`` takes it.

    Raises:
        TypeError, ValueError: an argument of the wrong kind or value, or a ``keep`` for a cell
            without such a gate.

    Source: Saxe, McClelland and Ganguli 2014 (orthogonal); Le, Jaitly and Hinton 2015 (identity);
        Gers, Schmidhuber and Cummins 2000 (the bias of the forget gate).
    """
    others = {s for axes in cell_of("cell", cell).axes.values() for s in axes} - set("mnp")
    given = {"m": m, "n": n, "p": p} | {s: options.pop(s, None) for s in sorted(others)}
    declared = cell_of("cell", cell, **options)
    sizes = {name: count()(name, size) for name, size in given.items()}
    for axes in declared.axes.values():
        _room(sizes, axes)
    weights: dict[str, Array] = {}
    for name, symbols in declared.axes.items():
        shape = tuple(sizes[s] for s in symbols)
        if symbols == ("n", "n"):
            weights[name] = scale * _recurrent(recurrent, shape[0], rng)
        elif len(symbols) == 2:
            weights[name] = rng.standard_normal(shape) / shape[1] ** 0.5
        else:
            weights[name] = np.zeros(shape)
    if keep:
        gate, sign = _keeping(declared)
        if not sign:
            raise ValueError(f"keep: expected 0 for a cell without such a gate, got {keep}")
        weights[f"b_{gate}"] += sign * keep
    return weights


MOST = 2**34
"""Numbers of an array that can be asked for: 128 GiB of them."""


def _room(sizes: Mapping[str, int], symbols: tuple[str, ...]) -> None:
    """Refuse sizes of which no machine holds the array."""
    if math.prod(sizes[s] for s in symbols) > MOST:
        size = max(symbols, key=lambda s: sizes[s])
        shape = ", ".join(symbols)
        got = shown(sizes[size])
        raise ValueError(f"{size}: expected at most {MOST:,} numbers ({shape}), got {size} = {got}")


def _keeping(cell: Cell) -> tuple[str, int]:
    """Return the gate that decides what is kept, and −1 where an open gate replaces."""
    values = some_values(cell)
    kept = derivatives(cell, values)[cell.path, f"{cell.path}-"]
    for gate in cell.gates:
        for sign, share in ((1, values[gate]), (-1, 1 - values[gate])):
            if np.shape(kept) == np.shape(share) and np.all(np.abs(kept - share) <= WRONG):
                return gate, sign
    return "", 0


def _recurrent(kind: str, n: int, rng: np.random.Generator) -> Array:
    if kind == "identity":
        return np.eye(n)
    return orthogonal(n, rng) if kind == "orthogonal" else rng.standard_normal((n, n)) / n**0.5
