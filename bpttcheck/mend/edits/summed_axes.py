"""Over which axis is summed, and whether: sums, means, products of matrices and of entries."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site
from bpttcheck.mend.values import is_array

SUMS = ("sum", "mean")

ARGUMENTS = (
    "",
    "axis=0",
    "axis=1",
    "axis=-1",
    "axis=(0, 1)",
    "axis=0, keepdims=True",
    "axis=1, keepdims=True",
    "axis=-1, keepdims=True",
)


def changes(site: Site) -> Iterator[Change]:
    """Return sums over other axes, means for sums, sums put in; products of another kind."""
    for node in site.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in SUMS:
                yield from _sums(site, node, node.func)
            if node.func.attr in ("dot", "matmul") and len(node.args) == 2:
                new = f"{site.whole(node.args[0])} * {site.whole(node.args[1])}"
                yield change(node, site.fitted(node, new), "product", "entry by entry")
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            whole = node.value
            if is_array(site.kind(whole)):
                words = f"the sum of {site.text(whole)}"
                yield change(node, f"{site.whole(whole)}.sum(axis=0)", "sum", words)
        kind = site.kind(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
            sign = "*" if isinstance(node.op, ast.MatMult) else "@"
            words = "entry by entry" if sign == "*" else "a product of matrices"
            new = f"{site.whole(node.left)} {sign} {site.whole(node.right)}"
            yield change(node, site.fitted(node, new), "product", words)
        if kind is not None and is_array(kind) and kind[1] and not _summed(site, node):
            axes = [f"axis={i}" for i in range(len(kind[1]))]
            for how in (*axes, *(f"{axis}, keepdims=True" for axis in axes)):
                new = f"{site.whole(node)}.sum({how})"
                yield change(node, new, "sum", f"summed, {how}")


def _summed(site: Site, node: ast.expr) -> bool:
    parent = site.parents.get(id(node))
    if isinstance(parent, ast.Attribute) and parent.attr in (*SUMS, "T"):
        return True
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div | ast.Add)


def _sums(site: Site, node: ast.Call, function: ast.Attribute) -> Iterator[Change]:
    of_module = not is_array(site.kind(function.value))
    inside = [site.text(node.args[0])] if of_module and node.args else []
    if of_module and not inside:
        return
    name = site.text(function)
    for how in ARGUMENTS:
        new = f"{name}({', '.join([*inside, *([how] if how else [])])})"
        yield change(node, new, "axis", f"summed over {how or 'all'}")
    other = "mean" if function.attr == "sum" else "sum"
    start = site.slot.source.span(node)[0]
    end = site.slot.source.span(function)[1]
    rest = site.slot.source.text[end : site.slot.source.span(node)[1]]
    head = site.slot.source.text[start : end - len(function.attr)]
    yield change(node, f"{head}{other}{rest}", "axis", f"the {other}")
