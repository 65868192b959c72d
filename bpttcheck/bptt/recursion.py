"""The loop back, of every cell: factors of many steps at once, then one message a step.

    ∂L/∂under_t = Σ_over ∂over_t/∂under_t ∘ ∂L/∂over_t        entry by entry, within a step
    ∂L/∂read = Σ_k W_kᵀ ∂L/∂a_k                               over the gates that read the same
    ∂L/∂h_t = Vᵀ ∂L/∂s_t + what comes from step t + 1

A gate's slope is in the factors that lead to it, so that what comes to a gate is ∂L/∂a_k. All that
can be done for many steps at once is done before the loop, or after it, a block of steps at a time:
its arrays stay in cache, and nothing but the message leads from a block to the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.each_row import perform
from bpttcheck.bptt.passes import Gradients
from bpttcheck.bptt.steps_back import Stacks, StepsBack
from bpttcheck.cells.arrays import product, spans
from bpttcheck.cells.cell import Cell, of
from bpttcheck.cells.run import Run

Rescale: TypeAlias = Callable[[int, Array], Array]
"""From a step t and ∂L/∂h_t (B, n), what goes on in its place."""


def recursion(
    weights: Mapping[str, Array], run: Run, ds: Array, *, rescale: Rescale | None = None
) -> Gradients:
    """Solve the recursion, unchecked, over any number system.

    Arguments:
        weights: all of them by name.
        run: a forward pass.
        ds: ∂L/∂s_t, (T, B, p).
        rescale: what replaces ∂L/∂h_t before it goes on, if anything does.
    """
    way = WayBack(weights, run.cell, len(run.x), keep=True)
    for block in reversed(spans(run.x)):
        way.through(block, run.part(block), ds[block], rescale)
    return way.gradients()


class WayBack:
    """What has come back through the blocks of steps so far, last to first.

    Attributes:
        message: ∂L/∂ of the states before the block, by letter: (B, n).
        sums: ∂L/∂ of the weights, gates side by side.
        dx: ∂L/∂x, (T, B, m).
    """

    def __init__(self, weights: Mapping[str, Array], cell: Cell, T: int, *, keep: bool) -> None:
        """Begin behind step T; ``keep`` ∂L/∂ of every state and pre-activation, or sums alone."""
        self.stacks, self.cell, self.T, self.keep = Stacks(weights, cell), cell, T, keep
        self.message: dict[str, Array] = {}
        self.sums: list[Array] = []
        self.dx: Array | None = None
        self._kept: dict[str, Array] = {}
        self._unders: list[str] = []
        self._first = T

    def through(self, block: slice, run: Run, ds: Array, rescale: Rescale | None = None) -> None:
        """Go back through the steps of a block."""
        self._first = block.start
        back = StepsBack(self.stacks, run, ds, self.message, self._room)
        calls = back.calls
        if rescale is not None:
            calls = [_rescaled(back.d["h"], block.start, rescale), *calls]
        perform(calls)
        self.message = {k: back.d[k][0].copy() for k in self.cell.states}
        dx, sums = product(back.d["a"], self.stacks.U), back.sums()
        if back.T == self.T:
            self.dx, self.sums = dx, sums
        elif self.dx is None:
            self.dx, self.sums = np.empty((self.T, *dx.shape[1:]), dtype=dx.dtype), sums
            self.dx[block] = dx
        else:
            self.dx[block] = dx
            for whole, part in zip(self.sums, sums, strict=True):
                whole += part
        self._unders = [under for _, under in back.local.factors]

    def _room(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return room for ∂L/∂ of a thing in a block, which is a part of all steps' if kept."""
        if not self.keep:
            return np.empty(shape, dtype=dtype)
        if name not in self._kept:
            steps = self.T + (name in self.cell.states)
            self._kept[name] = np.empty((steps, *shape[1:]), dtype=dtype)
        return self._kept[name][self._first : self._first + shape[0]]

    def gradients(self) -> Gradients:
        """Return every gradient that was kept: of the states at least those before step 1."""
        assert self.dx is not None
        sums = self.stacks.named(self.sums, self._unders)
        if not self.keep:
            first = {k: message[None] for k, message in self.message.items()}
            return Gradients(first, self.dx, sums, (*self.sums, self.dx, *self.message.values()))
        da = self._kept.pop("a")
        steps = {of("a", k): da[..., self.stacks.own((k,))] for k in self.cell.graph.order}
        whole = (*self.sums, da, self.dx, *self._kept.values())
        return Gradients(steps | self._kept, self.dx, sums, whole)


def _rescaled(dh: Array, before: int, rescale: Rescale) -> Iterator[None]:
    """Replace ∂L/∂h_t of a block behind step ``before``, the last step first."""
    for t in range(len(dh) - 1, 0, -1):
        dh[t] = rescale(before + t, dh[t])
        yield
