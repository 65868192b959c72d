"""A message that is missing: one more term, a value handed back through a matrix."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array


def changes(site: Site) -> Iterator[Change]:
    """Return every value, but for its terms, with one more product of a vector and a matrix."""
    atoms = {text: kind for text, kind in site.atoms.items() if is_array(kind)}
    matrices = {
        text.replace("'", '"'): kind
        for text, kind in {**site.held, **atoms}.items()
        if is_array(kind) and len(kind[1]) == 2 and not text.endswith(".T")
    }
    for node in _whole(site):
        kind = site.kind(node)
        if kind is None or not is_array(kind) or not kind[1]:
            continue
        for text, its in atoms.items():
            if len(its[1]) != len(kind[1]) or text.endswith(".T"):
                continue
            for matrix, other in matrices.items():
                if matrix == text:
                    continue
                for factor, (rows, columns) in (
                    (matrix, other[1]),
                    (f"{matrix}.T", other[1][::-1]),
                ):
                    for first, second, shape in (
                        (text, factor, (*its[1][:-1], columns) if its[1][-1:] == (rows,) else None),
                        (factor, text, (rows, *its[1][1:]) if its[1][:1] == (columns,) else None),
                    ):
                        if shape == kind[1]:
                            new = f"{site.text(node)} + {first} @ {second}"
                            words = f"the term {first} @ {second}"
                            yield change(node, site.fitted(node, new), "message", words)


def _whole(site: Site) -> Iterator[ast.expr]:
    """Return what a statement makes: its expression, or each part of a tuple that it makes."""
    whole = site.slot.expression
    parts = whole.elts if isinstance(whole, ast.Tuple) else [whole]
    yield from (part for part in parts if not isinstance(part, ATOMS))
