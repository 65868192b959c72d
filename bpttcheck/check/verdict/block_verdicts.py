"""The verdict on each parameter, and the worst entry of one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.derivative.directions import direction, part, together, unit
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.verdict import complex_step_check
from bpttcheck.check.verdict.block import Block
from bpttcheck.check.verdict.directional_test import DirectionalTest, accepts, ask
from bpttcheck.check.verdict.locate import locate

OnWrong = Callable[[str], None]

TOO_LITTLE = "is below what can be seen"

PARTS = 8
"""Blocks of which one direction through all does not say enough are asked in so many parts."""

MANY = 24
"""More blocks than this are not asked one by one for the sake of their last digits."""

ORACLE = "central differences of order 8"

NEGLIGIBLE = 2.0**-26
"""Half of float64's digits: a gradient below this share of the largest one has vanished."""


def judged_blocks(
    test: GradientTest,
    names: tuple[str, ...],
    thorough: bool,
    locating: bool,
    rng: np.random.Generator,
    on_wrong: OnWrong | None = None,
    enough: bool = False,
) -> tuple[Block, ...]:
    """Return the verdict on the blocks of these names; tell of the first that is wrong at once.

    Where that is ``enough``, those that are not asked by then are left out.
    """
    largest = max(float(np.abs(g).max()) for g in test.claim.values())
    if thorough:
        walked = {name: _walked(test, name, rng, largest) for name in names}
        return tuple(_confirmed(test, walked, rng, locating).values())
    outcomes = _asked(test, names, rng, largest, on_wrong, enough)
    names = tuple(name for name in names if name in outcomes)
    blocks = {name: block_of(test, name, outcomes[name], largest) for name in names}
    blocks = _confirmed(test, blocks, rng, locating)
    return tuple(blocks[name] for name in names)


def located(test: GradientTest, block: Block, rng: np.random.Generator) -> Block:
    """Return a block with its worst entry, if it is wrong and one is found."""
    if block.verdict != "wrong" or block.index is not None:
        return block
    worst = locate(test, block.name, rng)
    if worst is None:
        return block
    got = float(test.claim[block.name][worst.index])
    # An error was found here: that it would be is not to be doubted below it.
    floor = min(block.floor, abs(worst.error) / 4)
    return replace(
        block,
        index=worst.index,
        got=got,
        expected=got + worst.error,
        bound=worst.bound,
        slices=worst.slices,
        walk=worst.walk,
        floor=floor,
    )


def _asked(
    test: GradientTest,
    names: tuple[str, ...],
    rng: np.random.Generator,
    largest: float,
    on_wrong: OnWrong | None,
    enough: bool,
) -> dict[str, DirectionalTest]:
    """Return a outcome for each name: one for all where it says enough of each, else their own."""
    if len(names) == 1:
        (name,) = names
        outcome = ask(test, partial(direction, rng, test.params, names))
        if outcome.verdict == "wrong" and on_wrong is not None:
            on_wrong(name)
        return {name: outcome}
    found: dict[str, DirectionalTest] = {}
    outcome_of_all = accepts(test, partial(together, rng, test.params, names))
    if outcome_of_all is not None:
        for name in names:
            share = replace(outcome_of_all, floor=outcome_of_all.floor / unit(test.params[name]))
            if _says_enough(test, name, share, largest):
                found[name] = share
    rest = [name for name in names if name not in found]
    size = math.ceil(len(rest) / PARTS)
    for k in range(0, len(rest), max(size, 1)):
        part_of = tuple(rest[k : k + size])
        found |= _asked(test, part_of, rng, largest, on_wrong, enough)
        if enough and any(outcome.verdict == "wrong" for outcome in found.values()):
            break
    return found


def _says_enough(test: GradientTest, name: str, outcome: DirectionalTest, largest: float) -> bool:
    """Tell whether an error of half the digits of a block, as a whole, would have been seen.

    Of many blocks, a tenth of the digits has to do.
    """
    claim = test.claim[name]
    size = _root_mean_square(claim, largest)
    if len(test.params) > MANY:
        return 4 * outcome.floor <= 2.0**-10 * (size or NEGLIGIBLE * largest)
    return 4 * outcome.floor <= math.sqrt(test.precision.unit) * (size or largest)


def _confirmed(
    test: GradientTest, blocks: dict[str, Block], rng: np.random.Generator, locating: bool
) -> dict[str, Block]:
    unseen = [n for n, b in blocks.items() if b.verdict == "undecided" and TOO_LITTLE in b.reason]
    if test.precision.unit > 2.0**-53 or test.precision.noise or not (unseen or locating):
        return blocks
    return complex_step_check.confirmed(test, blocks, rng, unseen)


def _walked(test: GradientTest, name: str, rng: np.random.Generator, largest: float) -> Block:
    """Ask every entry of a block, in three ways where one seems wrong."""
    shape = test.params[name].shape
    outcomes, step = [], None
    for flat in range(test.params[name].size):
        outcomes.append(ask(test, partial(part, rng, name, shape, np.array([flat])), step))
        step = outcomes[-1].step or None
    worst: DirectionalTest | None = None
    for verdict in ("wrong", "undecided", "right"):
        found = [b for b in outcomes if b.verdict == verdict]
        if found:
            worst = max(found, key=lambda b: b.floor)
            break
    assert worst is not None  # a block has entries
    return block_of(test, name, worst, largest)


def block_of(test: GradientTest, name: str, outcome: DirectionalTest, largest: float) -> Block:
    """Return what a outcome makes of a block."""
    claim = test.claim[name]
    verdict = outcome.verdict
    reason = "" if verdict == "right" else outcome.reason
    mine = float(np.abs(claim).max())
    if verdict == "right" and 4 * outcome.floor > (mine or NEGLIGIBLE * largest):
        verdict, reason = "undecided", _too_little(mine, outcome.floor)
    size = _root_mean_square(claim, mine)
    return Block(name, claim.shape, verdict, reason, ORACLE, outcome.floor, _derived(outcome), size)


def _root_mean_square(claim: Array, largest: float) -> float:
    """Return the size of a gradient, of which no entry exceeds ``largest``: no square overflows."""
    if not largest:
        return 0.0
    squares = np.square(claim / largest)
    return math.sqrt(np.add.reduce(squares, axis=None) / squares.size) * largest


def _too_little(largest: float, floor: float) -> str:
    seen = f"the largest entry, {largest:.1e}," if largest else "the gradient, zero,"
    return f"{seen} {TOO_LITTLE}, {4 * floor:.1e}"


def _derived(outcome: DirectionalTest) -> str:
    if not outcome.slopes:
        return ""
    worst = max(outcome.slopes, key=lambda s: s.bound)
    return (
        f"{len(outcome.slopes)} directions; step {worst.step:.1e}, noise of the loss "
        f"{worst.noise:.1e}, difference of orders 8 and 6, rounding of g·v"
    )
