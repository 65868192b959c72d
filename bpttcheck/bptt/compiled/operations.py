"""What a compiled loop can do, and how it is told: rows of whole numbers.

An operation reads and writes rows of one array, the workspace. An operand lies at
``base + t · step + r · block_step``, r the step's place in its block of steps, its rows ``lead``
apart. So the same rows of numbers serve every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from bpttcheck.activations import Activation, linear, relu, sigmoid, tanh
from bpttcheck.arithmetic.base import Array


class Code(IntEnum):
    """What is done: d, a and b are rows, and M, N matrices."""

    COPY = 0  # d = a
    FILL_ZERO = 1
    FILL_ONE = 2
    ADD = 3
    SUBTRACT = 4
    MULTIPLY = 5
    DIVIDE = 6
    ADD_TO = 7  # d = d + a
    MULTIPLY_ADD = 8  # d = d + a b
    TANH = 9
    TANH_SLOPE = 10
    SIGMOID = 11
    SIGMOID_SLOPE = 12
    RELU = 13
    RELU_SLOPE = 14
    TANH_BOTH = 15  # d the value at a, b the slope there, no number where a is not finite
    SIGMOID_BOTH = 16
    RELU_BOTH = 17
    LINEAR_BOTH = 18
    PRODUCT = 19  # d = a N, of as many rows as a
    PRODUCT_ADD = 20  # d = d + a N
    OUTER_ADD = 21  # d = d + Σ a bᵀ over the rows
    SUM_ADD = 22  # d = d + Σ a over the rows
    TRANSPOSE = 23


VALUES = {tanh: Code.TANH, sigmoid: Code.SIGMOID, relu: Code.RELU, linear: Code.COPY}
"""The activations that there are compiled functions of."""

SLOPES = {
    tanh: Code.TANH_SLOPE,
    sigmoid: Code.SIGMOID_SLOPE,
    relu: Code.RELU_SLOPE,
    linear: Code.FILL_ONE,
}


BOTH = {
    tanh: Code.TANH_BOTH,
    sigmoid: Code.SIGMOID_BOTH,
    relu: Code.RELU_BOTH,
    linear: Code.LINEAR_BOTH,
}

MANY, STEP, ONE = range(3)
"""Of how many rows: all at hand, those of one step, a single one."""


class Untraceable(Exception):
    """There is no list of operations of this cell: NumPy's loops have to do."""


def value_of(squash: Activation) -> Code:
    """Return what makes the value of an activation."""
    return _among(VALUES, squash)


def slope_of(squash: Activation) -> Code:
    """Return what makes the derivative of an activation."""
    return _among(SLOPES, squash)


def both_of(squash: Activation) -> Code:
    """Return what makes the value and the derivative of an activation."""
    return _among(BOTH, squash)


def _among(codes: dict[Activation, Code], squash: Activation) -> Code:
    if squash not in codes:
        raise Untraceable(f"activation {squash.name!r}")
    return codes[squash]


@dataclass(frozen=True)
class Operand:
    """Rows of the workspace, ``width`` entries each."""

    base: int
    width: int
    lead: int
    step: int = 0
    block_step: int = 0

    def part(self, first: int, width: int) -> Operand:
        """Return some columns."""
        return replace(self, base=self.base + first, width=width)

    def later(self, rows: int) -> Operand:
        """Return the same, so many rows on."""
        return replace(self, base=self.base + rows * self.lead)


@dataclass
class Operation:
    """A thing that is done to rows."""

    code: Code
    d: Operand
    a: Operand | None = None
    b: Operand | None = None
    rows: int = MANY

    def numbers(self) -> list[int]:
        """Return what the loop is told; the lead of what is not there hinders nothing."""
        found = [self.code, self.d.width, self.rows]
        for operand in (self.d, self.a, self.b):
            if operand is None:
                found += [0, 0, 0, self.d.width]
            else:
                found += [operand.base, operand.step, operand.block_step, operand.lead]
        return [*found, self.a.width if self.a else self.d.width]


SECTIONS = ("once", "before", "enter", "step", "after")


@dataclass
class Operations:
    """What is done once; before the steps of a block and after; on entering it; at each step."""

    once: list[Operation] = field(default_factory=list)
    before: list[Operation] = field(default_factory=list)
    enter: list[Operation] = field(default_factory=list)
    step: list[Operation] = field(default_factory=list)
    after: list[Operation] = field(default_factory=list)

    def table(self) -> tuple[Array, Array]:
        """Return all of it as rows of whole numbers, and where each section begins and ends."""
        sections = [getattr(self, name) for name in SECTIONS]
        rows = [operation.numbers() for section in sections for operation in section]
        ends = np.cumsum([0, *map(len, sections)])
        return np.array(rows, dtype=np.int64), ends.astype(np.int64)
