"""One name, attribute, index or key for another that lives in the function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import Kind, is_array

NEVER = frozenset({"module", "function", "builtin_function_or_method", "type", "ufunc", "method"})


def changes(site: Site) -> Iterator[Change]:
    """Return every value by every other of its kind: in one place, then in all of them."""
    alike: dict[str, list[ast.expr]] = {}
    for node in site.nodes:
        if isinstance(node, ATOMS) and not _called(site, node):
            text = site.text(node)
            alike.setdefault(text, []).append(node)
            for other in others(site, node):
                yield change(node, other, "name", f"{other} for {text}")
        elif isinstance(node, ast.BinOp | ast.Call) and _divides(site, node):
            text = site.text(node)
            for other in dict.fromkeys([*site.lengths, *_sizes(site)]):
                yield change(node, other, "name", f"{other} for {text}")
    for text, nodes in alike.items():
        if len(nodes) > 1:
            for other in others(site, nodes[0]):
                words = f"{other} for {text}, wherever it stands in the statement"
                yield Change(tuple((node, other) for node in nodes), "name", words)


def others(site: Site, node: ast.expr) -> list[str]:
    """Return the texts of other values of the same kind."""
    kind, text = site.kind(node), site.text(node)
    if kind is None or kind[0] in NEVER:
        return []
    found = [other for other, its in site.atoms.items() if _same(its, kind)]
    for key in site.keys.get(id(node), ()):
        if isinstance(node, ast.Subscript):
            quote = site.text(node.slice)[:1]
            found.append(f"{site.text(node.value)}[{quote}{key}{quote}]")
        elif isinstance(node, ast.Attribute):
            found.append(f"{site.text(node.value)}.{key}")
    if kind == ("int",) and isinstance(site.parents.get(id(node)), ast.BinOp):  # in a mean
        found += _sizes(site)
    own = ast.unparse(node)
    return [other for other in dict.fromkeys(found) if other not in (text, own)]


def _sizes(site: Site) -> list[str]:
    return [f"{name}.size" for name, its in site.atoms.items() if is_array(its) and its[1]]


def _divides(site: Site, node: ast.expr) -> bool:
    parent = site.parents.get(id(node))
    if not isinstance(parent, ast.BinOp) or not isinstance(parent.op, ast.Div):
        return False
    return parent.right is node and site.kind(node) == ("int",)


def _same(one: Kind, other: Kind) -> bool:
    """Tell whether two kinds are the same; matrices may be transposed."""
    if one[0] == other[0] == "array":
        return bool(one[1] == other[1] or one[1] == other[1][::-1])
    return one == other


def _called(site: Site, node: ast.expr) -> bool:
    parent = site.parents.get(id(node))
    return isinstance(parent, ast.Call) and parent.func is node
