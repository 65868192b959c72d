"""A conjugate more or less, of complex arrays."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site


def changes(site: Site) -> Iterator[Change]:
    """Return x.conj() for every complex array x that is read, and x for x.conj()."""
    for node in site.nodes:
        kind = site.kind(node)
        if kind is None or kind[0] != "complex":
            continue
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr == "conj" and not node.args:
                text = site.text(function.value)
                yield change(node, text, "transpose", f"{text} without its conjugate")
        elif isinstance(node, ATOMS) and not _is_called(site, node):
            text = site.text(node)
            yield change(node, f"{text}.conj()", "transpose", f"the conjugate of {text}")


def _is_called(site: Site, node: ast.expr) -> bool:
    """Tell whether a part is one that is conjugated as it is."""
    parent = site.parents.get(id(node))
    if isinstance(parent, ast.Attribute):
        return parent.attr in ("conj", "real", "imag")
    return isinstance(parent, ast.Call) and ast.unparse(parent.func).rpartition(".")[2] in (
        "conj",
        "conjugate",
    )
