"""A transpose more or less."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array


def changes(site: Site) -> Iterator[Change]:
    """Return X.T for every matrix X that is read, X for every X.T, and both for a square one."""
    for node in site.nodes:
        found = site.kind(node)
        if found is None or not is_array(found) or len(found[1]) < 2:
            continue
        parent = site.parents.get(id(node))
        if isinstance(node, ast.Attribute) and node.attr == "T":
            text = site.text(node.value)
            yield change(node, text, "transpose", f"{text} without its transpose")
        elif not (isinstance(parent, ast.Attribute) and parent.attr == "T"):
            text = site.text(node)
            yield change(node, f"{site.whole(node)}.T", "transpose", f"the transpose of {text}")
            if found[1] == found[1][::-1] and len(found[1]) == 2 and isinstance(node, ATOMS):
                new = f"({text} + {text}.T)"
                yield change(node, new, "association", f"{text} and its transpose")
                yield change(node, f"({new} / 2)", "association", f"the symmetric part of {text}")
