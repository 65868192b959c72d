"""Where everything lies in the one array that a compiled loop works on."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.bptt.compiled.operations import Operand, Untraceable
from bpttcheck.cells.cell import Cell, of

CONSTANTS = 6
"""Numbers that a cell's step and factors may hold, such as the 1 of 1 − f."""


class Workspace:
    """Places in one array, allotted one after another.

    Attributes:
        sizes: T, B, m, n, p and the sizes of states, by symbol; ``L``, steps of a longest block.
        shapes: of each weight, by its name, in the order in which they lie.
        starts: where each weight begins.
        given: how much of the array is given, from its beginning: weights, x, initial states, and
            constants, rows ``wide`` entries each.
        size: of what is allotted so far.
    """

    def __init__(self, cell: Cell, sizes: Mapping[str, int]) -> None:
        self.cell, self.sizes, self.size = cell, sizes, 0
        self.n, self.stack = sizes["n"], sizes["n"] * len(cell.graph.order)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.starts: dict[str, int] = {}
        for name in _in_order(cell):
            self.shapes[name] = tuple(sizes[s] for s in cell.axes[name])
            self.starts[name] = self.room(math.prod(self.shapes[name]))
        self.weights = self.size
        self.x = self.of_steps(sizes["m"])
        self.initial = {k: self.of_a_step(self.width(k)) for k in cell.states}
        self.wide = max(self.n, *(self.width(k) for k in cell.states))
        self.constants: list[float] = []
        self._first_constant = self.room(CONSTANTS * self.wide)
        self.given = self.size

    def room(self, count: int) -> int:
        """Allot numbers, and return where they begin."""
        self.size += count
        return self.size - count

    def width(self, state: str) -> int:
        """Return how many entries a state has."""
        return self.sizes[self.cell.width(state)]

    def of_steps(self, width: int, more: int = 0) -> Operand:
        """Allot rows of all steps, and of some more."""
        rows = self.sizes["B"]
        base = self.room((self.sizes["T"] + more) * rows * width)
        return Operand(base, width, width, step=rows * width)

    def of_a_block(self, width: int, more: int = 0) -> Operand:
        """Allot rows of the steps of a block, and of some more."""
        rows = self.sizes["B"]
        base = self.room((self.sizes["L"] + more) * rows * width)
        return Operand(base, width, width, block_step=rows * width)

    def of_a_step(self, width: int) -> Operand:
        """Allot rows of one step."""
        return Operand(self.room(self.sizes["B"] * width), width, width)

    def weight(self, name: str) -> Operand:
        """Return a weight: a bias as the same row for every sequence, a matrix as its rows."""
        shape = self.shapes[name]
        return Operand(self.starts[name], shape[-1], shape[-1] if len(shape) > 1 else 0)

    def constant(self, number: float, width: int) -> Operand:
        """Return a row of one number."""
        if number not in self.constants:
            if len(self.constants) == CONSTANTS:
                raise Untraceable(f"more than {CONSTANTS} constants")
            self.constants.append(number)
        row = self.constants.index(number)
        return Operand(self._first_constant + row * self.wide, width, 0)

    def constant_rows(self) -> Array:
        """Return the constants as they lie."""
        rows = np.zeros((CONSTANTS, self.wide))
        for row, number in zip(rows, self.constants, strict=False):
            row[:] = number
        return rows.reshape(-1)

    def own(self, gate: str, stack: Operand) -> Operand:
        """Return a gate's part of a stack of all gates."""
        return stack.part(self.cell.graph.order.index(gate) * self.n, self.n)


def _in_order(cell: Cell) -> list[str]:
    """Return the weights' names so that those of a product lie gate below gate."""
    names = [of(letter, k) for letter in "Ub" for k in cell.graph.order]
    names += [of("W", k) for p in cell.graph.products for k in p.gates]
    return names + [name for name in cell.axes if name not in names]
