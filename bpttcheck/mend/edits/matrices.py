"""A matrix more: a message that is handed on as it is, where a weight has to carry it."""

from __future__ import annotations

from collections.abc import Iterator

from bpttcheck.mend.edits.change import Change, change
from bpttcheck.mend.site import ATOMS, Site
from bpttcheck.mend.values import is_array


def changes(site: Site) -> Iterator[Change]:
    """Return every value times a matrix of the function, from either side, transposed or not."""
    for node in site.nodes:
        kind = site.kind(node)
        if kind is None or not is_array(kind) or not kind[1] or not isinstance(node, ATOMS):
            continue
        for other, its in site.atoms.items():
            if not is_array(its) or len(its[1]) != 2 or other.endswith(".T"):
                continue
            for matrix, (rows, columns) in ((other, its[1]), (f"{other}.T", its[1][::-1])):
                words = f"the factor {matrix}"
                if columns == kind[1][0]:
                    new = f"{matrix} @ {site.whole(node)}"
                    yield change(node, site.fitted(node, new), "matrix", words)
                if rows == kind[1][-1]:
                    new = f"{site.whole(node)} @ {matrix}"
                    yield change(node, site.fitted(node, new), "matrix", words)
