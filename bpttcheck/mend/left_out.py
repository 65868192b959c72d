"""Uses of a value that a gradient leaves out: the lines, and what is lacking for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from bpttcheck.mend.adjoints import Adjoint, Known, Recogniser, Use, same
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.chain_rule import handed_back
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.nudge import signs
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.slots import Slot
from bpttcheck.mend.values import Kind, is_array

NAMED = 3
"""So many lines at most are named."""

ONE = 1e-5
"""A slope that differs from 1 by less is 1: that of a loss that is a sum."""


def but_for(slots: Sequence[Slot], known: Known) -> str:
    """Return a gradient of some uses of a value in words, with the lines of the others."""
    lines = sorted({slots[number].line for number, _ in known.adjoint.elsewhere})
    if not 0 < len(lines) <= NAMED:
        return f"it is {known}, but of some uses of that alone, and used as if of all"
    first, last = ", ".join(map(str, lines[:-1])), lines[-1]
    where = f"lines {first} and {last} make" if first else f"line {last} makes"
    return f"it is {known} but for what {where} of that, and used as if of all"


def lacking(
    bench: Bench, partial: Iterable[Known], known: Recogniser, read: dict[str, list[Adjoint]]
) -> Lacking:
    """Return what the backward pass may lack: what stands beside uses that gradients leave out.

    And all that the forward pass's statements hand back, if the gradient of what they make is
    among those that are ``read``, here by their texts.
    """
    found = Lacking()
    for use in sorted({use for one in partial for use in one.adjoint.elsewhere}):
        found.beside |= _beside(bench, use)
    for use in sorted(known.by_use):
        found.terms |= _terms(bench, use, known, read)
    return found


def _beside(bench: Bench, use: Use) -> dict[str, Kind]:
    site = bench.sites[use[0]]
    found = {}
    for node in site.nodes:
        kind, text = site.kind(node), site.text(node)
        within = isinstance(site.parents.get(id(node)), ATOMS)
        other = isinstance(node, ATOMS) and not within and text != use[1]
        if other and kind is not None and is_array(kind):
            found[text] = kind
    return found


def _terms(
    bench: Bench, use: Use, known: Recogniser, read: dict[str, list[Adjoint]]
) -> dict[str, Kind]:
    site = bench.sites[use[0]]
    found: dict[str, Kind] = {}
    for node in site.nodes:
        kind = site.kind(node)
        if site.text(node) != use[1] or kind is None:
            continue
        for whole in _around(site, node):
            for gradient in _texts(known.by_use.get((use[0], site.text(whole)), ()), read):
                term = handed_back(whole, node, gradient, site.text)
                if term is not None:
                    found[term] = kind
    return found


def _around(site: Site, node: ast.expr) -> Iterator[ast.expr]:
    """Return what holds a part, from the inside out."""
    here = site.parents.get(id(node))
    while here is not None:
        if isinstance(here, ast.expr):
            yield here
        here = site.parents.get(id(here))


def _texts(made: Sequence[Adjoint], read: dict[str, list[Adjoint]]) -> Iterator[str]:
    """Return the texts of the gradient of what is made; an empty one where it is 1."""
    for one in made:
        if not one.shape:
            ways = [float(signs((), k)) for k in (1, 2)]
            if all(abs(a / b - 1) < ONE for a, b in zip(one.slopes, ways, strict=True)):
                yield ""
                return
    for text, some in read.items():
        if any(a.shape == b.shape and same(a, b) for a in some for b in made):
            yield text
