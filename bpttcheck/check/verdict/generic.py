"""What generic code adds: its formula is decided without rounding, and its program apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bpttcheck.check.derivative import rounding_error
from bpttcheck.check.derivative.directions import Direction, direction, part
from bpttcheck.check.derivative.formula import Formula, exactly
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.derivative.rounding_error import Runs
from bpttcheck.check.verdict.block import Block

ORACLE = "balls through the code itself"

DIRECTIONS = 2
"""Through a block whose formula has a gap."""

WALKED = 64
"""The entries of a block of at most this size are asked one by one where its formula is wrong."""

BEYOND = 2.0
"""A gap of so many times what rounding explains is wrong: one entry that is off by 4E has it."""


@dataclass(frozen=True)
class Gap:
    """The error of a block's formula along a direction, and the bound E that it has to exceed.

    ``explained`` tells that there is a gap, and that the rounding of constants may be all of it.
    Where there is none, the rounding of the runs was not asked for: E leaves as much room for it
    as for that of constants.
    """

    error: float
    bound: float
    explained: bool = False

    @property
    def wrong(self) -> bool:
        """Whether the formula is wrong beyond what rounding can make of it."""
        return abs(self.error) > BEYOND * self.bound


def judged(
    found: Formula, blocks: tuple[Block, ...], rng: np.random.Generator, locating: bool
) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks as the formula decides them, and what there is to say of it.

    A formula is wrong where its gap exceeds what rounding makes of it, constants included. One
    that is right makes the block right if the program computes it as well as rounding allows;
    otherwise the differences' verdict stands.
    """
    test = found.test
    runs = Runs(test)
    gaps = _gaps(found, runs, tuple(block.name for block in blocks), rng)
    if gaps is None:
        return blocks, ()
    known = None
    if test.precision.name == "float64":
        known = _computed(found, runs, gaps)
    result = []
    for block in blocks:
        gap = gaps[block.name]
        if gap.wrong:
            result.append(_wrong(found, block, gap, locating))
        elif known is not None and known[block.name].share <= 1.0:
            result.append(_right(found, block, gap, known[block.name].allowed))
        else:
            result.append(block)
    return tuple(result), _remarks(test, gaps, known, rng if locating else None)


def _gaps(
    found: Formula, runs: Runs, names: tuple[str, ...], rng: np.random.Generator
) -> dict[str, Gap] | None:
    """Return the gap of each block: that of all together, if it is none."""
    test = found.test
    v = direction(rng, test.params, names)
    whole = found.error(v)
    if whole is None:
        return None
    error, bound = whole
    gaps = {}
    for name in names:
        mine = {name: v[name]}
        constants = rounding_error.of_constants(found, mine)
        if abs(error) <= bound <= constants:
            gaps[name] = Gap(0.0, bound + 2 * constants)
            continue
        # A gap that one direction leaves to rounding may be plain along another.
        ways = (direction(rng, test.params, (name,)) for _ in range(DIRECTIONS))
        alone = [_alone(found, runs, way) for way in ways]
        seen = [gap for gap in alone if gap is not None]
        if len(seen) < len(alone):
            return None
        gaps[name] = max(seen, key=lambda gap: abs(gap.error) / gap.bound)
    return gaps


def _alone(found: Formula, runs: Runs, v: Direction) -> Gap | None:
    one = found.error(v)
    if one is None:
        return None
    error, bound = one
    if abs(error) <= bound:
        return Gap(0.0, bound + 2 * rounding_error.of_constants(found, v))
    return Gap(error, bound + rounding_error.explained(runs, found, v), True)


def _computed(
    found: Formula, runs: Runs, gaps: Mapping[str, Gap]
) -> dict[str, rounding_error.Rounding] | None:
    """Return how well the program computes its formula: at once where it is off by a digit."""
    test = found.test
    simple = {}
    for name in gaps:
        middle, radii = found.midpoint(name)
        largest = float(np.abs(middle).max(initial=0.0))
        allowed = rounding_error.BEFORE * 2.0**-53 * largest
        off = float((np.abs(test.claim[name] - middle) + radii).max(initial=0.0))
        if largest < rounding_error.SMALL or off > allowed:
            return rounding_error.errors(runs, test, found)
        simple[name] = rounding_error.Rounding(off / allowed, allowed)
    return simple


def _wrong(found: Formula, block: Block, gap: Gap, locating: bool) -> Block:
    if block.verdict == "wrong":
        return block
    seen = replace(
        block,
        verdict="wrong",
        reason="",
        oracle=ORACLE,
        floor=gap.bound,
        derived="the code's own loss and gradient over balls of 128 bits, and the spread of 8 "
        "randomly rounded runs",
    )
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
    got = float(found.test.claim[block.name][index])
    floor = min(seen.floor, abs(error) / 4)
    return replace(seen, index=index, got=got, expected=got + error, bound=bound, floor=floor)


def _right(found: Formula, block: Block, gap: Gap, allowed: float) -> Block:
    if block.verdict == "wrong" and found.test.calls.separate_loss:
        return block  # differences saw another loss than balls did
    largest = float(np.abs(found.midpoint(block.name)[0]).max())
    if 4 * gap.bound > largest > 0:
        return block  # nothing of the formula's own size would have been seen so either
    return replace(
        block,
        verdict="right",
        reason="",
        oracle=ORACLE,
        floor=gap.bound + allowed / 4,
        derived="balls of 128 bits, and what rounding makes of the program",
        index=None,
        got=None,
        expected=None,
        bound=None,
        slices={},
        walk=None,
    )


def _remarks(
    test: GradientTest,
    gaps: Mapping[str, Gap],
    known: Mapping[str, rounding_error.Rounding] | None,
    rng: np.random.Generator | None,
) -> tuple[str, ...]:
    wrong = sorted(name for name, gap in gaps.items() if gap.wrong)
    if wrong:
        return (f"formula: wrong over balls, without rounding, in {', '.join(wrong)}",)
    constants = [name for name, gap in gaps.items() if gap.explained]
    if constants:
        shown = ", ".join(constants)
        remarks = [f"formula: right over balls, but for rounded constants, which show in {shown}"]
    else:
        field = "; and exactly in GF(2⁶¹ − 1)" if rng is not None and exactly(test, rng) else ""
        remarks = [f"formula: right over balls{field}"]
    if known is not None:
        share = max(r.share for r in known.values())
        if share <= 1.0:
            remarks.append(f"program: its error is {share:.2g} of what rounding explains")
        else:
            off = ", ".join(name for name, r in known.items() if r.share > 1.0)
            remarks.append(f"program: {off} off by more than rounding explains")
    return tuple(remarks)
