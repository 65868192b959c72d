"""Another power: of a value that stands for its square, of an exponent that is off by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array


def changes(site: Site) -> Iterator[Change]:
    """Return exponents one more and one less, and factors squared."""
    for node in site.nodes:
        if not is_array(site.kind(node)):
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            exponent = node.right
            if isinstance(exponent, ast.Constant) and type(exponent.value) is int:
                for other in (exponent.value + 1, exponent.value - 1):
                    if other > 1:
                        words = f"the power {other} for {exponent.value}"
                        yield change(exponent, str(other), "power", words)
        elif isinstance(node, ATOMS) and _is_factor(site, node):
            text = site.text(node)
            yield change(node, site.fitted(node, f"{text} ** 2"), "power", f"the square of {text}")


def _is_factor(site: Site, node: ast.expr) -> bool:
    parent = site.parents.get(id(node))
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div)
