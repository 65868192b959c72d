"""A sign, a factor or a term more or less."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site
from bpttcheck.mend.slots import statements
from bpttcheck.mend.values import Kind, fits, is_array

MOST = 12
"""So many numbers of a file are put in the place of another at most."""

NUMBERS = ("2", "0.5")
"""Factors that stand in no text: of squares, and of means."""


def changes(site: Site) -> Iterator[Change]:
    """Return terms and factors left out, signs changed, and values of the function put in."""
    for node in site.nodes:
        yield from _less(site, node)
        yield from _another_number(site, node)
        found = site.kind(node)
        if is_array(found):
            yield from _sign(site, node)
    for node in site.nodes:
        found = site.kind(node)
        if found is not None and is_array(found) and _stands_alone(site, node):
            yield from _more(site, node, found)
            yield from _of_sizes(site, node)
        elif found is not None and is_array(found) and not isinstance(node, ast.Constant):
            yield from _terms(site, node, found)
        elif found == ("int",) and isinstance(node, ast.Name):
            yield from _of_size(site, node)


def _less(site: Site, node: ast.expr) -> Iterator[Change]:
    if not isinstance(node, ast.BinOp):
        return
    left, right = site.text(node.left), site.text(node.right)
    sums = isinstance(node.op, ast.Add | ast.Sub)
    what = "term" if sums else "factor"
    if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
        yield change(node, _kept(site, node, node.left), what, f"without the {what} {right}")
    if isinstance(node.op, ast.Add | ast.Mult):
        yield change(node, _kept(site, node, node.right), what, f"without the {what} {left}")
    if isinstance(node.op, ast.Sub):
        new = site.fitted(node, f"-{site.whole(node.right)}")
        yield change(node, new, what, f"without the {what} {left}")
        yield change(node, _kept(site, node, node.right), what, f"{right} for {left} - {right}")
    swaps = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
    if type(node.op) in swaps:
        sign = swaps[type(node.op)]
        new = f"{_operand(site, node.left)} {sign} {site.whole(node.right)}"
        yield change(node, site.fitted(node, new), "sign" if sums else what, f"{sign} {right}")


def _another_number(site: Site, node: ast.expr) -> Iterator[Change]:
    """Return another number that stands in a formula of the file, for one that does here."""
    if isinstance(node, ast.Constant) and isinstance(site.parents.get(id(node)), ast.BinOp):
        text = site.text(node)
        numbers = _numbers(site.slot.source.text)
        for number in numbers if text in numbers else ():
            if number != text:
                yield change(node, number, "factor", f"{number} for {text}")


@lru_cache(8)
def _numbers(whole: str) -> tuple[str, ...]:
    """Return the numbers in the formulas of a file's text, but for those of indices and powers."""
    tree, found = ast.parse(whole), dict[str, None]()
    indices = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for part in ast.walk(node.slice)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and id(node) not in indices:
            parts = [node.left] if isinstance(node.op, ast.Pow) else [node.left, node.right]
            for one in parts:
                if isinstance(one, ast.Constant) and type(one.value) in (int, float):
                    found.setdefault(ast.unparse(one))
    return tuple(found)[:MOST]


def _sizes(site: Site) -> list[str]:
    """Return the texts of whole numbers that no loop counts."""
    loops = {
        part.id
        for statement in statements(site.slot.function)
        if isinstance(statement, ast.For)
        for part in ast.walk(statement.target)
        if isinstance(part, ast.Name)
    }
    return [text for text, kind in site.atoms.items() if kind == ("int",) and text not in loops]


def _of_sizes(site: Site, node: ast.expr) -> Iterator[Change]:
    """Return a part divided by the product of two sizes, as the mean over both needs it."""
    for one, other in combinations(_sizes(site), 2):
        new = site.fitted(node, f"{site.whole(node)} / ({one} * {other})")
        yield change(node, new, "factor", f"divided by {one} * {other}")


def _of_size(site: Site, node: ast.Name) -> Iterator[Change]:
    """Return a size times another one, where it stands as a factor."""
    parent = site.parents.get(id(node))
    divisor = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div)
    divided = isinstance(site.slot.statement, ast.AugAssign) and parent is None
    if divisor or divided:
        for other in _sizes(site):
            new = f"({node.id} * {other})" if divisor else f"{node.id} * {other}"
            yield change(node, new, "factor", f"the factor {other}")


def _kept(site: Site, node: ast.expr, operand: ast.expr) -> str:
    text = site.text(operand)
    return text if site.whole(operand) == text else site.fitted(node, text)


def _operand(site: Site, node: ast.expr) -> str:
    """Return the left operand of an operator of the same rank."""
    return site.text(node) if isinstance(node, ast.BinOp) else site.whole(node)


def _sign(site: Site, node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield change(node, site.whole(node.operand), "sign", "without the sign")
    elif not isinstance(node, ast.Constant):
        text = f"-{site.whole(node)}"
        yield change(node, site.fitted(node, text), "sign", f"the sign of {site.text(node)}")


def _stands_alone(site: Site, node: ast.expr) -> bool:
    """Tell whether a factor put to a part is not the same as one put to what it is a factor of."""
    parent = site.parents.get(id(node))
    products = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div)
    return not products


def _more(site: Site, node: ast.expr, kind: Kind) -> Iterator[Change]:
    text = site.text(node)
    product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult | ast.Div)
    factor = text if product else site.whole(node)
    own = (text, site.whole(node))  # x - x and x / x are nothing
    for other, its in site.atoms.items():
        if its[0] not in ("array", "int") or not fits(its, kind) or other in own:
            continue
        one = len(its) < 2 or not its[1]
        shapes = kind[1] if len(kind) > 1 else ()
        broadcast = one or len(its[1]) <= len(shapes)
        if broadcast:
            new = site.fitted(node, f"{factor} * {other}")
            yield change(node, new, "factor", f"the factor {other}")
        if one:
            new = site.fitted(node, f"{factor} / {other}")
            yield change(node, new, "factor", f"divided by {other}")
        if isinstance(node, ast.Constant):
            break
    if not isinstance(node, ast.Constant):
        yield from _terms(site, node, kind)
        for length in site.lengths:
            new = site.fitted(node, f"{factor} / {length}")
            yield change(node, new, "factor", f"divided by {length}")
    for number in NUMBERS:
        new = site.fitted(node, f"{number} * {site.whole(node)}")
        yield change(node, new, "factor", f"the factor {number}")


def _terms(site: Site, node: ast.expr, kind: Kind) -> Iterator[Change]:
    """Return a part plus and minus every other value of its kind."""
    text = site.text(node)
    for other, its in site.atoms.items():
        if its == kind and kind[1:] != ((),) and other not in (text, site.whole(node)):
            new = site.fitted(node, f"{text} + {other}")
            yield Change(((node, new),), "term", f"the term {other}", other)
            new = site.fitted(node, f"{text} - {other}")
            yield change(node, new, "term", f"the term -{other}")
