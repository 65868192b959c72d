"""The loop forward, of every cell: all that its step makes, over any number system."""

from __future__ import annotations

from collections.abc import Mapping

from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.arrays import added, plus, product
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.forward_steps import ForwardSteps
from bpttcheck.cells.listed_steps import ListedSteps
from bpttcheck.cells.run import Run


def equations(
    cell: Cell,
    weights: Mapping[str, Array],
    x: Array,
    initial: Mapping[str, Array],
    *,
    mask: Array | None = None,
    offsets: Mapping[str, Array] | None = None,
    held: Mapping[str, Array] | None = None,
) -> Run:
    """Evaluate a cell's equations, unchecked, over any number system.

    Axes between time and batch broadcast, as do leading axes of the weights.

    Arguments:
        cell: a declared cell.
        weights: all of them by name.
        x: inputs, (T, …, B, m).
        initial: a state (…, B, n) for each letter.
        mask: booleans (T, B), or None.
        offsets: what is added to a_k, k or s (T, …) or a state (T + 1, …) where each is made:
            ∂L/∂a_k at step t *is* the derivative of L with respect to such an offset at zero.
        held: states (T + 1, …, n) that the gates read instead of those just made: what is left
            is the path past them.
    """
    extra = offsets or {}
    kind = ListedSteps if mask is None and not extra and not held else ForwardSteps
    steps = kind(cell, weights, x, initial, mask, extra, held)
    steps.run()
    made = steps.made()
    s = added(product(made["h"][1:], weights["V"].mT), weights["b_s"])
    return Run(cell, x, made, plus(s, extra.get("s")), mask, steps.a)
