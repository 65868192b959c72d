"""A formula of another statement: what is made of a value there, or what a name is set to there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.source import SourceFile
from bpttcheck.mend.values import is_array

LONGEST = 80
"""Characters of a formula: nobody writes a longer one twice."""


class Assigned(NamedTuple):
    """What is assigned somewhere: the target, the text, its place, and what the text reads."""

    target: str
    text: str
    span: tuple[int, int]
    reads: frozenset[str]


def changes(site: Site) -> Iterator[Change]:
    """Return parts as formulas that hold them, and the whole as what its name is set to elsewhere.

    So a target that is smoothed for the loss is smoothed for the gradient as well.
    """
    here, every = site.slot.source.span(site.slot.expression), _formulas(site.slot.source.text)
    own = {one.target for one in every if one.span == here}
    others = [one for one in every if one.span != here]
    for one in others:
        if one.target in own:
            words = f"{one.target} as elsewhere: {one.text}"
            yield change(site.slot.expression, one.text, "formula", words)
    for node in site.nodes:
        if not isinstance(node, ATOMS) or not is_array(site.kind(node)):
            continue
        mine = ast.unparse(node)
        for one in others:
            if mine in one.reads:
                new = site.fitted(node, one.text)
                yield change(node, new, "formula", f"{one.text} for {site.text(node)}")


@lru_cache(8)
def _formulas(whole: str) -> tuple[Assigned, ...]:
    """Return what is assigned in a file's text, each to one target and in one line."""
    source, found = SourceFile("", whole), []
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
            continue
        value = node.value
        if isinstance(value, ast.BinOp) and value.end_lineno == value.lineno:
            text = source.of(value)
            reads = {ast.unparse(part) for part in ast.walk(value) if isinstance(part, ATOMS)}
            target = ast.unparse(node.targets[0])
            if len(text) <= LONGEST:
                found.append(Assigned(target, text, source.span(value), frozenset(reads)))
    return tuple(found)
