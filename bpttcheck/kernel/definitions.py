"""What a network is: what is drawn, and how everything else is made of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bpttcheck.kernel.numbers import Refused


@dataclass(frozen=True)
class Definitions:
    """The definitions of a network, and its sizes: T, B, n and others.

    What is drawn has its shape, (rows, columns), (rows,) of a column or () of a number: the
    ``weights``, the ``inputs`` of every step, the ``initial`` states. ``equations`` say how the
    rest is made, each as ``h[t] == phi(a[t])``; they may read ``constants``, which are given, such
    as targets. ``entrywise`` functions stand for one that is known, tanh say, or else for a hash of
    that name, of which nothing is known; ``joint`` ones for a hash of all entries at once.
    """

    sizes: Mapping[str, int]
    weights: Mapping[str, tuple[int, ...]]
    inputs: Mapping[str, tuple[int, ...]]
    initial: Mapping[str, tuple[int, ...]]
    equations: Sequence[str]
    entrywise: Mapping[str, str] = field(default_factory=dict)
    joint: Mapping[str, str] = field(default_factory=dict)
    constants: tuple[str, ...] = ()

    @cached_property
    def rules(self) -> dict[str, ast.expr]:
        """By the name of what is made: of what."""
        found: dict[str, ast.expr] = {}
        for text in self.equations:
            tree = ast.parse(text, mode="eval").body
            if not (isinstance(tree, ast.Compare) and len(tree.comparators) == 1):
                raise Refused(f"a definition is one equation, not {text!r}")
            name = name_and_brackets(tree.left)[0]
            if name in found or name in self.weights or name in self.inputs:
                raise Refused(f"{name} is defined twice")
            found[name] = tree.comparators[0]
        return found

    def has(self, name: str) -> bool:
        """Tell whether the network has such a quantity."""
        return any(name in names for names in (self.rules, self.weights, self.inputs, self.initial))

    def has_steps(self, name: str) -> bool:
        """Tell whether the first bracket after a name is a step, and not an entry."""
        return name in self.initial or name not in self.weights


def name_and_brackets(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """Return the name in a[t], W[i, j] or a[t][i], and what stands in each pair of brackets."""
    brackets: list[ast.expr] = []
    while isinstance(node, ast.Subscript):
        brackets.insert(0, node.slice)
        node = node.value
    if not isinstance(node, ast.Name):
        raise Refused(f"{ast.unparse(node)} is no name")
    return node.id, brackets
