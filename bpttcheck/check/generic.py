"""What generic code adds: its formula is decided without rounding, and its program apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bpttcheck.check import program
from bpttcheck.check.ballot import Judge
from bpttcheck.check.block import Block
from bpttcheck.check.directions import direction, part
from bpttcheck.check.formula import Formula, exactly, formula

ORACLE = "balls through the code itself"

WALKED = 64
"""The entries of a block of at most this size are asked one by one where its formula is wrong."""


def judged(
    judge: Judge, blocks: tuple[Block, ...], rng: np.random.Generator, locating: bool
) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks as the formula decides them, and what there is to say of it.

    A formula that is wrong is wrong, however little. One that is right makes the block right if
    the program computes it as well as rounding allows; otherwise the differences' verdict stands.
    """
    found = formula(judge)
    if found is None:
        return blocks, ()
    slopes = _slopes(found, rng)
    if slopes is None:
        return blocks, ()
    wrong = {name for name, (error, bound) in slopes.items() if abs(error) > bound}
    known = program.errors(judge, found) if judge.precision.name == "float64" else None
    result = []
    for block in blocks:
        if block.name in wrong:
            result.append(_wrong(found, block, slopes[block.name], locating))
        elif known is not None and known[block.name].share <= 1.0:
            result.append(_right(judge, block, known[block.name].allowed))
        else:
            result.append(block)
    return tuple(result), _remarks(judge, wrong, slopes, known, rng)


def _slopes(
    found: Formula, rng: np.random.Generator
) -> dict[str, tuple[float, float]] | None:  # fmt: skip
    """Return the error along a direction for each block, and its bound: one for all if right."""
    names = tuple(found.gradients)
    together = found.error(direction(rng, found.judge.params, names))
    if together is None:
        return None
    slopes = {}
    for name in names:
        error, bound = together
        largest = float(np.abs(found.midpoint(name)[0]).max(initial=0.0))
        if abs(error) > bound or bound > 2.0**-53 * largest:
            alone = found.error(direction(rng, found.judge.params, (name,)))
            if alone is None:
                return None
            error, bound = alone
        slopes[name] = (error, bound)
    return slopes


def _wrong(
    found: Formula, block: Block, slope: tuple[float, float], locating: bool
) -> Block:  # fmt: skip
    if block.verdict == "wrong":
        return block
    seen = replace(
        block, verdict="wrong", reason="", oracle=ORACLE, floor=slope[1],
        derived="the code's own loss and gradient over balls of 128 bits",
    )  # fmt: skip
    size = int(np.prod(block.shape, dtype=int))
    if not locating or size > WALKED:
        return seen
    rng = np.random.default_rng(0)
    worst = (0.0, 0.0, 0)
    for flat in range(size):
        v = part(rng, block.name, block.shape, np.array([flat]))
        scale = float(v[block.name].reshape(-1)[flat])
        one = found.error(v)
        if one is not None and abs(one[0] / scale) > abs(worst[0]):
            worst = (one[0] / scale, one[1] / abs(scale), flat)
    error, bound, flat = worst
    index = tuple(int(i) for i in np.unravel_index(flat, block.shape))
    got = float(found.judge.claim[block.name][index])
    return replace(seen, index=index, got=got, expected=got + error, bound=bound)


def _right(judge: Judge, block: Block, allowed: float) -> Block:
    if block.verdict == "wrong" and judge.calls.separate_loss:
        return block  # differences saw another loss than balls did
    return replace(
        block, verdict="right", reason="", oracle=ORACLE, floor=min(block.floor, allowed / 4),
        derived="balls of 128 bits, and 8 randomly rounded runs", index=None, got=None,
        expected=None, bound=None, slices={}, walk=None,
    )  # fmt: skip


def _remarks(
    judge: Judge,
    wrong: set[str],
    slopes: dict[str, tuple[float, float]],
    known: dict[str, program.Rounding] | None,
    rng: np.random.Generator,
) -> tuple[str, ...]:
    if wrong:
        return (f"formula: wrong over balls, without rounding, in {', '.join(sorted(wrong))}",)
    largest = max(bound for _, bound in slopes.values())
    field = "; and exactly in GF(2⁶¹ − 1)" if exactly(judge, rng) else ""
    remarks = [f"formula: right over balls, to {largest:.0e}{field}"]
    if known is not None:
        share = max(r.share for r in known.values())
        if share <= 1.0:
            remarks.append(
                f"program: its error is {4 * share:.2g} of the spread of 8 randomly rounded runs"
            )
        else:
            off = ", ".join(name for name, r in known.items() if r.share > 1.0)
            remarks.append(f"program: {off} off by more than rounding explains")
    return tuple(remarks)
