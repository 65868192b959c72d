"""A statement as text: the formula in Unicode, as a terminal shows it."""

from __future__ import annotations

import ast

from bpttcheck.statements.notation import Statement

FUNCTIONS = {"sigmoid": "σ", "phi": "φ", "theta": "θ"}
SYMBOLS = {"y_hat": "ŷ", "ones": "1"}
PRODUCTS = (ast.MatMult, ast.Mult)


def text(statement: Statement) -> str:
    """Return the relation; a column with two indices has both below: a_{i,t}."""
    return (" = " if statement.is_equation else " ≤ ").join(map(_text, statement.sides))


def _text(node: ast.expr) -> str:
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
            return f"{_text(left)} {'+' if isinstance(sign, ast.Add) else '−'} {_text(right)}"
        case ast.BinOp(op=ast.MatMult() | ast.Mult()):
            return _product(_factors(node))
        case ast.Call(
            func=ast.Name(id="sum"), args=[ast.GeneratorExp(elt=term, generators=[over])]
        ):
            inner = _product(_factors(term))
            return f"Σ_{_text(over.target)} {inner}"
        case ast.Call(func=ast.Name(id="batch"), args=[term]):
            return f"Σ_b {_text(term)}"
        case ast.Call(func=ast.Name(id="d"), args=[over, under]):
            return f"∂{_text(over)}/∂{_text(under)}"
        case ast.Call(func=ast.Attribute(value=function, attr="prime"), args=[at]):
            return f"{_text(function)}′({_text(at)})"
        case ast.Call(func=ast.Name(id="square"), args=[base]):
            return f"{_text(base)}²"
        case ast.Call(func=function, args=arguments):
            return f"{_text(function)}({', '.join(map(_text, arguments))})"
        case ast.Attribute(value=matrix, attr="T"):
            return f"{_within(matrix)}ᵀ"
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            return _indexed(name, _text(index).replace(" ", ""))
        case ast.Name(id=name):
            return FUNCTIONS.get(name) or SYMBOLS.get(name, name)
        case ast.Constant(value=value):
            return str(value)
    raise ValueError(f"statement: cannot print {ast.unparse(node)!r} as text")


def _indexed(name: str, step: str) -> str:
    base, _, own = SYMBOLS.get(name, name).partition("_")
    index = f"{own},{step}" if own else step
    return f"{base}_{index}" if len(index) == 1 else f"{base}_{{{index}}}"


def _within(node: ast.expr) -> str:
    """Return a part of a product, in parentheses if it is a sum or, before a ᵀ, a product."""
    whole = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.MatMult))
    return _text(node) if not whole else f"({_text(node)})"


def _factors(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS):
        return [*_factors(node.left), *_factors(node.right)]
    return [node]


def _product(factors: list[ast.expr]) -> str:
    """Return a product: a diagonal matrix acts entry by entry, on all that is right of it."""
    *rest, last = factors
    if _is_row(last) and len(rest) > 1:  # (u ∘ v) wᵀ: the outer product comes after all else
        left = _product(rest)
        return f"{f'({left})' if _is_entrywise(rest[0]) else left} {_text(last)}"
    found, entrywise, several = _within(last), False, False
    for factor in reversed(rest):
        if _is_entrywise(factor):
            assert isinstance(factor, ast.Call)
            found = f"{_within(factor.args[0])} ∘ {f'({found})' if several else found}"
            entrywise, several = True, False
        else:
            found = f"{_within(factor)} {f'({found})' if entrywise else found}"
            entrywise, several = False, True
    return found


def _is_entrywise(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "diag"


def _is_row(node: ast.expr) -> bool:
    """Tell whether a factor is a column's transpose: that of a matrix has no step."""
    columns = (ast.Subscript, ast.BinOp)
    return isinstance(node, ast.Attribute) and isinstance(node.value, columns)
