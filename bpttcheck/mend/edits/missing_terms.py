"""A term that is missing: one more product of two values of the function, or a sum of one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement, product

import numpy as np

from bpttcheck.mend.edits.change import Change
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.site import Site
from bpttcheck.mend.values import Kind, is_array

OUTER = re.compile(r"\b(\w+)\.outer\(")

ROW = re.compile(r"(\w+)\[([A-Za-z_]\w*)\]")

SUMS = ("sum", "mean")

Shape = tuple[int, ...]


def changes(site: Site, lacking: Lacking) -> Iterator[Change]:
    """Return every value, but for its terms, with one more product: by a matrix, or of entries.

    Where something is known to be lacking, it is that term, or a product with what stands beside
    it, in another function perhaps.
    """
    arrays = named(site) | {text: kind[1] for text, kind in lacking.beside.items()}
    given = tuple(text.replace("'", '"') for text in lacking.beside)
    held = {text: kind[1] for text, kind in site.held.items() if is_array(kind)}
    for node in _whole(site):
        kind = site.kind(node)
        if kind is None or not is_array(kind):
            continue
        for term, its in lacking.terms.items():
            if its == kind:
                yield _one_more(site, node, "message", term)
        for name, term in terms(site, arrays, held, kind):
            beside = any(text in term.replace("'", '"') for text in given)
            if beside or not lacking:
                yield _one_more(site, node, name, term)


def _one_more(site: Site, node: ast.expr, name: str, term: str) -> Change:
    if term.startswith("-"):
        new = site.fitted(node, f"{site.text(node)} - {term[1:]}")
        return Change(((node, new),), name, f"the term {term}")
    new = site.fitted(node, f"{site.text(node)} + {term}")
    return Change(((node, new),), name, f"the term {term}", term)


def named(site: Site) -> dict[str, Shape]:
    """Return the shapes of the arrays of a function by their texts, without those transposed.

    A row of an array that is used as a whole alone is among them, where others are read by step.
    """
    arrays = {t: its[1] for t, its in site.atoms.items() if is_array(its) and not t.endswith(".T")}
    rows = {}
    for text in arrays:
        found = ROW.fullmatch(text)
        if found is not None and arrays.get(found[1]):
            step, length = found[2], arrays[found[1]][0]
            for whole, shape in arrays.items():
                read = any(other.startswith(f"{whole}[") for other in arrays)
                if whole.isidentifier() and len(shape) > 1 and shape[0] == length and not read:
                    rows[f"{whole}[{step}]"] = shape[1:]
    return arrays | rows


def terms(
    site: Site, arrays: Mapping[str, Shape], held: Mapping[str, Shape], kind: Kind
) -> Iterator[tuple[str, str]]:
    """Return products of a shape, each with the kind of edit that puts it in."""
    shape: Shape = kind[1]
    matrices = {t.replace("'", '"'): s for t, s in {**held, **arrays}.items() if len(s) == 2}
    if shape:
        for term in _messages(arrays, matrices, shape):
            yield "message", term
    if len(shape) == 2:
        for term in _outer(site, arrays, shape):
            yield "message", term
    full = {text: one for text, one in arrays.items() if len(one) <= len(shape)}
    for a, b in combinations_with_replacement(full, 2):
        if _broadcast(full[a], full[b]) == shape:
            yield "product term", f"{a} * {b}"
    for a, b in product(full, full):
        # What is left over, as it is written somewhere: of a gate, of a leak.
        if f"1 - {b})" in site.slot.source.text and _broadcast(full[a], full[b]) == shape:
            yield "product term", f"{a} * (1 - {b})"
    if len(shape) < 2:
        yield from (("product term", term) for term in _sums(arrays, shape))


def _messages(
    arrays: Mapping[str, Shape], matrices: Mapping[str, Shape], shape: Shape
) -> Iterator[str]:
    """Return the products of a value with a matrix, from either side, transposed or not."""
    for text, its in arrays.items():
        if len(its) != len(shape):
            continue
        for matrix, other in matrices.items():
            if matrix == text:
                continue
            for factor, (rows, columns) in ((matrix, other), (f"{matrix}.T", other[::-1])):
                if its[-1:] == (rows,) and (*its[:-1], columns) == shape:
                    yield f"{text} @ {factor}"
                if its[:1] == (columns,) and (rows, *its[1:]) == shape:
                    yield f"{factor} @ {text}"


def _outer(site: Site, arrays: Mapping[str, Shape], shape: Shape) -> Iterator[str]:
    """Return outer products, and those summed over the first axis."""
    found = OUTER.search(site.slot.source.text)
    for a, one in arrays.items():
        for b, other in arrays.items():
            if len(one) == len(other) == 1 and (*one, *other) == shape:
                yield f"{found[1]}.outer({a}, {b})" if found else f"{a}[:, None] * {b}"
            if len(one) == len(other) == 2 and (one[1], other[1]) == shape and one[0] == other[0]:
                yield f"{a}.T @ {b}"


def _sums(arrays: Mapping[str, Shape], shape: Shape) -> Iterator[str]:
    """Return sums of products over the first axis, or over all."""
    axis = "axis=0" if shape else ""
    longer = {
        t: s for t, s in arrays.items() if (s[1:] == shape and len(s) > 1) or (s and not axis)
    }
    for a, b in combinations_with_replacement(longer, 2):
        if longer[a] == longer[b]:
            yield f"({a} * {b}).sum({axis})"


def _broadcast(one: Shape, other: Shape) -> Shape | None:
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


def _whole(site: Site) -> Iterator[ast.expr]:
    """Return what a statement makes: its expression, each part of a tuple, or what it sums."""
    whole = site.slot.expression
    if isinstance(whole, ast.Tuple):
        yield from whole.elts
    elif isinstance(whole, ast.Dict):
        yield from whole.values
    else:
        yield whole
    for node in site.nodes:
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in SUMS:
            assert isinstance(node, ast.Call)
            of_module = not is_array(site.kind(function.value))
            yield from node.args[:1] if of_module else [function.value]
