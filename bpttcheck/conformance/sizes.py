"""n, m and r, from the shapes of somebody's arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from bpttcheck.conformance.array_axes import Sizes
from bpttcheck.conformance.weight_blocks import Axes, Blocks, shape_of


def solved(
    blocks: Mapping[str, Blocks],
    axes: Axes,
    shapes: Mapping[str, tuple[int, ...]],
    known: Sizes,
    what: str = "state",
) -> dict[str, int]:
    """Return the sizes at which the arrays have these shapes.

    An axis on which one size alone is unknown tells it, since its length grows with every size.
    ``what`` is what the arrays are called in an error.

    Raises:
        ValueError: an axis that has the length of no whole number, or a size that nothing tells.
    """
    wanted = {s for part in blocks.values() for b in part.each() for s in axes[b.weight]}
    sizes = {s: k for s, k in known.items() if s in wanted}
    while unknown := sorted(wanted - sizes.keys()):
        told = next(_told(blocks, axes, shapes, sizes, unknown, what), None)
        if told is None:
            raise ValueError(f"{unknown[0]}: expected its size, since no array of these tells it")
        sizes |= told
    return sizes


def _told(
    blocks: Mapping[str, Blocks],
    axes: Axes,
    shapes: Mapping[str, tuple[int, ...]],
    sizes: Sizes,
    unknown: list[str],
    what: str,
) -> Iterator[dict[str, int]]:
    """Return a size for each axis that tells one."""
    for name, part in blocks.items():
        if name not in shapes:
            continue
        ones = dict.fromkeys(unknown, 1) | dict(sizes)
        smallest, _ = shape_of(part, axes, ones)
        if len(smallest) != len(shapes[name]):
            raise ValueError(
                f"{what}[{name!r}]: expected {len(smallest)} axes, got shape {shapes[name]}"
            )
        for axis, length in enumerate(shapes[name]):
            at = partial(_length, part, axes, ones, axis)
            here = [s for s in unknown if at(s, 2) > smallest[axis]]
            if len(here) == 1:
                found = whole(partial(at, here[0]), length)
                if found is None:
                    raise ValueError(
                        f"{what}[{name!r}]: expected a length of axis {axis} for a whole "
                        f"{here[0]}, got shape {shapes[name]}"
                    )
                yield {here[0]: found}


def _length(part: Blocks, axes: Axes, sizes: Sizes, axis: int, symbol: str, size: int) -> int:
    """Return the length of an axis, where one size is another."""
    return shape_of(part, axes, {**sizes, symbol: size})[0][axis]


def whole(length: Callable[[int], int], wanted: int) -> int | None:
    """Return the whole number at which a growing length is the one that is wanted."""
    high = 1
    while length(high) < wanted:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if length(middle) < wanted else (low, middle)
    return high if length(high) == wanted else None
