"""Whole statements: added to or set, left out, one step earlier or later, before the next one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.accumulations import accumulations
from bpttcheck.mend.edits.change import Rewritten, with_pieces
from bpttcheck.mend.edits.indices import moved
from bpttcheck.mend.slots import statements
from bpttcheck.mend.source import Function, Piece, SourceFile

PLAIN = (ast.Assign, ast.AugAssign, ast.Expr)


def rewritten(source: SourceFile, function: Function) -> Iterator[Rewritten]:
    """Return what the statements of a function may become."""
    for statement in statements(function):
        if any(isinstance(node, ast.Lambda) for node in ast.walk(statement)):
            continue
        yield from accumulations(source, function, statement)
        yield from _target_moved(source, statement)
        yield from _target_elsewhere(source, function, statement)
    for body in _bodies(function):
        for i, statement in enumerate(body):
            if _may_go(statement):
                yield _left_out(source, body, statement)
            if i + 1 < len(body) and isinstance(statement, PLAIN):
                following = body[i + 1]
                if isinstance(following, PLAIN) and not _is_text(statement):
                    yield _exchanged(source, statement, following)


def _target_elsewhere(
    source: SourceFile, function: Function, statement: ast.stmt
) -> Iterator[Rewritten]:
    """Return the index of what is set as another of its form that the function has: of labels."""
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    parts = [part for one in targets if isinstance(one, ast.Subscript) for part in _indices(one)]
    for part in parts:
        text = source.of(part)
        others = dict.fromkeys(
            source.of(other)
            for one in statements(function)
            for node in ast.walk(one)
            if isinstance(node, ast.Subscript)
            for other in _indices(node)
        )
        for other in others:
            if other != text:
                words = f"kept at {other}, not {text}"
                piece = Piece(*source.span(part), other)
                yield with_pieces(source, statement, (piece,), "index", words)


def _indices(node: ast.Subscript) -> Iterator[ast.Subscript]:
    """Return the parts of an index that are looked up: a label, or the labels of a step."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    yield from (part for part in parts if isinstance(part, ast.Subscript))


def _target_moved(source: SourceFile, statement: ast.stmt) -> Iterator[Rewritten]:
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice):
            continue
        parts = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        for part in parts:
            if isinstance(part, ast.Name | ast.BinOp):
                text = source.of(part)
                for step in (-1, 1):
                    new = moved(part, text, step)
                    piece = Piece(*source.span(part), new)
                    words = f"kept at {new}, not {text}"
                    yield with_pieces(source, statement, (piece,), "index", words)


def _may_go(statement: ast.stmt) -> bool:
    """Tell whether a statement computes and does nothing else: an assignment, a clip in place."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = ast.unparse(statement.value.func).lower()
        return "clip" in called or called.startswith("np.")
    return isinstance(statement, ast.Assign | ast.AugAssign)


def _left_out(source: SourceFile, body: list[ast.stmt], statement: ast.stmt) -> Rewritten:
    start, end = source.span(statement)
    line = source.starts[statement.lineno - 1]
    after = source.starts[statement.end_lineno or statement.lineno]
    alone = not source.text[line:start].strip() and not source.text[end:after].strip()
    piece = Piece(start, end, "pass")
    if alone and len(body) > 1:
        piece = Piece(line, after, "")
    return Rewritten(((statement, "pass"),), (piece,), "left out", "the statement left out")


def _exchanged(source: SourceFile, one: ast.stmt, other: ast.stmt) -> Rewritten:
    first, second = source.of(one), source.of(other)
    pieces = (Piece(*source.span(one), second), Piece(*source.span(other), first))
    texts = ((one, f"{second}\n{first}"), (other, "pass"))
    return Rewritten(texts, pieces, "order", "the two statements in the other order")


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _bodies(function: Function) -> Iterator[list[ast.stmt]]:
    if isinstance(function, ast.Lambda):
        return
    yield function.body
    for statement in statements(function):
        for name in ("body", "orelse", "finalbody"):
            if body := getattr(statement, name, []):
                yield body
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield part.body
