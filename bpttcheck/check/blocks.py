"""The verdict on each parameter, and the worst entry of one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.check import complex_step
from bpttcheck.check.ballot import Ballot, accepts, ask
from bpttcheck.check.block import Block
from bpttcheck.check.directions import direction, part, together, unit
from bpttcheck.check.judge import Judge
from bpttcheck.check.locate import locate

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
    judge: Judge,
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
    largest = max(float(np.abs(g).max()) for g in judge.claim.values())
    if thorough:
        walked = {name: _walked(judge, name, rng, largest) for name in names}
        return tuple(_confirmed(judge, walked, rng, locating).values())
    ballots = _asked(judge, names, rng, largest, on_wrong, enough)
    names = tuple(name for name in names if name in ballots)
    blocks = {name: block_of(judge, name, ballots[name], largest) for name in names}
    blocks = _confirmed(judge, blocks, rng, locating)
    return tuple(blocks[name] for name in names)


def located(judge: Judge, block: Block, rng: np.random.Generator) -> Block:
    """Return a block with its worst entry, if it is wrong and one is found."""
    if block.verdict != "wrong" or block.index is not None:
        return block
    place = locate(judge, block.name, rng)
    if place is None:
        return block
    got = float(judge.claim[block.name][place.index])
    # An error was found here: that it would be is not to be doubted below it.
    floor = min(block.floor, abs(place.error) / 4)
    return replace(
        block, index=place.index, got=got, expected=got + place.error, bound=place.bound,
        slices=place.slices, walk=place.walk, floor=floor,
    )  # fmt: skip


def _asked(
    judge: Judge, names: tuple[str, ...], rng: np.random.Generator, largest: float,
    on_wrong: OnWrong | None, enough: bool,
) -> dict[str, Ballot]:  # fmt: skip
    """Return a ballot for each name: one for all where it says enough of each, else their own."""
    if len(names) == 1:
        (name,) = names
        ballot = ask(judge, partial(direction, rng, judge.params, names))
        if ballot.verdict == "wrong" and on_wrong is not None:
            on_wrong(name)
        return {name: ballot}
    found: dict[str, Ballot] = {}
    ballot_of_all = accepts(judge, partial(together, rng, judge.params, names))
    if ballot_of_all is not None:
        for name in names:
            share = replace(ballot_of_all, floor=ballot_of_all.floor / unit(judge.params[name]))
            if _says_enough(judge, name, share, largest):
                found[name] = share
    rest = [name for name in names if name not in found]
    size = math.ceil(len(rest) / PARTS)
    for k in range(0, len(rest), max(size, 1)):
        part_of = tuple(rest[k : k + size])
        found |= _asked(judge, part_of, rng, largest, on_wrong, enough)
        if enough and any(ballot.verdict == "wrong" for ballot in found.values()):
            break
    return found


def _says_enough(judge: Judge, name: str, ballot: Ballot, largest: float) -> bool:
    """Tell whether an error of half the digits of a block, as a whole, would have been seen.

    Of many blocks, a tenth of the digits has to do.
    """
    claim = judge.claim[name]
    size = float(np.sqrt(np.mean(np.square(claim / largest)))) * largest if largest else 0.0
    if len(judge.params) > MANY:
        return 4 * ballot.floor <= 2.0**-10 * (size or NEGLIGIBLE * largest)
    return 4 * ballot.floor <= math.sqrt(judge.precision.unit) * (size or largest)


def _confirmed(
    judge: Judge, blocks: dict[str, Block], rng: np.random.Generator, locating: bool
) -> dict[str, Block]:
    unseen = [n for n, b in blocks.items() if b.verdict == "undecided" and TOO_LITTLE in b.reason]
    if judge.precision.unit > 2.0**-53 or judge.precision.noise or not (unseen or locating):
        return blocks
    return complex_step.confirmed(judge, blocks, rng, unseen)


def _walked(judge: Judge, name: str, rng: np.random.Generator, largest: float) -> Block:
    """Ask every entry of a block, in three ways where one seems wrong."""
    shape = judge.params[name].shape
    ballots, step = [], None
    for flat in range(judge.params[name].size):
        ballots.append(ask(judge, partial(part, rng, name, shape, np.array([flat])), step))
        step = ballots[-1].step or None
    worst: Ballot | None = None
    for verdict in ("wrong", "undecided", "right"):
        found = [b for b in ballots if b.verdict == verdict]
        if found:
            worst = max(found, key=lambda b: b.floor)
            break
    assert worst is not None  # a block has entries
    return block_of(judge, name, worst, largest)


def block_of(judge: Judge, name: str, ballot: Ballot, largest: float) -> Block:
    """Return what a ballot makes of a block."""
    claim = judge.claim[name]
    verdict = ballot.verdict
    reason = "" if verdict == "right" else ballot.reason
    mine = float(np.abs(claim).max())
    if verdict == "right" and 4 * ballot.floor > (mine or NEGLIGIBLE * largest):
        verdict, reason = "undecided", _too_little(mine, ballot.floor)
    size = float(np.sqrt(np.mean(np.square(claim / mine)))) * mine if mine else 0.0
    return Block(
        name, claim.shape, verdict, reason, ORACLE, ballot.floor, _derived(ballot), size
    )  # fmt: skip


def _too_little(largest: float, floor: float) -> str:
    seen = f"the largest entry, {largest:.1e}," if largest else "the gradient, zero,"
    return f"{seen} {TOO_LITTLE}, {4 * floor:.1e}"


def _derived(ballot: Ballot) -> str:
    if not ballot.slopes:
        return ""
    worst = max(ballot.slopes, key=lambda s: s.bound)
    return (
        f"{len(ballot.slopes)} directions; step {worst.step:.1e}, noise of the loss "
        f"{worst.noise:.1e}, difference of orders 8 and 6, rounding of g·v"
    )
