"""An equation, compared at one random point of its network."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bpttcheck.kernel.definitions import Definitions
from bpttcheck.kernel.expression import Indices, Interpreter, entry_of
from bpttcheck.kernel.numbers import (
    DoesNotCompose,
    Hashes,
    Refused,
    Residue,
    equal,
    shape,
    stripped,
    total,
)
from bpttcheck.kernel.quantities import Quantities

DERIVATIVES = {"d": "", "direct": "gates", "immediate": "before"}
"""The words for a derivative, and what is held fixed."""

Given = Callable[[str, int | None, int], "list[list[int]] | int"]
"""What an algorithm returned under a name: at a step if it has any, for a sequence."""


def nothing_given(name: str, _step: int | None, _sequence: int) -> int:
    """Refuse whatever is not of the network."""
    raise Refused(f"{name} is not defined")


class Equation(Interpreter):
    """Evaluates the sides of an equation for one sequence: all are values, without any ε."""

    def __init__(self, kernel: Kernel, sequence: int) -> None:
        super().__init__(kernel.network, kernel.hashes, self.known)
        self.kernel, self.sequence = kernel, sequence

    def known(self, name: str, t: int | None) -> Any:
        """Return a quantity, or what was given under a name that is none of the network."""
        if self.network.has(name):
            return stripped(self.kernel.quantities("", self.sequence).at(name, t))
        return self.kernel.constant(name, t, self.sequence)

    def call(self, node: ast.Call, at: Indices) -> Any:
        """Return a derivative or a sum over the sequences, besides what any expression may use."""
        match node.func, node.args:
            case ast.Name(id=word), [over, under] if word in DERIVATIVES:
                held = self.kernel.quantities(DERIVATIVES[word], self.sequence)
                return self.derivative(held, over, under, at)
            case ast.Name(id="batch"), [argument]:
                return total([each.value(argument, at) for each in self.kernel.sequences])
        return super().call(node, at)

    def derivative(
        self, quantities: Quantities, over: ast.expr, under: ast.expr, at: Indices
    ) -> Any:
        """Return ∂over/∂under: the coefficients of the one's ε in the other.

        A number by a matrix has the shape of what it is taken by; a column by a column is a matrix
        with a row for each entry of ``over``.
        """
        name, step, entry = self.place(under, at)
        source = entry_of(quantities.at(name, step), entry)
        rows, columns = shape(source) or (1, 1)
        top, left = entry or (0, 0)
        epsilons = [[(name, step, top + i, left + j) for j in range(columns)] for i in range(rows)]
        name, step, entry = self.place(over, at)
        result = entry_of(quantities.at(name, step), entry)
        if not isinstance(result, list):
            found = [[Residue(result.parts.get(e, 0)) for e in row] for row in epsilons]
            return found if isinstance(source, list) else found[0][0]
        if columns != 1 or len(result[0]) != 1:
            raise DoesNotCompose("a column by a matrix is no matrix")
        return [[Residue(z.parts.get(e, 0)) for (e,) in epsilons] for (z,) in result]


class Kernel:
    """A network at one random point, at which equations about it are compared.

    Arguments:
        network: what it is.
        seed: of the point.
        given: what algorithms returned at this very point.
    """

    def __init__(self, network: Definitions, seed: str, given: Given = nothing_given) -> None:
        self.network, self.hashes, self.given = network, Hashes(seed), given
        self.sequences = [Equation(self, b) for b in range(network.sizes["B"])]
        self._quantities: dict[tuple[str, int], Quantities] = {}

    def quantities(self, held: str, sequence: int) -> Quantities:
        """Return the quantities of a sequence, some of them held fixed."""
        key = held, sequence
        if key not in self._quantities:
            constant = partial(self.constant, sequence=sequence)
            found = Quantities(self.network, self.hashes, sequence, constant, held)
            self._quantities[key] = found
        return self._quantities[key]

    def constant(self, name: str, step: int | None, sequence: int) -> Any:
        """Return what was given, which has no derivative."""
        given = self.given(name, step, sequence)
        if isinstance(given, int):
            return Residue(given)
        return [[Residue(entry) for entry in row] for row in given]

    def agrees(self, says: str, forall: Sequence[tuple[str, str]] = ()) -> bool:
        """Tell whether all sides are equal, for all values of the indices and every sequence.

        Raises:
            DoesNotCompose: shapes do not fit, or a quantity has no such step or entry.
            Refused: nothing is compared, or a word is not known.
        """
        tree = ast.parse(says.strip(), mode="eval").body
        if not (isinstance(tree, ast.Compare) and all(isinstance(op, ast.Eq) for op in tree.ops)):
            raise Refused("expected an equation")
        compared = False
        for equation in self.sequences:
            for at in _indices(equation, {}, list(forall)):
                first, *others = (equation.value(s, at) for s in (tree.left, *tree.comparators))
                if not all(equal(first, other) for other in others):
                    return False
                compared = True
        if not compared:
            raise Refused("nothing to compare")
        return True


def _indices(
    equation: Equation, at: dict[str, int], left: list[tuple[str, str]]
) -> Iterator[dict[str, int]]:
    if not left:
        yield at
        return
    (name, text), *others = left
    for i in equation.steps(ast.parse(text, mode="eval").body, at):
        yield from _indices(equation, {**at, name: i}, others)
