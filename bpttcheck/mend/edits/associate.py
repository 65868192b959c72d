"""Sums of products put together otherwise: a·b + c as a·(b + c), and back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site

WORDS = "the parentheses set otherwise"


def changes(site: Site) -> Iterator[Change]:
    """Return sums with a factor taken out of one term or put to the other."""
    for node in site.nodes:
        if isinstance(node, ast.BinOp):
            for text in (*_factored(site, node), *_spread(site, node), *_inside(site, node)):
                yield change(node, site.fitted(node, text), "association", WORDS)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("dot"):
            for text in _outside(site, node):
                yield change(node, site.fitted(node, text), "association", WORDS)


def _signs(op: ast.operator) -> str:
    return {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/"}.get(
        type(op), ""
    )


def _factored(site: Site, node: ast.BinOp) -> Iterator[str]:
    """Return a·(b ± c) and (a ± c)·b for a·b ± c, and c·a ± b and the like for c ± a·b."""
    sign = _signs(node.op)
    if sign not in ("+", "-"):
        return
    w = site.whole
    for product, other, first in ((node.left, node.right, True), (node.right, node.left, False)):
        if not isinstance(product, ast.BinOp):
            continue
        times = _signs(product.op)
        if times not in ("*", "@", "/"):
            continue
        a, b, c = w(product.left), w(product.right), w(other)
        if first:
            yield from (f"{a} {times} ({b} {sign} {c})", f"({a} {sign} {c}) {times} {b}")
        else:
            yield from (f"({c} {sign} {a}) {times} {b}", f"{a} {times} ({c} {sign} {b})")


def _spread(site: Site, node: ast.BinOp) -> Iterator[str]:
    """Return a·b ± c and a ± b·c, and the like, for a product of a sum."""
    times = _signs(node.op)
    if times not in ("*", "@", "/"):
        return
    w = site.whole
    for total, factor, first in ((node.left, node.right, True), (node.right, node.left, False)):
        if not isinstance(total, ast.BinOp) or _signs(total.op) not in ("+", "-"):
            continue
        sign, a, b, f = _signs(total.op), w(total.left), w(total.right), w(factor)
        if first:
            yield from (f"{a} {times} {f} {sign} {b}", f"{a} {sign} {b} {times} {f}")
        else:
            yield from (f"{f} {times} {a} {sign} {b}", f"{a} {sign} {f} {times} {b}")


def _factors(site: Site, node: ast.expr) -> tuple[str, ast.expr, ast.expr] | None:
    """Return how a product of matrices is written, and its two factors; None for others."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return "{} @ {}", node.left, node.right
    if isinstance(node, ast.Call) and len(node.args) == 2:
        function = site.text(node.func)
        if function.endswith((".dot", ".matmul")):
            return f"{function}({{}}, {{}})", node.args[0], node.args[1]
    return None


def _inside(site: Site, node: ast.BinOp) -> Iterator[str]:
    """Return M(f ∘ v) for f ∘ (M v), and (f ∘ M)v; and f ∘ (M v) for M(f ∘ v)."""
    w = site.whole
    if isinstance(node.op, ast.Mult):
        for product, factor in ((node.left, node.right), (node.right, node.left)):
            found = _factors(site, product)
            if found is not None:
                form, a, b = found
                called = "(" in form
                first, second = (w(a), w(b)) if not called else (site.text(a), site.text(b))
                f = w(factor)
                for pair in ((first, f"{f} * {w(b)}"), (f"{f} * {w(a)}", second)):
                    yield form.format(*(x if called or " * " not in x else f"({x})" for x in pair))
    elif isinstance(node.op, ast.MatMult):
        yield from _outside(site, node)


def _outside(site: Site, node: ast.expr) -> Iterator[str]:
    found = _factors(site, node)
    if found is None:
        return
    form, a, b = found
    w = site.whole
    for i, inner in enumerate((a, b)):
        if not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Mult):
            continue
        for one, other in ((inner.left, inner.right), (inner.right, inner.left)):
            pair = (w(other), w(b)) if i == 0 else (w(a), w(other))
            product = form.format(*pair)
            yield f"{w(one)} * {product if '(' in form else f'({product})'}"
