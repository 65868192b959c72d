"""What gated cells' strategies draw: sizes that go together, and arrays of all that cells have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.distributions import DISTRIBUTIONS
from bpttcheck.draws import (
    TARGETS,
    Draw,
    Drawable,
    always,
    any_of,
    fills,
    one_of_these,
    sizes,
    targets_of,
)


def often_two(most: int) -> Drawable:
    """Draw a size, two at least every other time: with one step or state, few mistakes show."""
    return one_of_these(sizes(most), always(min(most, 2)))


def gated(
    draw: Draw,
    axes: Any,
    states: Mapping[str, str],
    distribution: str | None,
    max_T: int,
    max_B: int,
    max_n: int,
) -> dict[str, Any]:
    """Draw what gated cells share, an array a letter; ``states`` with the symbols of their sizes.

    Long sequences and many states come in the moderate distribution: the others often have to be
    settled in balls, where a gated cell is slow. They come less often too, since gates that are
    all open, shut or half open tell few mistakes apart; nor does the NLL of a single class.
    """
    kind = distribution or draw(
        any_of(*DISTRIBUTIONS[:2], "moderate", "moderate", *DISTRIBUTIONS[2:])
    )
    fill = fills(draw, kind)
    few = kind != "moderate"
    size = {
        "T": draw(often_two(min(max_T, 2) if few else max_T)),
        "B": draw(sizes(1 if few else max_B)),
        "n": draw(often_two(min(max_n, 2) if few else max_n)),
        **{symbol: draw(sizes(2 if few else 4)) for symbol in "mp"},
    }
    size["D"] = 2 * size["n"]  # of two directions
    if "r" in states.values():
        size["r"] = draw(sizes(2 if few else 3))
    weights: dict[str, Array] = {}
    for symbols in dict.fromkeys(axes.values()):
        alike = [name for name, its in axes.items() if its == symbols]
        shape = tuple(size[s] for s in symbols)
        weights |= zip(alike, fill(alike[0], (len(alike), *shape)), strict=True)
    T, B = size["T"], size["B"]
    loss = draw(any_of("nll", "squared_error")) if size["p"] > 1 else "squared_error"
    targets = draw(any_of(*TARGETS)) if loss == "nll" else "any"
    return weights | {
        "x": fill("x", (T + 1, B, size["m"])),
        **{state: fill(state, (B, size[symbol])) for state, symbol in states.items()},
        "y": np.stack([targets_of(draw, fill, targets, B, size["p"]) for _ in range(T)]),
        "loss": loss,
        "targets": targets,
    }
