"""Slots: the expressions of statements in functions that ran, each of which an edit may change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from bpttcheck.mend.source import Function, Key, SourceFile

BOUND = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)
"""An expression with one of these means something in its own place alone."""


@dataclass(frozen=True)
class Slot:
    """An expression of a statement, by number; ``calls`` says that the statement is a call.

    ``bound`` slots cannot be evaluated apart from their function.
    """

    number: int
    source: SourceFile = field(repr=False)
    key: Key
    function: Function = field(repr=False)
    statement: ast.stmt | ast.Lambda = field(repr=False)
    expression: ast.expr = field(repr=False)
    owner: str = ""

    @property
    def bound(self) -> bool:
        """Whether the expression has to be evaluated where it stands."""
        return any(
            isinstance(node, BOUND) or (isinstance(node, ast.Name) and node.id == "super")
            for node in ast.walk(self.expression)
        )

    @property
    def line(self) -> int:
        """The line that the expression begins in."""
        return self.expression.lineno

    def text(self) -> str:
        """Return the expression as it is written."""
        return self.source.of(self.expression)


def statements(function: Function) -> Iterator[ast.stmt]:
    """Return the statements of a function in order, those of functions within it left out."""
    if not isinstance(function, ast.Lambda):
        yield from _flat(function.body)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield statement
        for name in ("body", "orelse", "finalbody"):
            yield from _flat(getattr(statement, name, []))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _flat(part.body)


def slots_of(
    source: SourceFile, key: Key, function: Function, owner: str, first: int
) -> list[Slot]:
    """Return the slots of a function, numbered from ``first`` on; its class is the ``owner``."""
    found: list[tuple[ast.stmt | ast.Lambda, ast.expr]] = []
    if isinstance(function, ast.Lambda):
        found.append((function, function.body))
    for statement in statements(function):
        found += [(statement, one) for one in _expressions(statement)]
    return [
        Slot(first + i, source, key, function, statement, expression, owner)
        for i, (statement, expression) in enumerate(found)
    ]


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            yield value
        case ast.AnnAssign(value=value) | ast.Return(value=value) if value is not None:
            yield value
        case ast.For(iter=value) | ast.If(test=value):
            yield value
        case ast.Expr(value=ast.Call(func=func)) if "clip" in ast.unparse(func).lower():
            return  # in place: it goes as a whole, or stays
        case ast.Expr(value=ast.Call(args=args, keywords=keywords)):
            yield from (one for one in args if not isinstance(one, ast.Starred))
            yield from (one.value for one in keywords if one.arg != "out")


def owners(tree: ast.Module) -> dict[int, str]:
    """Return the name of the class that each function is in, by the identity of its node."""
    found: dict[int, str] = {}

    def walk(node: ast.AST, owner: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.ClassDef) else owner
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                found[id(child)] = inner
            walk(child, inner)

    walk(tree, "")
    return found
