"""Other subscripts of an einsum."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, permutations

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import Site

LONGEST = 4
"""Subscripts of one operand are put into every order where they are so many at most."""


def changes(site: Site) -> Iterator[Change]:
    """Return einsums with the subscripts of one operand in another order, or another in place."""
    for node in site.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr != "einsum" or not node.args:
            continue
        first = node.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        for other in dict.fromkeys(_others(first.value)):
            if other != first.value:
                text = site.text(first).replace(first.value, other)
                yield change(first, text, "einsum", f"{other} for {first.value}")


def _others(subscripts: str) -> Iterator[str]:
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = [*left.split(","), *([out] if arrow else [])]
    letters = sorted({letter for term in terms for letter in term if letter.isalpha()})

    def joined(new: list[str]) -> str:
        inner = ",".join(new[: len(left.split(","))])
        return f"{inner}->{new[-1]}" if arrow else inner

    for i, term in enumerate(terms):
        if len(term) <= LONGEST:
            for order in permutations(term):
                yield joined([*terms[:i], "".join(order), *terms[i + 1 :]])
        for k, letter in enumerate(term):
            for other in letters:
                if other != letter and other not in term:
                    new = term[:k] + other + term[k + 1 :]
                    yield joined([*terms[:i], new, *terms[i + 1 :]])
    for a, b in combinations(letters, 2):  # two exchanged in all operands, or in all but one
        swap = str.maketrans({a: b, b: a})
        for i, term in enumerate(terms):
            yield joined([*terms[:i], term.translate(swap), *terms[i + 1 :]])
