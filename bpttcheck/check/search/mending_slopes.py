"""The true slopes at a point along some directions, and by how much gradients are off there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.directions import direction
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.derivative.weighted_sums import TINY

DIRECTIONS = 2
"""Along which each gradient is asked at the first point; along one at the others."""

ROOM = 4.0
"""Times the bound of a slope: a gradient that is off by less may be right."""

COARSE = 1e-4
"""A slope whose bound is a larger share of its terms tells little."""


@dataclass(frozen=True)
class Slopes:
    """The derivatives of the loss along directions of one block, (k, entries), and their bounds."""

    ways: Array
    values: Array
    bounds: Array


class Stacked:
    """The slopes of all blocks, of which all gradients are asked at once."""

    def __init__(self, slopes: Mapping[str, Slopes]) -> None:
        self._names = [*slopes]
        sizes = np.array([one.ways.shape[1] for one in slopes.values()])
        ends = np.cumsum(sizes)
        self._starts = ends - sizes
        self._counts = [len(one.values) for one in slopes.values()]
        self._ways = np.zeros((DIRECTIONS, ends[-1]))
        self._values = np.zeros((DIRECTIONS, len(sizes)))
        self._bounds = np.full((DIRECTIONS, len(sizes)), np.inf)  # where no slope is known
        for i, one in enumerate(slopes.values()):
            k = self._counts[i]
            self._ways[:k, self._starts[i] : ends[i]] = one.ways
            self._values[:k, i], self._bounds[:k, i] = one.values, one.bounds
        self._bounds += TINY * sizes
        # However a product of matrices adds, there are as many roundings as terms.
        self._rounding = sizes * 2.0**-53

    def misses(self, gradients: Mapping[str, Array]) -> Off:
        """Return by how much gradients are off along each direction, and the bound of that."""
        entries = np.concatenate([gradients[name].reshape(-1) for name in self._names])
        terms = self._ways * entries
        misses = np.add.reduceat(terms, self._starts, axis=1) - self._values
        sums = np.add.reduceat(np.abs(terms), self._starts, axis=1)
        return Off(self._names, self._counts, misses, self._bounds + sums * self._rounding)


@dataclass(frozen=True)
class Off(Mapping[str, Sequence[tuple[float, float]]]):
    """By how much gradients are off: of most edits nobody asks but whether they are at all."""

    names: list[str]
    counts: list[int]
    misses: Array
    rooms: Array

    def right(self) -> list[str]:
        """Return the names of those that are not."""
        near: Array = np.all(np.abs(self.misses) <= self.rooms, axis=0)
        return [name for name, one in zip(self.names, near, strict=True) if one]

    def __getitem__(self, name: str) -> list[tuple[float, float]]:
        i = self.names.index(name)
        some = (array[: self.counts[i], i].tolist() for array in (self.misses, self.rooms))
        return [*zip(*some, strict=True)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def slopes_of(test: GradientTest, name: str, number: int, ways: int) -> Slopes:
    """Return the derivatives along directions of a block; none where they are coarse."""
    rng = np.random.default_rng([7, number])
    found: list[tuple[Array, float, float]] = []
    for _ in range(ways):
        v = direction(rng, test.params, (name,))
        line = test.line(v)
        slope = test.quick(v)
        if slope is None:
            continue
        value, bound = line.slope + slope.value, ROOM * (slope.bound + line.rounding)
        largest = float(np.abs(test.claim[name] * v[name]).max(initial=0.0))
        if bound <= COARSE * max(largest, abs(value)) or bound == 0.0:
            found.append((np.asarray(v[name], np.float64).reshape(-1), value, bound))
    along = np.array([way for way, _, _ in found]).reshape(len(found), test.params[name].size)
    values, bounds = (np.array([one[i] for one in found]) for i in (1, 2))
    return Slopes(along, values, bounds)
