"""Expressions of the notation, evaluated by walking their tree: nothing is handed to ``eval``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

from bpttcheck.kernel.definitions import Definitions, name_and_brackets
from bpttcheck.kernel.numbers import (
    DoesNotCompose,
    Hashes,
    Refused,
    Residue,
    diagonal,
    each,
    plus,
    product,
    residue,
    shape,
    times,
    total,
    transposed,
)

FIRST = 1
"""The first step; of what is given initially, such as h_0, it is 0."""

Indices = Mapping[str, int]


class Interpreter:
    """Evaluates expressions about one sequence; ``read`` says what a quantity is at a step."""

    def __init__(
        self,
        network: Definitions,
        hashes: Hashes,
        read: Callable[[str, int | None], Any],
    ) -> None:
        self.network, self.hashes, self.read = network, hashes, read

    def value(self, node: ast.expr, at: Indices) -> Any:
        """Return a whole number, a residue or a matrix; ``at`` has the indices."""
        match node:
            case ast.Constant(value=int() | float() as constant):
                exact = Fraction(constant)
                return int(exact) if exact.denominator == 1 else exact
            case ast.Name() | ast.Subscript():
                return self.quantity(node, at)
            case ast.UnaryOp(op=ast.USub()):
                return times(self.value(node.operand, at), -1)
            case ast.BinOp():
                return self.operation(node, at)
            case ast.Attribute(attr="T"):
                return transposed(self.value(node.value, at))
            case ast.Call():
                return self.call(node, at)
        raise Refused(f"{ast.unparse(node)} is not in the notation")

    def operation(self, node: ast.BinOp, at: Indices) -> Any:
        """Return a sum, difference, product, quotient or power."""
        a, b = self.value(node.left, at), self.value(node.right, at)
        match node.op:
            case ast.Add():
                return plus(a, b)
            case ast.Sub():
                return plus(a, times(b, -1))
            case ast.Mult():
                return times(a, b)
            case ast.MatMult():
                return product(a, b)
            case ast.Div() if not isinstance(b, list):
                return times(a, residue(b).inverse())
            case ast.Pow() if isinstance(b, int) and b >= 0 and not isinstance(a, list):
                return reduce(times, [a] * b, 1)
        raise DoesNotCompose(f"{ast.unparse(node)} does not compose")

    def place(self, node: ast.expr, at: Indices) -> tuple[str, int | None, list[int]]:
        """Return the name of a quantity, its step if it has one, and the entry, counted from 0."""
        name, brackets = name_and_brackets(node)
        step = None
        if brackets and self.network.has_steps(name):
            step = self.whole(brackets.pop(0), at)
        if not brackets:
            return name, step, []
        indices = brackets[0].elts if isinstance(brackets[0], ast.Tuple) else brackets[:1]
        if len(brackets) > 1 or len(indices) > 2:
            raise DoesNotCompose(f"{ast.unparse(node)} has too many indices")
        i, j = [*(self.whole(index, at) for index in indices), 1][:2]
        return name, step, [i - 1, j - 1]

    def whole(self, node: ast.expr, at: Indices) -> int:
        """Return an index or the end of a range."""
        index = self.value(node, at)
        if not isinstance(index, int):
            raise DoesNotCompose(f"{ast.unparse(node)} is no index")
        return index

    def quantity(self, node: ast.expr, at: Indices) -> Any:
        """Return an index, a size, or a quantity or an entry of it."""
        name, step, entry = self.place(node, at)
        if isinstance(node, ast.Name):
            if name in at:
                return at[name]
            if name in self.network.sizes and name != "B":
                return self.network.sizes[name]
            if name == "ones":
                return [[Residue(1)] for _ in range(self.network.sizes["n"])]
        return entry_of(self.read(name, step), entry)

    def call(self, node: ast.Call, at: Indices) -> Any:
        """Return what a word of the notation makes of its arguments."""
        match node.func, node.args:
            case ast.Name(id="sum" | "prod" | "compose" as word), [ast.GeneratorExp() as terms]:
                values = [self.value(terms.elt, inner) for inner in self.ranges(terms, at)]
                if word == "sum":
                    return total(values)
                if word == "prod":
                    return reduce(times, values, 1)
                if not values:
                    raise DoesNotCompose("an empty matrix product has no size")
                return reduce(product, values)
            case ast.Name(id="diag"), [argument]:
                return diagonal(self.value(argument, at))
            case ast.Name(id="inner"), [left, right]:
                return product(transposed(self.value(left, at)), self.value(right, at))[0][0]
            case ast.Name(id=word), [argument] if word in self.network.joint:
                return self.hashes.joint(self.network.joint[word], self.every(argument, at))
            case ast.Name(id=word), [argument]:
                return each(self.function(word), self.value(argument, at))
            case ast.Attribute(attr="prime", value=ast.Name(id=word)), [argument]:
                return each(_slope(self.function(word)), self.value(argument, at))
        raise Refused(f"{ast.unparse(node)} is not in the notation")

    def function(self, word: str) -> Callable[[Residue], Residue]:
        """Return a function of one number."""
        name = self.network.entrywise.get(word, word)
        known: dict[str, Callable[[Residue], Residue]] = {
            "exp": self.hashes.exp,
            "log": self.hashes.log,
            "tanh": self.hashes.tanh,
            "sigmoid": self.hashes.sigmoid,
            "square": lambda z: z * z,
            "linear": lambda z: z,
        }
        if name in known:
            return known[name]
        if word not in self.network.entrywise:
            raise Refused(f"{word} is not known here")
        return lambda z: self.hashes.unknown(name, z)

    def every(self, node: ast.expr, at: Indices) -> list[Residue]:
        """Return the entries of a column; of a bare name, its number at every step."""
        if isinstance(node, ast.Name):
            steps = range(FIRST, self.network.sizes["T"] + 1)
            return [residue(self.read(node.id, t)) for t in steps]
        return [row[0] for row in self.value(node, at)]

    def ranges(self, terms: ast.GeneratorExp, at: Indices) -> Iterator[Indices]:
        """Return the indices that a sum runs over."""
        match terms.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=steps, ifs=[])]:
                for i in self.steps(steps, at):
                    yield {**at, name: i}
            case _:
                raise Refused(f"{ast.unparse(terms)} is not in the notation")

    def steps(self, node: ast.expr, at: Indices) -> range:
        """Return first, …, last, up or down, both ends included."""
        match node:
            case ast.Call(func=ast.Name(id="steps"), args=[first, last]):
                return range(self.whole(first, at), self.whole(last, at) + 1)
            case ast.Call(func=ast.Name(id="down"), args=[first, last]):
                return range(self.whole(first, at), self.whole(last, at) - 1, -1)
        raise Refused(f"{ast.unparse(node)} is no range")


def entry_of(quantity: Any, entry: list[int]) -> Any:
    """Return an entry of a matrix, or all of it where none is meant."""
    if not entry:
        return quantity
    i, j = entry
    rows, columns = shape(quantity) or (0, 0)
    if not (0 <= i < rows and 0 <= j < columns):
        raise DoesNotCompose(f"no entry {entry} of shape {shape(quantity)}")
    return quantity[i][j]


def _slope(function: Callable[[Residue], Residue]) -> Callable[[Residue], Residue]:
    """Return the derivative of a function, by an ε of its argument: no rule decides itself."""
    return lambda z: Residue(function(Residue(z.value, {"ε": 1})).parts.get("ε", 0))
