"""Derivatives of activations, of values activated or not: 1 − v², v(1 − v), 1[v > 0]."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array

FORMS = ("1 - {v} ** 2", "{v} * (1 - {v})", "1 - np.tanh({v}) ** 2", "{v} > 0")
"""Of tanh and σ of the value that they returned, and of what they were given."""


OF_ATOMS = ("1 - {v}", "1 - {v} ** 2", "{v} * (1 - {v})")
"""Of a value that stands where its slope should."""


def changes(site: Site) -> Iterator[Change]:
    """Return a slope in place of what was made of a value, and as one more factor."""
    forms = list(_forms(site))
    for node in site.nodes:
        kind = site.kind(node)
        if kind is None or not is_array(kind) or not kind[1]:
            continue
        if isinstance(node, ATOMS):
            for form in OF_ATOMS:
                new = form.format(v=site.text(node))
                words = f"{new} for {site.text(node)}"
                yield change(node, site.fitted(node, new), "slope", words)
        atoms = [text for text, its in site.atoms.items() if its == kind]
        if _is_of_one(site, node):
            for text in atoms:
                for form in forms:
                    slope = form.format(v=text)
                    new = site.fitted(node, slope)
                    yield change(node, new, "slope", f"the slope {slope}")
        yield from _of_two(site, node, forms)
        if _is_product_or_alone(site, node):
            for text in atoms:
                yield from _times(site, node, text, ["1 - {v}", *forms])


def _forms(site: Site) -> Iterator[str]:
    numpy = next((f.partition(".")[0] for f in site.functions if f.endswith(".tanh")), "")
    for form in FORMS:
        if "np." not in form:
            yield form
        elif numpy:
            yield form.replace("np.", f"{numpy}.")
    for function in site.functions:
        if "." not in function or function.startswith("self."):
            yield f"{function}({{v}}) * (1 - {function}({{v}}))"


def _of_two(site: Site, node: ast.expr, forms: list[str]) -> Iterator[Change]:
    """Return slopes in place of a product's last two factors, where both are of one array.

    d·v·(1 − v) is (d·v)·(1 − v) for Python: what is of v is no part of it.
    """
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return
    inner = node.left
    if not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Mult):
        return
    one, other = (_arrays(site, part) for part in (inner.right, node.right))
    if len(one) == 1 and one == other:
        for product, slope in _products(site, inner.left, one.pop(), forms):
            yield change(node, site.fitted(node, product), "slope", f"the slope {slope}")


def _is_of_one(site: Site, node: ast.expr) -> bool:
    """Tell whether a part is made of one array and of numbers: what a slope is."""
    if isinstance(node, ATOMS) or not isinstance(node, ast.BinOp | ast.Call | ast.Compare):
        return False
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return False
    return len(_arrays(site, node)) == 1


def _arrays(site: Site, node: ast.expr) -> set[str]:
    """Return the texts of the arrays that a part is made of."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ATOMS) and is_array(site.kinds.get(id(part))):
            parent = site.parents.get(id(part))
            if not isinstance(parent, ATOMS):
                found.add(site.text(part))
    return found


def _is_product_or_alone(site: Site, node: ast.expr) -> bool:
    """Tell whether a factor put to a part is not the same as one put to what it is a factor of."""
    parent = site.parents.get(id(node))
    if isinstance(parent, ast.BinOp):
        return not isinstance(parent.op, ast.Mult | ast.Div)
    return True


def _times(site: Site, node: ast.expr, text: str, forms: list[str]) -> Iterator[Change]:
    for product, slope in _products(site, node, text, forms):
        new = site.fitted(node, product)
        yield change(node, new, "slope", f"the slope {slope} as a factor")


def _products(site: Site, node: ast.expr, text: str, forms: list[str]) -> Iterator[tuple[str, str]]:
    """Return a part times each slope of an array, and the slope."""
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult)
    factor = site.text(node) if product else site.whole(node)
    for form in forms:
        slope = form.format(v=text)
        one = f"({slope})" if form.startswith("1 -") or ">" in form else slope
        yield f"{factor} * {one}", slope
