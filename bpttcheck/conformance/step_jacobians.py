"""The Jacobian of each step at the midpoints: through it errors go from step to step.

What is between a state and a pre-activation is entry by entry, and a diagonal stays one until it
meets a matrix, whose rows it scales. So most Jacobians are sums of scaled matrices, and no product
of two matrices is taken but where a gate reads what another one made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad
from bpttcheck.cells.cell import of
from bpttcheck.conformance.back import Back

BLOCK = 1 << 20
"""Numbers in an array of Jacobians, about."""


@dataclass(frozen=True)
class Linear:
    """∂(a state after)/∂(what a step made), of some steps.

    Attributes:
        entries: (steps, B, n) of a diagonal, or (steps, B, n of the state, n of what was made).
        diagonal: which of them.
    """

    entries: Array
    diagonal: bool

    @property
    def full(self) -> Array:
        """The matrices."""
        if not self.diagonal:
            return self.entries
        return np.asarray(self.entries[..., None] * np.eye(self.entries.shape[-1]))

    def times(self, factor: Array) -> Linear:
        """Return the derivative by what this is a factor of, entry by entry."""
        own = factor if self.diagonal else factor[..., None, :]
        return Linear(self.entries * own, self.diagonal)

    def through(self, matrix: Array) -> Linear:
        """Return the derivative by what was multiplied by a matrix."""
        if self.diagonal:
            return Linear(self.entries[..., None] * matrix, False)
        return Linear(self.entries @ matrix, False)

    def plus(self, other: Linear | None) -> Linear:
        """Return the sum."""
        if other is None:
            return self
        if self.diagonal and other.diagonal:
            return Linear(self.entries + other.entries, True)
        return Linear(self.full + other.full, False)


def step_jacobians(back: Back, sizes: Mapping[str, int], T: int, B: int) -> Iterator[Array]:
    """Yield J_tᵀ (B, N, N), last step first; its rows are by the states before."""
    N = sum(sizes.values())
    height = max(1, BLOCK // (N * N * B))
    for end in range(T, 0, -height):
        start = max(0, end - height)
        own, lead, rows = back.at(slice(start, end)), (min(height, end - start), B), []
        for state, size in sizes.items():
            found = _derivatives(own, state, np.ones((*lead, size)))
            row = [
                found[f"{k}-"].full if f"{k}-" in found else np.zeros((*lead, size, other))
                for k, other in sizes.items()
            ]
            rows.append(np.concatenate(row, axis=-1))
        yield from np.concatenate(rows, axis=-2).swapaxes(-1, -2)[::-1]


def unmoved(matrices: Array, taken: Array | None) -> Array:
    """Return Jacobians (B, N, N), the identity of sequences (B,) that take no step."""
    if taken is None:
        return matrices
    return np.where(taken[:, None, None], matrices, np.eye(matrices.shape[-1]))


def _derivatives(back: Back, state: str, ones: Array) -> dict[str, Linear]:
    """Return the derivatives of a state by all that the step made, as :class:`Back` goes."""
    graph, weights = back.graph, back.program.weights
    d = {state: Linear(ones, True)}

    def entrywise(over: str) -> None:
        for (above, under), factor in back.factors.items():
            if above == over and under not in back.cell.weights:
                found = d[over].times(factor.mid) if isinstance(factor, MidRad) else d[over]
                d[under] = found.plus(d.get(under))

    def products(read: str) -> None:
        for p in graph.products:
            for k in p.gates if p.read == read else ():
                if (met := of("q" if k in graph.apart else "a", k)) in d:
                    d[read] = d[met].through(weights[of("W", k)].mid).plus(d.get(read))

    for node in reversed(graph.nodes):
        products(node)
        for name, made in graph.linear:
            if made == node and node in d:
                d[f"read_{name}"] = d[node].through(weights[name].mid)
                entrywise(f"read_{name}")
        if node in back.cell.gates and node in d:
            d[of("a", node)] = d[node].times(back.slopes[node].mid)
            entrywise(of("a", node))
        elif node in d:
            entrywise(node)
    products("h-")
    return d
