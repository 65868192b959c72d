"""A forward pass of a cell: every intermediate, named as in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.cell import Cell


@dataclass(frozen=True)
class Run:
    """Every intermediate of a forward pass, named as in the text: ``run.h``, ``run.a_f``, ….

    Shapes: ``x`` (T, B, m); of each gate k its pre-activation ``a_k`` and its value ``k``
    (T, B, n), scores ``s`` (T, B, p), step t at index t − 1; each state (T + 1, B, n), step t at
    index t, so that ``h[0]`` is given. Where W_k does not multiply h_{t−1}, ``read_k`` is what it
    does; ``q_k`` is its product where that is a thing of its own. B is absent when x was a single
    sequence. ``mask`` is None, or (T, B) with True where a step takes place; where none does,
    gates are those of zeros. What the cell was chosen by has its name too: ``run.phi``,
    ``run.forget``, ``run.reset``.
    """

    cell: Cell
    x: Array
    made: Mapping[str, Array]
    s: Array
    mask: Array | None = None
    stack: Array = field(default_factory=lambda: np.empty(0), repr=False)
    """Every a_k side by side, (T, B, 4n) of four gates, in the order in which they are made."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and name not in ("made", "cell"):  # while it is unpickled
            for known in (self.made, self.cell.options):
                if name in known:
                    return known[name]
            former = FORMER.get(name, "")
            raise AttributeError(
                f"Run: expected x, s, mask or one of {', '.join(self.made)}, got {name!r}{former}"
            )
        raise AttributeError(name)

    def read(self, gate: str) -> Array:
        """Return what W_k multiplies, (T, B, n)."""
        read = next(p.read for p in self.cell.graph.products if gate in p.gates)
        return self.made["h"][:-1] if read == "h-" else self.made[read]

    def part(self, block: slice) -> Run:
        """Return a block of steps: all of it, or those from ``block.start``, counted from zero."""
        whole = block.stop - block.start == len(self.x)
        return self if whole else self.steps(block.start + 1, block.stop)

    def steps(self, first: int, last: int) -> Run:
        """Return the steps first, …, last, the initial states those of step first − 1."""
        made = {
            name: values[first - 1 : last + (len(values) == len(self.x) + 1)]
            for name, values in self.made.items()
        }
        own = slice(first - 1, last)
        mask = None if self.mask is None else self.mask[own]
        stack = self.stack[own]
        return replace(self, x=self.x[own], made=made, s=self.s[own], mask=mask, stack=stack)


FORMER = {"o": " (outputs are s, of every cell)", "q": " (read_g, or q_g)"}
