"""Values that keep what is done to them: a cell's step and factors are run on them once."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpttcheck.bptt.compiled.operations import MANY, Code, Operand, Operation, Untraceable
from bpttcheck.bptt.compiled.workspace import Workspace


class TracedValue:
    """Something entry by entry: a place in the workspace, or what is still to be done."""

    __array_ufunc__ = None  # NumPy's numbers leave it to us

    def __init__(
        self,
        width: int,
        at: Operand | None = None,
        code: Code = Code.COPY,
        parts: tuple[Any, ...] = (),
    ) -> None:
        self.width, self.at, self.code, self.parts = width, at, code, parts

    def __add__(self, other: Any) -> TracedValue:
        return self._with(Code.ADD, self, other)

    def __radd__(self, other: Any) -> TracedValue:
        return self._with(Code.ADD, other, self)

    def __sub__(self, other: Any) -> TracedValue:
        return self._with(Code.SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> TracedValue:
        return self._with(Code.SUBTRACT, other, self)

    def __mul__(self, other: Any) -> TracedValue:
        return self._with(Code.MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> TracedValue:
        return self._with(Code.MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> TracedValue:
        return self._with(Code.DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> TracedValue:
        return self._with(Code.DIVIDE, other, self)

    def __neg__(self) -> TracedValue:
        return self._with(Code.MULTIPLY, -1, self)

    def __bool__(self) -> bool:
        raise Untraceable("a decision by value")

    __lt__ = __le__ = __gt__ = __ge__ = __bool__
    __eq__ = __bool__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def _with(self, code: Code, left: Any, right: Any) -> TracedValue:
        for other in (left, right):
            if isinstance(other, TracedValue):
                if other.width != self.width:
                    raise Untraceable("entries of another number")
            elif not is_number(other):
                raise Untraceable(f"an operand of type {type(other).__name__}")
        return TracedValue(self.width, code=code, parts=(left, right))


def is_number(value: Any) -> bool:
    """Return whether it is a number of Python's or NumPy's."""
    kinds = (int, float, np.integer, np.floating)
    return isinstance(value, kinds) and not isinstance(value, bool)


class Writer:
    """Writes down what makes traced values, each thing once, into a section."""

    def __init__(self, workspace: Workspace, section: list[Operation]) -> None:
        self.workspace, self.section = workspace, section

    def do(
        self,
        code: Code,
        d: Operand,
        a: Operand | None = None,
        b: Operand | None = None,
        *,
        rows: int = MANY,
    ) -> Operand:
        """Write an operation down, and return where its result lies."""
        self.section.append(Operation(code, d, a, b, rows))
        return d

    def make(self, value: Any, into: Operand | None = None, width: int = 0) -> Operand:
        """Return where a value lies, once what makes it is written; in a place, if one is given."""
        if not isinstance(value, TracedValue):
            if not is_number(value):
                raise Untraceable(f"a value of type {type(value).__name__}")
            value = TracedValue(width, self.workspace.constant(float(value), width))
        if value.at is not None:
            if into is None or into == value.at:
                found: Operand = value.at
                return found
            return self.do(Code.COPY, into, value.at)
        left, right = value.parts
        d = into or self.workspace.of_a_step(value.width)
        if value.code is Code.ADD and _is_product(left) and _is_product(right):
            self.make(left, d)
            factors = (self.make(part, width=value.width) for part in right.parts)
            self.do(Code.MULTIPLY_ADD, d, *factors)
        else:
            operands = [self.make(part, width=value.width) for part in (left, right)]
            self.do(value.code, d, *operands)
        value.at = d
        return d


def _is_product(value: Any) -> bool:
    """Return whether it is a product that is not made yet."""
    if not isinstance(value, TracedValue) or value.at is not None:
        return False
    return value.code is Code.MULTIPLY
