"""Uses of a value that a gradient leaves out: the lines, and what stands beside the value there."""

from __future__ import annotations

from collections.abc import Sequence

from bpttcheck.mend.adjoints import Known
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.site import ATOMS
from bpttcheck.mend.slots import Slot
from bpttcheck.mend.values import Kind, is_array

NAMED = 3
"""So many lines at most are named."""


def but_for(slots: Sequence[Slot], known: Known) -> str:
    """Return a gradient of some uses of a value in words, with the lines of the others."""
    lines = sorted({slots[number].line for number in known.adjoint.elsewhere})
    if not 0 < len(lines) <= NAMED:
        return f"it is {known}, but of some uses of that alone, and used as if of all"
    first, last = ", ".join(map(str, lines[:-1])), lines[-1]
    where = f"lines {first} and {last} make" if first else f"line {last} makes"
    return f"it is {known} but for what {where} of that, and used as if of all"


def beside(bench: Bench, known: Known) -> dict[str, Kind]:
    """Return the arrays that stand beside a value where it is used and that is left out.

    A term that is missing is a product with one of them: the weights of a peephole, say.
    """
    found: dict[str, Kind] = {}
    for number in known.adjoint.elsewhere:
        site = bench.sites[number]
        for node in site.nodes:
            kind, text = site.kind(node), site.text(node)
            within = isinstance(site.parents.get(id(node)), ATOMS)
            if not isinstance(node, ATOMS) or within or text == known.adjoint.name:
                continue
            if kind is not None and is_array(kind):
                found[text] = kind
    return found
