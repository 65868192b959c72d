"""The few numbers that a line moves, of all arrays, as one vector: and many points of it at once.

A call of NumPy takes as long for ten numbers as for one, and longer where other code ran since.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.derivative.weighted_sums import total

FEW = 2**12
"""The roundings of more numbers than this are random by themselves."""

PUSH = 4
"""Units in the last place that a number is pushed off by, at most."""

ROOM = 2**18
"""At most so many numbers are moved at once, of one point at least."""


class FewNumbers:
    """The blocks of at most ``FEW`` float64, joined."""

    def __init__(self, base: Arrays, direction: Arrays, claim: Arrays) -> None:
        few = [n for n in direction if base[n].dtype == np.float64 and base[n].size <= FEW]
        ends = np.cumsum([base[n].size for n in few]).tolist()
        self.cuts = {n: slice(end - base[n].size, end) for n, end in zip(few, ends, strict=True)}
        self._shapes = {n: base[n].shape for n in few}
        self._base = self._joined(base)
        self._direction = self._joined(direction)
        self._claim = self._joined(claim)
        self._moves = (self._direction != 0).astype(np.int64)
        self.at_once = max(1, ROOM // max(1, self._base.size))
        """So many points are moved at once."""

    def _joined(self, arrays: Arrays) -> Array:
        parts = [np.asarray(arrays[n], np.float64).reshape(-1) for n in self.cuts]
        return np.concatenate(parts) if parts else np.empty(0)

    def slopes(self) -> list[tuple[float, float]]:
        """Return g · v of each block, and a bound on its rounding error."""
        with np.errstate(over="ignore", invalid="ignore"):
            terms, nonzero = self._claim * self._direction, self._claim != 0
            return [total(terms[c], int(np.count_nonzero(nonzero[c]))) for c in self.cuts.values()]

    def moved(self, ts: Sequence[float], generators: Sequence[np.random.Generator]) -> Array:
        """Return θ + t v of each t as a row, pushed off by what its generator draws."""
        steps = np.array(ts)
        there: Array = self._base + np.multiply.outer(steps, self._direction)
        pushes = np.array([g.integers(-PUSH, PUSH + 1, self._base.size) for g in generators])
        pushed = pushes * self._moves * ulps(there)
        # At the point itself R is zero, and so it has to stay.
        np.add(there, pushed, out=there, where=(steps != 0)[:, None])
        return there

    def parts(self, row: Array) -> dict[str, Array]:
        """Return the blocks of a row."""
        return {n: row[cut].reshape(self._shapes[n]) for n, cut in self.cuts.items()}

    def predicted(self, rows: Array) -> list[list[float]]:
        """Return g · s of each block, for each row."""
        with np.errstate(over="ignore", invalid="ignore"):
            terms = self._claim * (rows - self._base)
            sums = [np.add.reduce(terms[:, cut], axis=1) for cut in self.cuts.values()]
        return np.array(sums).T.tolist() if sums else [[] for _ in rows]


def ulps(values: Array) -> Array:
    """Return the distances to the next numbers."""
    return np.spacing(np.abs(values))
