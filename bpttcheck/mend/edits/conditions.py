"""A value at one step alone, or at all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site
from bpttcheck.mend.slots import statements
from bpttcheck.mend.values import is_array


def changes(site: Site) -> Iterator[Change]:
    """Return conditions left out, and terms and values that count at the first or last step."""
    for node in site.nodes:
        if isinstance(node, ast.IfExp):
            for one in (node.body, node.orelse):
                text = site.text(one)
                new = text if site.whole(one) == text else site.fitted(node, text)
                yield change(node, new, "condition", "without the condition")
    steps = list(_steps(site))
    for node in site.nodes:
        if not is_array(site.kind(node)) or not _is_term(site, node):
            continue
        text = site.text(node)
        for condition in steps:
            new = f"({text} if {condition} else 0)"
            words = f"{text} where {condition} alone"
            yield change(node, new, "condition", words)


def _is_term(site: Site, node: ast.expr) -> bool:
    parent = site.parents.get(id(node))
    sums = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)
    return parent is None or sums


def _steps(site: Site) -> Iterator[str]:
    """Return conditions on the first and the last step of the loops over steps around the slot."""
    for statement in statements(site.slot.function):
        if not isinstance(statement, ast.For) or not isinstance(statement.target, ast.Name):
            continue
        if not any(inner is site.slot.statement for inner in ast.walk(statement)):
            continue
        called = statement.iter
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Name):
            inner = called.args[0] if called.func.id == "reversed" and called.args else called
            if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "range":
                name, count = statement.target.id, ast.unparse(inner.args[0])
                if len(inner.args) == 1:
                    yield from (f"{name} == {count} - 1", f"{name} < {count} - 1", f"{name} > 0")
