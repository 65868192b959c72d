"""A forward pass as the way back takes it, last steps first: kept whole, or made again on the way.

A pass keeps every intermediate, up to a dozen numbers a step and unit. With checkpoints it keeps
the states of a few steps alone; between two of them it is run once more when the way back
comes there. So what has to be kept grows with the checkpoints and the longest stretch between two,
for one forward pass more at most. Every number comes out of the same operations on the same blocks
of steps, and so has the same bits.

Source: Chen, Xu, Zhang and Guestrin 2016; Gruslys, Munos, Danihelka, Lanctot and Graves 2016.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpttcheck.bptt.layer import run_of
from bpttcheck.cells.arrays import spans
from bpttcheck.cells.cell import Cell
from bpttcheck.cells.checked import Arguments
from bpttcheck.cells.run import Run


def blocks_back(
    cell: Cell, arguments: Arguments, checkpoint_every: int | None
) -> Iterator[tuple[slice, Run]]:
    """Yield the blocks of steps, last first, each with its forward pass.

    Arguments:
        cell: whose pass it is.
        arguments: checked.
        checkpoint_every: after how many steps the states are kept, rounded up to whole blocks of
            :func:`~bpttcheck.cells.arrays.spans`; None to keep all of the pass.

    Raises:
        OverflowError: a state or score leaves the range of the dtype.
    """
    blocks = spans(arguments.x)
    if checkpoint_every is None:
        run = run_of(cell, arguments)
        for block in reversed(blocks):
            yield block, run.part(block)
        return
    stretches = _stretches(blocks, checkpoint_every)
    checkpoints = [arguments]
    for stretch in stretches[:-1]:  # what comes after the last checkpoint is run on the way back
        here = checkpoints[-1]
        for block in stretch:
            here = _after(here, run_of(cell, _own(arguments, here, block)))
        checkpoints.append(here)
    while stretches:
        stretch, here, runs = stretches.pop(), checkpoints.pop(), []
        for block in stretch:
            runs.append(run_of(cell, _own(arguments, here, block)))
            here = _after(here, runs[-1])
        while stretch:
            yield stretch.pop(), runs.pop()


def _stretches(blocks: list[slice], every: int) -> list[list[slice]]:
    """Return the blocks from one checkpoint to the next."""
    found: list[list[slice]] = []
    for block in blocks:
        if not found or block.start - found[-1][0].start >= every:
            found.append([])
        found[-1].append(block)
    return found


def _own(arguments: Arguments, here: Arguments, block: slice) -> Arguments:
    """Return the arguments of a block that begins with the states from here."""
    mask = None if arguments.mask is None else arguments.mask[block]
    return here._replace(x=arguments.x[block], mask=mask)


def _after(here: Arguments, run: Run) -> Arguments:
    """Return the arguments with the final states of a run: copies, which do not hold all of it."""
    return here._replace(initial={k: run.made[k][-1].copy() for k in run.cell.states})
