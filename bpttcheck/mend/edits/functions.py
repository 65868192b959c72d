"""A function put around a value, taken off, or another in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array

NOTHING = frozenset(
    (
        *("zeros_like", "ones_like", "empty_like", "full_like", "zeros", "ones", "len", "isnan"),
        *("range", "reversed", "enumerate", "list", "tuple", "iter"),
    )
)
"""What these make of a value hides it, or is no array."""


def changes(site: Site) -> Iterator[Change]:
    """Return values with one of the file's functions around them, or without the one they have."""
    alike: dict[str, list[ast.expr]] = {}
    for node in site.nodes:
        if isinstance(node, ast.Call) and node.args:
            yield from _off(site, node)
        if is_array(site.kind(node)):
            text = site.text(node)
            for function in _pool(site):
                new = f"{function}({text})"
                if not text.startswith(f"{function}("):
                    yield change(node, new, "function", f"{function} around {text}")
            if isinstance(node, ATOMS):
                alike.setdefault(text, []).append(node)
    called: dict[str, list[ast.Call]] = {}
    for node in site.nodes:
        if isinstance(node, ast.Call) and len(node.args) == 1:
            called.setdefault(site.text(node), []).append(node)
    for text, calls in called.items():
        inside = site.text(calls[0].args[0])
        if len(calls) > 1 and site.whole(calls[0].args[0]) == inside:
            words = f"{inside} for {text}, wherever it stands in the statement"
            yield Change(tuple((node, inside) for node in calls), "function", words)
    for text, nodes in alike.items():
        if len(nodes) > 1:
            for function in _pool(site):
                new = f"{function}({text})"
                words = f"{new} for {text}, wherever it stands in the statement"
                yield Change(tuple((node, new) for node in nodes), "function", words)


def _off(site: Site, node: ast.Call) -> Iterator[Change]:
    function, kind = site.text(node.func), site.kind(node)
    for inside in node.args:
        text = site.text(inside)
        if isinstance(inside, ast.Starred) or site.kind(inside) != kind:
            continue
        new = text if site.whole(inside) == text else site.fitted(node, text)
        yield change(node, new, "function", f"{text} without {function}")
    if not is_array(kind):
        return
    if len(node.args) == 1:
        for other in _pool(site):
            if other != function:
                yield change(node.func, other, "function", f"{other} for {function}")
    if isinstance(node.func, ast.Attribute) and is_array(site.kind(node.func.value)):
        text = site.text(node.func.value)
        yield change(node, text, "function", f"{text} without {node.func.attr}")


def _pool(site: Site) -> list[str]:
    return [one for one in site.functions if one.rpartition(".")[2] not in NOTHING]
