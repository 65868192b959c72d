"""Operands in the other order, and products with each factor transposed or not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, product

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site

PRODUCTS = frozenset({"dot", "matmul", "mm", "outer"})


def changes(site: Site) -> Iterator[Change]:
    """Return differences, quotients and products with their operands exchanged."""
    for node in site.nodes:
        if isinstance(node, ast.BinOp):
            first, second = node.left, node.right
            if isinstance(node.op, ast.MatMult):
                for one, other in _pairs(site, first, second):
                    text = site.fitted(node, f"{one} @ {other}")
                    yield change(node, text, "order", "the factors in another order")
            elif isinstance(node.op, ast.Sub | ast.Div | ast.Pow):
                sign = {ast.Sub: "-", ast.Div: "/", ast.Pow: "**"}[type(node.op)]
                text = f"{site.whole(second)} {sign} {site.whole(first)}"
                words = "the operands in the other order"
                yield change(node, site.fitted(node, text), "order", words)
        elif isinstance(node, ast.Tuple | ast.List):
            yield from _exchanged(site, node)
        elif isinstance(node, ast.Call) and not node.keywords:
            yield from _of_call(site, node)


def _exchanged(site: Site, node: ast.Tuple | ast.List) -> Iterator[Change]:
    """Return two values of a tuple in each other's place: gates in another order, say."""
    values = [(one, site.kind(one)) for one in node.elts]
    for (one, first), (other, second) in combinations(values, 2):
        a, b = site.text(one), site.text(other)
        if first is not None and first == second and first[0] == "array" and a != b:
            yield Change(((one, b), (other, a)), "order", f"{a} and {b} in each other's place")


def _of_call(site: Site, node: ast.Call) -> Iterator[Change]:
    function = node.func
    if not isinstance(function, ast.Attribute) or function.attr not in PRODUCTS:
        return
    words = "the factors in another order"
    if len(node.args) == 2:
        for one, other in _pairs(site, *node.args):
            text = f"{site.text(function)}({one}, {other})"
            yield change(node, text, "order", words)
    elif len(node.args) == 1:
        for one, other in _pairs(site, function.value, node.args[0]):
            yield change(node, f"{one}.{function.attr}({other})", "order", words)


def _pairs(site: Site, first: ast.expr, second: ast.expr) -> Iterator[tuple[str, str]]:
    """Return the two in both orders, each as it is and transposed, but as they are."""
    ways = [[site.whole(one), _transposed(site, one)] for one in (first, second)]
    for i, j in product(range(2), range(2)):
        a, b = ways[0][i], ways[1][j]
        yield b, a
        if i and j:
            yield a, b


def _transposed(site: Site, node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return site.whole(node.value)
    return f"{site.whole(node)}.T"
