"""Small changes of somebody's text, one kind a file: each a place, and what is to stand there."""

from __future__ import annotations

from collections.abc import Iterator

from bpttcheck.mend.edits import (
    associate,
    conditions,
    conjugates,
    einsum,
    formulas,
    functions,
    indices,
    matrices,
    names,
    operand_order,
    powers,
    scale,
    slope_forms,
    summed_axes,
    transpose,
)
from bpttcheck.mend.edits.change import Change
from bpttcheck.mend.lacking import Lacking
from bpttcheck.mend.site import Site

__all__ = ["Change", "changes", "more_changes"]

KINDS = (
    transpose,
    conjugates,
    operand_order,
    names,
    indices,
    functions,
    slope_forms,
    scale,
    powers,
    summed_axes,
    associate,
    einsum,
    conditions,
    matrices,
    formulas,
)
"""The likeliest first: of two edits that come to the same, the earlier is tried."""


def changes(site: Site) -> Iterator[Change]:
    """Return the changes of a site's expression, those of each kind in turn."""
    for kind in KINDS:
        yield from kind.changes(site)


def more_changes(site: Site, lacking: Lacking) -> Iterator[Change]:
    """Return those that put in what is not there: there are so many that they come last.

    Where something is known of what is lacking, they are terms of that alone.
    """
    from bpttcheck.mend.edits import missing_terms  # most mends do without

    if not lacking:
        from bpttcheck.mend.edits import normalisations

        yield from normalisations.changes(site)
    yield from missing_terms.changes(site, lacking)
