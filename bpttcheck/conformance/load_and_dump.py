"""Weights of a library as ours, and back: ``load`` and ``dump``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.adaptors.adapted import Given
from bpttcheck.arguments import count, flag, jointly, optional, takes
from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.array_axes import Sizes
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.library_layouts import layout_of
from bpttcheck.conformance.named import advice, named
from bpttcheck.conformance.stacks import (
    MOST_LAYERS,
    LayerDirection,
    parts_of,
    sizes_of,
    twice,
    views,
)
from bpttcheck.conformance.weight_blocks import end_to_end, joined, pieces, shape_of

MOST_INPUTS = 10**9
"""More than any array has."""


class Weights(dict[str, Array]):
    """Our weights by name, and what they were loaded from.

    Where a library has two biases for one of ours, or a block that its cell does not read, our
    weights do not tell them; what was loaded does, as long as nobody changes the weight.
    """

    def __init__(self, own: Mapping[str, Array], given: Mapping[str, Array]) -> None:
        super().__init__(own)
        self.given = dict(given)
        self.loaded = {name: array.copy() for name, array in own.items()}


@takes(
    layout=layout_of,
    state=jointly("names and arrays, of the layout's shapes"),
    layers=count(most=MOST_LAYERS),
    bidirectional=flag,
    m=optional(count(most=MOST_INPUTS)),
)
def load(
    layout: Layout | str,
    state: Any,
    *,
    layers: int = 1,
    bidirectional: bool = False,
    m: int | None = None,
) -> Weights:
    """Return a library's weights under our names.

        load("torch.nn.LSTM", module.state_dict())["U_i"]
        load("torch.nn.LSTM", module.state_dict(), layers=2, bidirectional=True)["l0.reverse.U_i"]

    Arguments:
        layout: a :class:`Layout`, or the name of one in ``LAYOUTS``.
        state: a library's arrays by name, such as a state dict, or a nest of mappings. Layers that
            a library does not number are nested, ``{"l0": …, "l0.reverse": …}``.
        layers: how many there are.
        bidirectional: whether every layer has a second direction, ``l0.reverse``.
        m: the size of the inputs, where one vector holds all weights.

    Returns:
        Arrays of the type that they have in ``state``, as the functions of the cell take them, or
        those of :func:`bpttcheck.stack` where there are several parts. Biases that ``state`` does
        not have are left out. A weight of which a library has several is their sum.

    Raises:
        TypeError, ValueError: an array is missing, unknown, or of another kind or shape.
    """
    form: Layout = layout  # type: ignore[assignment]
    parts = parts_of(form, layers, bidirectional)
    given = Given(state, "state")
    arrays = {k: np.asarray(a) for k, a in given.point().items()}
    for name, array in arrays.items():
        if array.dtype.kind == "c":
            raise TypeError(f"state[{name!r}]: expected floats, got {array.dtype}")
    named(form, parts, arrays, given.others)
    try:
        return Weights(_loaded(parts, arrays, sizes_of(form, parts, arrays, m)), arrays)
    except ValueError as error:
        raise ValueError(f"{error}{advice(form, arrays, parts)}") from None


def _loaded(
    parts: list[LayerDirection], arrays: Mapping[str, Array], sizes: Sizes
) -> dict[str, Array]:
    """Return our weights by name.

    Raises:
        ValueError: an array has another shape than its blocks together.
    """
    own: dict[str, Array] = {}
    for part, name, blocks, array in views(parts, arrays, sizes):
        for block, piece in pieces(blocks, array, part.axes, sizes, f"state[{name!r}]"):
            if block.sign:
                weight = block.taken(piece, part.axes[block.weight], sizes)
                if block.constant:
                    weight = weight - block.sign * piece.dtype.type(block.constant)
                ours = part.ours(block.weight)
                own[ours] = own[ours] + weight if ours in own else weight.copy()
    return own


@takes(
    layout=layout_of,
    params=jointly("our weights: (n, m), (n, n), (n,)"),
    layers=count(most=MOST_LAYERS),
    bidirectional=flag,
)
def dump(
    layout: Layout | str,
    params: Mapping[str, Any],
    *,
    layers: int = 1,
    bidirectional: bool = False,
) -> dict[str, Array]:
    """Return our weights as a library has them: the inverse of :func:`load`.

    What was loaded and not changed comes back bit for bit. Of a weight that a library has twice,
    such as two biases, the first array holds all of it and the other zeros; where the pass adds a
    constant, a weight is rounded once.

    Arguments:
        layout: a :class:`Layout`, or the name of one in ``LAYOUTS``.
        params: our weights by name, as :func:`load` returns them. Biases may be left out: zero.
        layers: as for :func:`load`.
        bidirectional: as for :func:`load`.

    Returns:
        Arrays by a library's names, nested ones with points: ``"ii.kernel"``.

    Raises:
        TypeError, ValueError: a weight is missing, unknown, or of another shape.
    """
    form: Layout = layout  # type: ignore[assignment]
    parts = parts_of(form, layers, bidirectional)
    own = {k: np.asarray(a) for k, a in Given(params, "params").point().items()}
    sizes = _checked(parts, own)
    sizes |= twice(form, parts, sizes)
    kept = params if isinstance(params, Weights) else Weights({}, {})
    dtype = np.result_type(*own.values())
    same = {k for k, a in own.items() if k in kept.loaded and np.array_equal(a, kept.loaded[k])}
    seen: set[str] = set()
    found: dict[str, list[Array]] = {}
    old = {(p.name, name): array for p, name, _, array in views(parts, kept.given, sizes)}
    for part in parts:
        for name, blocks in part.blocks.items():
            shape, _ = shape_of(blocks, part.axes, sizes)
            before = old.get((part.name, name), np.zeros(shape, dtype))
            made = []
            for block, piece in pieces(blocks, before, part.axes, sizes, name):
                ours = part.ours(block.weight)
                if (part.name, name) in old and (ours in same or not block.sign):
                    made.append(piece)
                elif block.sign and ours not in seen and ours in own:
                    made.append(block.held(own[ours]))
                else:
                    made.append(np.zeros_like(piece))
                if block.sign:
                    seen.add(ours)
            found.setdefault(name, []).append(joined(blocks, iter(made)))
    return {k: end_to_end(a) for k, a in found.items()}


def _checked(parts: list[LayerDirection], own: Mapping[str, Array]) -> dict[str, int]:
    """Return the sizes that our weights have."""
    wanted = {p.ours(k): symbols for p in parts for k, symbols in p.axes.items()}
    for name in own:
        if name not in wanted and name.rpartition(".")[2] not in ("V", "b_s"):
            raise ValueError(f"params: expected weights of {', '.join(wanted)}, got {name!r}")
    sizes: dict[str, int] = {}
    for name, symbols in wanted.items():
        if name not in own:
            if len(symbols) > 1:
                raise ValueError(f"params: expected {name}, got {', '.join(own)}")
            continue
        shape = own[name].shape
        expected = tuple(sizes.get(s, k) for s, k in zip(symbols, shape, strict=False))
        if len(shape) != len(symbols) or shape != expected:
            raise ValueError(f"params[{name!r}]: expected ({', '.join(symbols)}), got {shape}")
        sizes |= dict(zip(symbols, shape, strict=True))
    return sizes
