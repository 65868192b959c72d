"""Wrong versions that nobody had to think of: one slip each, generated from the statement.

The slips are those of a tired derivation: a sign, a dropped factor, a dropped term, a dropped
transpose or power, an index off by one, a sum that starts or stops one step off.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, TypeAlias

from bpttcheck.statements.notation import Statement


def mutants(statement: Statement) -> dict[str, str]:
    """Return wrong last sides by name; equal texts appear once, the right one never."""
    return {name: text for name, (text, _) in _named(statement).items()}


def wrong_statements(statement: Statement) -> dict[str, tuple[str, Statement]]:
    """Return the same, and the statements that have them."""
    return {
        name: (text, statement.with_right(text, side))
        for name, (text, side) in _named(statement).items()
    }


def _named(statement: Statement) -> dict[str, tuple[str, ast.expr]]:
    right = statement.sides[-1]
    original = ast.unparse(right)
    found: dict[str, tuple[str, ast.expr]] = {}
    if statement.is_equation and not isinstance(right, ast.Constant):
        negative = ast.UnaryOp(ast.USub(), right)
        found[f"sign of the whole: -({original})"] = f"-({original})", negative
    counts, above = _within_indices(right), _parents(right)
    texts = {original, *(text for text, _ in found.values())}
    for node in ast.walk(right):
        if id(node) in counts:
            continue
        for what, replacement in _slips(node):
            side = _replaced(node, replacement, above)
            text = ast.unparse(side)
            if text not in texts:
                texts.add(text)
                found[f"{what}: {text}"] = text, side
    return found


Parents: TypeAlias = Mapping[int, tuple[ast.AST, str, int | None]]
"""By a node's identity: the node above, its field, and the place where that is a list."""


def _parents(tree: ast.expr) -> Parents:
    above: dict[int, tuple[ast.AST, str, int | None]] = {}
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, list):
                above |= {id(child): (parent, name, i) for i, child in enumerate(value)}
            else:
                above[id(value)] = parent, name, None
    return above


def _replaced(node: ast.AST, replacement: Any, above: Parents) -> Any:
    """Return the tree with another node in a place; what does not lead there is shared."""
    while id(node) in above:
        node, name, place = above[id(node)]
        value: Any = replacement
        if place is not None:
            value = [*getattr(node, name)]
            value[place] = replacement
        replacement = copy(node)
        setattr(replacement, name, value)
    return replacement


def _slips(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.BinOp(op=ast.Mult() | ast.MatMult()):
            yield "factor dropped", node.left
            yield "factor dropped", node.right
        case ast.BinOp(op=ast.Add()):
            yield "term dropped", node.left
            yield "term dropped", node.right
            yield "sign", ast.BinOp(node.left, ast.Sub(), node.right)
        case ast.BinOp(op=ast.Sub()):
            yield "sign", ast.BinOp(node.left, ast.Add(), node.right)
            yield "term dropped", node.left
        case ast.UnaryOp(op=ast.USub()):
            yield "sign", node.operand
        case ast.BinOp(op=ast.Div()):
            yield "denominator dropped", node.left
        case ast.BinOp(op=ast.Pow()):
            yield "power dropped", node.left
        case ast.Attribute(attr="T"):
            yield "transpose dropped", node.value
        case ast.Subscript():
            for index in _neighbours(node.slice):
                yield "index off by one", ast.Subscript(node.value, index, ast.Load())
        case ast.Call(func=ast.Name(id="steps")):
            first, last = node.args
            yield "first step left out", _range("steps", _simplified(first, ast.Add()), last)
            yield "last step left out", _range("steps", first, _simplified(last, ast.Sub()))
        case ast.Call(func=ast.Name(id="down")):
            first, last = node.args
            yield "first step left out", _range("down", _simplified(first, ast.Sub()), last)
            yield "last step left out", _range("down", first, _simplified(last, ast.Add()))
            yield "order reversed", _range("steps", last, first)
        case ast.Call(func=ast.Attribute(attr="prime") as prime):
            yield "derivative forgotten", ast.Call(prime.value, node.args, [])


def _neighbours(index: ast.expr) -> Iterator[ast.expr]:
    """Return the indices next to one, for each place of a pair (i, j)."""
    for op in (ast.Add(), ast.Sub()):
        if isinstance(index, ast.Tuple):
            for k, place in enumerate(index.elts):
                places = [*index.elts[:k], _simplified(place, op), *index.elts[k + 1 :]]
                yield ast.Tuple(places, ast.Load())
        else:
            yield _simplified(index, op)


def _range(word: str, first: ast.expr, last: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(word, ast.Load()), [first, last], [])


def _within_indices(tree: ast.expr) -> set[int]:
    """Return the nodes that say which entry or step is meant, not what is added to what."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            inside |= {id(n) for n in ast.walk(node.slice)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("steps", "down"):
            inside |= {id(n) for argument in node.args for n in ast.walk(argument)}
    return inside


def _simplified(index: ast.expr, op: ast.operator) -> ast.expr:
    """Return index ± 1, with t + 1 − 1 written as t."""
    sign = 1 if isinstance(op, ast.Add) else -1
    offset, base = 0, index
    match index:
        case ast.BinOp(op=ast.Add(), right=ast.Constant(value=int(c))):
            offset, base = c, index.left
        case ast.BinOp(op=ast.Sub(), right=ast.Constant(value=int(c))):
            offset, base = -c, index.left
        case ast.Constant(value=int(c)):
            return ast.Constant(c + sign)
    offset += sign
    if offset == 0:
        return base
    return ast.BinOp(base, ast.Add() if offset > 0 else ast.Sub(), ast.Constant(abs(offset)))
