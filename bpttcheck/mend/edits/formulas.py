"""A formula of another statement: what is made of a value there, or what a name is set to there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array

LONGEST = 80
"""Characters of a formula: nobody writes a longer one twice."""


def changes(site: Site) -> Iterator[Change]:
    """Return parts as formulas that hold them, and the whole as what its name is set to elsewhere.

    So a target that is smoothed for the loss is smoothed for the gradient as well.
    """
    formulas = [one for one in _formulas(site) if one[1] is not site.slot.expression]
    own = [target for target, value in _formulas(site) if value is site.slot.expression]
    for target, value in formulas:
        if target in own:
            text = site.slot.source.of(value)
            yield change(site.slot.expression, text, "formula", f"{target} as elsewhere: {text}")
    inside = [(ast.unparse(value), _atoms(value), value) for _, value in formulas]
    for node in site.nodes:
        if not isinstance(node, ATOMS) or not is_array(site.kind(node)):
            continue
        mine = ast.unparse(node)
        for _, atoms, value in inside:
            if mine in atoms:
                text = site.slot.source.of(value)
                new = site.fitted(node, text)
                yield change(node, new, "formula", f"{text} for {site.text(node)}")


def _formulas(site: Site) -> Iterator[tuple[str, ast.expr]]:
    """Return what is assigned in the file, with the formula that it is set to."""
    for node in ast.walk(site.slot.source.tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            value = node.value
            short = value.end_lineno == value.lineno and len(ast.unparse(value)) <= LONGEST
            if isinstance(value, ast.BinOp) and short:
                yield ast.unparse(node.targets[0]), value


def _atoms(value: ast.expr) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(value) if isinstance(node, ATOMS)}
