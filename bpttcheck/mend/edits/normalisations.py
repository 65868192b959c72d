"""Derivatives of what normalises: a softmax's a ∘ (d − a·d), and d less its mean and its part by a.

They are no slopes: each entry of what is handed back depends on the whole row.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array


def changes(site: Site) -> Iterator[Change]:
    """Return the derivative of a softmax in place of a product, and terms of normalisations."""
    for node in site.nodes:
        kind = site.kind(node)
        if kind is None or not is_array(kind) or not kind[1]:
            continue
        for axis in range(-1, -len(kind[1]) - 1, -1):
            if isinstance(node, ast.BinOp | ast.Call):
                for a, d in _two(site, node):
                    new = f"{a} * ({d} - {_over(f'{a} * {d}', 'sum', axis, len(kind[1]))})"
                    yield change(node, site.fitted(node, new), "slope", "the slope of a softmax")
            if isinstance(node, ATOMS):
                text = site.text(node)
                new = f"{text} - {_over(text, 'mean', axis, len(kind[1]))}"
                yield change(node, site.fitted(node, new), "slope", f"{text} without its mean")
            elif isinstance(node, ast.BinOp):
                yield from _projected(site, node, axis)


def _projected(site: Site, node: ast.BinOp, axis: int) -> Iterator[Change]:
    """Return a value without its part by another: what a division by a norm takes off."""
    kind = site.kind(node)
    assert kind is not None
    atoms = [text for text, its in site.atoms.items() if its == kind]
    for a in atoms:
        for d in atoms:
            if a != d:
                for way in ("mean", "sum"):
                    new = (
                        f"{site.text(node)} - {a} * {_over(f'{a} * {d}', way, axis, len(kind[1]))}"
                    )
                    words = f"{d} without its part by {a}"
                    yield change(node, site.fitted(node, new), "slope", words)


def _over(text: str, way: str, axis: int, axes: int) -> str:
    """Return the text of a sum or a mean over an axis, which stays."""
    if axes == 1 and way == "sum":
        return f"({text}).sum()"
    whole = f"({text})" if " " in text else text
    return f"{whole}.{way}({'' if axes == 1 else f'axis={axis}, keepdims=True'})"


def _two(site: Site, node: ast.expr) -> Iterator[tuple[str, str]]:
    """Return two arrays of a part's kind, in either order, where it is made of no others."""
    found: dict[str, None] = {}
    for part in ast.walk(node):
        if not isinstance(part, ATOMS) or not is_array(site.kinds.get(id(part))):
            continue
        if not isinstance(site.parents.get(id(part)), ATOMS):
            found.setdefault(site.text(part))
            if site.kinds[id(part)] != site.kind(node):
                return
    if len(found) == 2:
        a, d = found
        yield from ((a, d), (d, a))
