"""Small changes of somebody's text, one kind a file: each a place, and what is to stand there."""

from __future__ import annotations

from collections.abc import Iterator

from bpttcheck.mend.edits import (
    associate,
    axes,
    conditions,
    einsum,
    functions,
    indices,
    matrices,
    messages,
    names,
    operand_order,
    powers,
    scale,
    slope_forms,
    transpose,
)
from bpttcheck.mend.edits.change import Change
from bpttcheck.mend.site import Site

__all__ = ["Change", "changes"]

KINDS = (
    transpose,
    operand_order,
    names,
    indices,
    functions,
    slope_forms,
    scale,
    powers,
    axes,
    associate,
    einsum,
    conditions,
    matrices,
    messages,
)
"""The likeliest first: of two edits that come to the same, the earlier is tried."""


def changes(site: Site) -> Iterator[Change]:
    """Return the changes of a site's expression, those of each kind in turn."""
    for kind in KINDS:
        yield from kind.changes(site)
