"""The verdict on each parameter, and the worst entry of one that is wrong."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.check import complex_step
from bpttcheck.check.ballot import Ballot, Judge
from bpttcheck.check.block import Block
from bpttcheck.check.directions import direction, part
from bpttcheck.check.locate import Place, locate

TOO_LITTLE = "is below what can be seen"

GROUPS = 32
"""At most so many directions for a point that is right: blocks beyond that share one."""

ORACLE = "central differences of order 8"

NEGLIGIBLE = 2.0**-26
"""Half of float64's digits: a gradient below this share of the largest one has vanished."""


def judged_blocks(
    judge: Judge,
    names: tuple[str, ...],
    thorough: bool,
    locating: bool,
    rng: np.random.Generator,
) -> tuple[Block, ...]:
    """Return the verdict on the blocks of these names."""
    largest = max(float(np.abs(g).max()) for g in judge.claim.values())
    judge.listen(rng)
    if thorough:
        walked = {name: _walked(judge, name, rng, largest) for name in names}
        return tuple(_confirmed(judge, walked, rng).values())
    blocks: dict[str, Block] = {}
    for group in _groups(names):
        ballot = judge.ask(partial(direction, rng, judge.params, group))
        if len(group) > 1 and ballot.verdict == "right":
            blocks |= {name: _block(judge, name, ballot, None, largest) for name in group}
            continue
        for name in group:
            if len(group) > 1:
                ballot = judge.ask(partial(direction, rng, judge.params, (name,)))
            place = None
            if ballot.verdict == "wrong" and locating:
                place = locate(judge, name, rng, ballot.step)
            blocks[name] = _block(judge, name, ballot, place, largest)
    blocks = _confirmed(judge, blocks, rng)
    return tuple(blocks[name] for name in names)


def _confirmed(
    judge: Judge, blocks: dict[str, Block], rng: np.random.Generator
) -> dict[str, Block]:
    few = len(blocks) <= GROUPS  # a direction a block, so for few blocks alone
    if not few or judge.precision.unit > 2.0**-53 or judge.precision.noise:
        return blocks
    return complex_step.confirmed(judge, blocks, rng)


def _groups(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    size = math.ceil(len(names) / GROUPS)
    return [names[i : i + size] for i in range(0, len(names), size)]


def _walked(judge: Judge, name: str, rng: np.random.Generator, largest: float) -> Block:
    """Ask every entry of a block, in three ways where one seems wrong."""
    shape = judge.params[name].shape
    ballots, step = [], None
    for flat in range(judge.params[name].size):
        ballots.append(judge.ask(partial(part, rng, name, shape, np.array([flat])), step))
        step = ballots[-1].step or None
    worst: Ballot | None = None
    for verdict in ("wrong", "undecided", "right"):
        found = [b for b in ballots if b.verdict == verdict]
        if found:
            worst = max(found, key=lambda b: b.floor)
            break
    assert worst is not None  # a block has entries
    place = locate(judge, name, rng, worst.step) if worst.verdict == "wrong" else None
    return _block(judge, name, worst, place, largest)


def _block(judge: Judge, name: str, ballot: Ballot, place: Place | None, largest: float) -> Block:
    claim = judge.claim[name]
    verdict, reason = ballot.verdict, ballot.reason
    mine = float(np.abs(claim).max())
    if verdict == "right" and 4 * ballot.floor > (mine or largest):
        if 4 * ballot.floor > NEGLIGIBLE * largest:
            verdict, reason = "undecided", _too_little(mine, ballot.floor)
        else:
            reason = "vanishes beside the other gradients"
    size = float(np.sqrt(np.mean(claim**2)))
    block = Block(
        name, claim.shape, verdict, reason, ORACLE, ballot.floor, _derived(ballot), size
    )  # fmt: skip
    if place is None:
        return block
    got = float(claim[place.index])
    return replace(
        block, index=place.index, got=got, expected=got + place.error, bound=place.bound,
        slices=place.slices, walk=place.walk,
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
