"""Sums over steps: added to or set, in place, at an index that stands twice, from zeros."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Rewritten, with_pieces
from bpttcheck.mend.slots import statements
from bpttcheck.mend.source import Function, Piece, SourceFile

Loop = ast.For | ast.While


def accumulations(
    source: SourceFile, function: Function, statement: ast.stmt
) -> Iterator[Rewritten]:
    """Return how a statement of a function may add up what it makes."""
    yield from _accumulated(source, statement)
    yield from _in_place(source, statement)
    yield from _added_at(source, statement)
    yield from _from_zero(source, function, statement)


def _accumulated(source: SourceFile, statement: ast.stmt) -> Iterator[Rewritten]:
    """Return += for = and −=, and = for +=."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, signs = statement.targets[0], [" += "]
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        other = " -= " if isinstance(statement.op, ast.Add) else " += "
        target, signs = statement.target, [" = ", other]
    else:
        return
    if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
        end = source.span(target)[1]
        start = source.span(statement.value)[0]
        between = source.text[end:start]
        if "(" in between:  # of the value, which is in parentheses
            start = end + between.index("(")
        for sign in signs:
            words = f"{sign.strip()} for {source.text[end:start].strip()}"
            piece = Piece(end, start, sign)
            yield with_pieces(source, statement, (piece,), "accumulation", words)


def added_to(statement: ast.AST) -> str:
    """Return the name in a statement such as x = x + y; empty for others."""
    match statement:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Name(id=left), op=ast.Add() | ast.Sub()),
        ) if name == left:
            return name
    return ""


def _in_place(source: SourceFile, statement: ast.stmt) -> Iterator[Rewritten]:
    """Return x += y for x = x + y: where x is a part of another array, that has to change too."""
    name = added_to(statement)
    if not (name and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp)):
        return
    start, end = source.span(statement.targets[0])[1], source.span(statement.value.right)[0]
    if "(" not in source.text[start:end]:
        sign = "+=" if isinstance(statement.value.op, ast.Add) else "-="
        words = f"{name} in place, as a part of another array"
        piece = Piece(start, end, f" {sign} ")
        yield with_pieces(source, statement, (piece,), "accumulation", words)


def _added_at(source: SourceFile, statement: ast.stmt) -> Iterator[Rewritten]:
    """Return np.add.at(x, i, y) for x[i] += y, which adds once where an index stands twice."""
    match statement:
        case ast.AugAssign(
            target=ast.Subscript(value=array, slice=index), op=ast.Add() | ast.Sub(), value=value
        ) if not isinstance(index, ast.Constant | ast.Slice | ast.UnaryOp):
            several = isinstance(index, ast.Tuple)
            sliced = any(isinstance(part, ast.Slice) for part in ast.iter_child_nodes(index))
            how = "add" if isinstance(statement.op, ast.Add) else "subtract"
            for numpy in _names_of_numpy(source):
                before, after = (f"{numpy}.s_[", "]") if sliced else ("(", ")")
                where = source.of(index)
                at = f"{before}{where}{after}" if several else where
                text = f"{numpy}.{how}.at({source.of(array)}, {at}, {source.of(value)})"
                piece = Piece(*source.span(statement), text)
                words = f"{numpy}.{how}.at, which counts an index as often as it stands there"
                yield Rewritten(((statement, text),), (piece,), "accumulation", words)


def _names_of_numpy(source: SourceFile) -> set[str]:
    return {
        one.asname or one.name
        for node in source.tree.body
        if isinstance(node, ast.Import)
        for one in node.names
        if one.name == "numpy"
    }


def _from_zero(source: SourceFile, function: Function, statement: ast.stmt) -> Iterator[Rewritten]:
    """Return += for =, where nothing has been set before the loop: zero is, then."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name) as target], value=value):
            loop = _only_in(function, statement, target)
        case _:
            return
    if loop is None:
        return
    line = source.starts[loop.lineno - 1]
    indent = source.text[line : source.span(loop)[0]]
    if indent.strip():
        return
    text = source.of(value)
    ending = "\r\n" if source.lines[loop.lineno - 1].endswith("\r\n") else "\n"
    pieces = (
        Piece(line, line, f"{indent}{name} = 0{ending}"),
        Piece(source.span(target)[1], source.span(value)[0], " += "),
    )
    tried = f"try:\n    {name} = {name} + ({text})\nexcept NameError:\n    {name} = 0 + ({text})"
    if "(" not in source.text[pieces[1].start : pieces[1].end]:
        yield Rewritten(((statement, tried),), pieces, "accumulation", "+= for =, from zero")


def _only_in(function: Function, statement: ast.stmt, target: ast.Name) -> Loop | None:
    """Return the outermost loop about a statement that alone sets a name, read behind it alone."""
    loops = [
        loop
        for loop in statements(function)
        if isinstance(loop, Loop) and any(one is statement for one in ast.walk(loop))
    ]
    if not loops:
        return None
    within, name = {id(node) for node in ast.walk(loops[0])}, target.id
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name:
            sets = not isinstance(node.ctx, ast.Load)
            if sets and node is not target:
                return None
            if not sets and id(node) in within:
                return None
        if isinstance(node, ast.arg) and node.arg == name:
            return None
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return None
    return loops[0]
