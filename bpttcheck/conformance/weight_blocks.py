"""Somebody's array as blocks of the reference's weights: ``"U_i; U_f"``, ``"-W_z.T, W_r.T"``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bpttcheck.arguments import shown
from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.array_axes import Sizes

Axes: TypeAlias = Mapping[str, tuple[str, ...]]
"""Of each weight, the symbols of its axes."""

_BLOCK = re.compile(
    r"(-|0\s)?\s*([A-Za-z_][\w.]*?)(\.T\.flat|\.T|\.flat|\.row|\.column)?(\s*[+-]\s*\d+(\.\d*)?)?"
)


@dataclass(frozen=True)
class WeightBlock:
    """One weight of the reference within an array: sign · weight in its form, plus a constant.

    A sign of 0 is a block of that shape which the cell does not read.
    """

    weight: str
    sign: int
    form: str
    constant: float = 0.0

    def shape(self, axes: tuple[str, ...], sizes: Sizes) -> tuple[int, ...]:
        """Return its shape within the array."""
        own = tuple(sizes[s] for s in axes)
        if self.form.endswith(".flat"):
            return (int(np.prod(own)),)
        return {"": own, ".T": own[::-1], ".row": (1, *own), ".column": (*own, 1)}[self.form]

    def placed(self, weight: Array) -> Array:
        """Return a gradient with respect to the weight as the array has it."""
        turned = weight.T if self.form.startswith(".T") else weight
        if self.form.endswith(".flat"):
            turned = turned.reshape(-1)
        elif self.form in (".row", ".column"):
            turned = turned[None] if self.form == ".row" else turned[..., None]
        if self.sign == 0:
            return 0 * turned
        return -turned if self.sign < 0 else turned

    def held(self, weight: Array) -> Array:
        """Return what the array holds of the weight: in its place, and with the constant."""
        return self.placed(weight) + self.constant if self.constant else self.placed(weight)

    def taken(self, part: Array, axes: tuple[str, ...], sizes: Sizes) -> Array:
        """Return the weight that a part of the array is, but for the constant."""
        own = tuple(sizes[s] for s in axes)
        turned = part.reshape(own[::-1]).T if self.form.startswith(".T") else part.reshape(own)
        return -turned if self.sign < 0 else turned

    def __str__(self) -> str:
        sign = {1: "", -1: "-", 0: "0 "}[self.sign]
        more = f" {'-' if self.constant < 0 else '+'} {abs(self.constant):g}"
        return f"{sign}{self.weight}{self.form}{more if self.constant else ''}"


@dataclass(frozen=True)
class Blocks:
    """What an array is made of: blocks side by side in rows, rows below each other in pages.

    An array without a page of its own has the rows of one page, and no axis for it.
    """

    pages: tuple[tuple[tuple[WeightBlock, ...], ...], ...]
    paged: bool = False

    def __iter__(self) -> Iterator[tuple[WeightBlock, ...]]:
        return (row for page in self.pages for row in page)

    @property
    def flat(self) -> bool:
        """Whether it is one vector that holds matrices."""
        return any(block.form.endswith(".flat") for block in self.each())

    def each(self) -> Iterator[WeightBlock]:
        """Return every block."""
        return (block for row in self for block in row)


def parsed(text: str, what: str, weights: Axes) -> Blocks:
    """Return the blocks that a text says.

    Raises:
        ValueError: no weight of the reference, or a form that it cannot have.
    """
    paged = text.lstrip().startswith("|")
    pages = text.lstrip().removeprefix("|").split("|") if paged else [text]
    return Blocks(tuple(_page(page, what, weights) for page in pages), paged)


def _page(text: str, what: str, weights: Axes) -> tuple[tuple[WeightBlock, ...], ...]:
    return tuple(
        tuple(_block(cell.strip(), what, weights) for cell in line.split(","))
        for line in text.split(";")
    )


def _block(text: str, what: str, weights: Axes) -> WeightBlock:
    match = _BLOCK.fullmatch(text)
    if match is None or match[2] not in weights:
        raise ValueError(f"{what}: expected blocks of {', '.join(weights)}, got {shown(text)}")
    form = match[3] or ""
    if (len(weights[match[2]]) == 1) != (form in (".row", ".column")) and form:
        expected = ".T or .flat of a matrix, .row or .column of a bias"
        raise ValueError(f"{what}: expected {expected}, got {shown(text)}")
    sign = {"-": -1, "0": 0}.get((match[1] or "").strip(), 1)
    return WeightBlock(match[2], sign, form, float((match[4] or "0").replace(" ", "")))


def assembled(rows: Blocks, weights: Mapping[str, Array]) -> Array:
    """Return gradients as somebody's array has them, made of the reference's."""
    return joined(rows, (b.placed(weights[b.weight]) for b in rows.each()))


def filled(rows: Blocks, weights: Mapping[str, Array]) -> Array:
    """Return somebody's array, made of the reference's weights."""
    return joined(rows, (b.held(weights[b.weight]) for b in rows.each()))


def joined(rows: Blocks, made: Iterator[Array]) -> Array:
    """Return somebody's array, of its blocks in order."""
    pages = []
    for page in rows.pages:
        lines = [np.concatenate([next(made) for _ in row], axis=-1) for row in page]
        pages.append(np.concatenate(lines, axis=0))
    return np.stack(pages) if rows.paged else pages[0]


def end_to_end(each: Iterable[Array]) -> Array:
    """Return an array of which several layers or directions have a part, in order."""
    found = list(each)
    return found[0] if len(found) == 1 else np.concatenate(found)


def shape_of(
    rows: Blocks, axes: Axes, sizes: Sizes
) -> tuple[tuple[int, ...], list[list[tuple[int, ...]]]]:
    """Return the shape of somebody's array, and those of its blocks, row by row."""
    shapes = [[b.shape(axes[b.weight], sizes) for b in row] for row in rows]
    first = shapes[: len(rows.pages[0])]
    if len(first[0][0]) == 1:
        one: tuple[int, ...] = (sum(s[0] for line in first for s in line),)
    else:
        one = (sum(line[0][0] for line in first), sum(s[1] for s in first[0]))
    return ((len(rows.pages), *one) if rows.paged else one), shapes


def pieces(
    rows: Blocks, array: Array, axes: Axes, sizes: Sizes, what: str
) -> Iterator[tuple[WeightBlock, Array]]:
    """Return each block with the part of somebody's array that it is.

    Raises:
        ValueError: the array has another shape than its blocks together.
    """
    expected, shapes = shape_of(rows, axes, sizes)
    if array.shape != expected:
        size = ", ".join(f"{symbol} = {value}" for symbol, value in sizes.items())
        raise ValueError(f"{what}: expected shape {expected} at {size}, got {array.shape}")
    lines = iter(shapes)
    for page, own in zip(rows.pages, array if rows.paged else [array], strict=True):
        top = 0
        for row in page:
            line, left = next(lines), 0
            for block, shape in zip(row, line, strict=True):
                if own.ndim == 1:
                    yield block, own[top : top + shape[0]]
                    top += shape[0]
                else:
                    yield block, own[top : top + shape[0], left : left + shape[1]]
                    left += shape[1]
            top += 0 if own.ndim == 1 else line[0][0]


def parts(
    rows: Blocks, array: Array, axes: Axes, sizes: Sizes, what: str
) -> list[tuple[str, Array]]:
    """Return the weights that somebody's array is made of, each with its name.

    A weight is the sum of all that bear its name: a constant that a pass adds is one of them.

    Raises:
        ValueError: the array has another shape than its blocks together.
    """
    found = []
    for block, part in pieces(rows, array, axes, sizes, what):
        if block.sign:
            weight = block.taken(part, axes[block.weight], sizes)
            found.append((block.weight, weight))
            if block.constant:
                found.append((block.weight, np.full_like(weight, -block.sign * block.constant)))
    return found
