"""The verdict on one point: what is asked of it, and what was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from bpttcheck.arguments import did_you_mean, listed, shown
from bpttcheck.arguments.wording import gradients_of
from bpttcheck.arithmetic.base import Array, Arrays
from bpttcheck.check.derivative.directions import together
from bpttcheck.check.derivative.formula import GenericCode
from bpttcheck.check.derivative.gradient_test import GradientTest
from bpttcheck.check.derivative.rounded import refuse_rounded
from bpttcheck.check.derivative.working_precision import (
    UNIT,
    Precision,
    detected,
    grains,
    narrowest,
    promoted,
)
from bpttcheck.check.program import contract
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.clock import Clock, Spent
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probe
from bpttcheck.check.verdict import behaviour
from bpttcheck.check.verdict.block import Block
from bpttcheck.check.verdict.block_verdicts import judged_blocks, located
from bpttcheck.check.verdict.directional_test import ask as vote
from bpttcheck.check.verdict.report import Report


@dataclass(frozen=True)
class PointOptions:
    """What is asked of a point: which gradients, how, within what time.

    ``enough`` says that the first gradient that is wrong is all that is asked for, ``saturated``
    that the parameters were made so large that losses have stairs of their own rounding, ``afar``
    that a point beside this one is asked as well.
    """

    thorough: bool = False
    seed: int = 0
    only: tuple[str, ...] | None = None
    clock: Clock = field(default_factory=Clock)
    on_wrong: Callable[[str], None] | None = None
    enough: bool = False
    saturated: bool = False
    afar: bool = False

    def names(self, point: Mapping[str, Array]) -> tuple[str, ...]:
        """Return the names of the parameters that are asked.

        Raises:
            ValueError: there is no such parameter.
        """
        if self.only is None:
            return tuple(point)
        for name in self.only:
            if name not in point:
                hint = did_you_mean(name, point)
                raise ValueError(f"only: expected some of {listed(point)}, got {shown(name)}{hint}")
        return self.only


def checked(
    calls: Calls,
    params: Arrays,
    asked: PointOptions,
    locate: bool = True,
    suspect: str = "",
) -> Report:
    """Return the report of a point, without the cause.

    Raises:
        Broken: the function does not do what was asked of it.
    """
    given = _consistent(calls, params)
    here, precision = _wide(given)
    assert here.came is not None
    narrow = grains(here.came[1], here.claim)
    test = GradientTest(here, precision, narrow, asked.clock)
    test.saturated = asked.saturated
    if precision.promoted:
        moved = {n: g - given.claim[n] for n, g in here.claim.items()}
        test.narrow = UNIT[narrowest(params)], moved
    names = asked.names(params)
    blocks: tuple[Block, ...] = ()
    remarks: tuple[str, ...] = ()
    rounds: list[tuple[tuple[str, ...], bool]] = [(names, True)] if asked.enough else []
    # The suspect alone, then any that is wrong, then all: a search has many cases to ask.
    rounds = [*([((suspect,), False)] if suspect in names else []), *rounds, (names, False)]
    code = GenericCode(test)

    def differences_tell(name: str) -> None:
        """Tell of a wrong gradient, unless the code is generic: balls have the last word then."""
        if asked.on_wrong is not None and code.formula is None:
            asked.on_wrong(name)

    for some, enough in rounds:
        rng = np.random.default_rng(asked.seed)
        blocks = judged_blocks(test, some, asked.thorough, locate, rng, differences_tell, enough)
        rng = np.random.default_rng([asked.seed, 1])
        if code.formula is not None:
            from bpttcheck.check.verdict import generic  # little code is

            blocks, remarks = generic.judged(code.formula, blocks, rng, locate)
        wrong = [block.name for block in blocks if block.verdict == "wrong"]
        if wrong and asked.on_wrong is not None:
            asked.on_wrong(wrong[0])
        if wrong or len(blocks) == len(names):
            break
    if all(b.verdict == "right" for b in blocks):
        careful = asked.saturated or code.formula is not None  # stairs; balls have asked already
        _elsewhere(test, names, not careful and (locate or asked.afar))
    if locate:
        rng = np.random.default_rng([asked.seed, 2])
        with suppress(Spent):  # the verdict stays
            blocks = tuple(located(test, block, rng) for block in blocks)
    verdict, reason = summary(blocks)
    remark = [precision.remark] if precision.remark else []
    remark += [_narrow(narrow)] if narrow and precision.name == "float64" else []
    notes = [*calls.behaviour.values(), *remark, *remarks]
    return Report(
        verdict,
        reason,
        blocks,
        here.value,
        precision.name,
        tuple(notes),
        calls.losses,
        calls.gradients,
        asked.seed,
        evidence=test,
        kind="" if verdict == "right" else verdict,
    )


def _elsewhere(test: GradientTest, names: tuple[str, ...], ask: bool) -> None:
    """Ask at another point whether the gradients are those of that point.

    Raises:
        Broken: they are kept from a call before, or of parameters that are not the given ones.
    """
    moved = behaviour.there_and_back(test.point)
    if moved is None or not (ask or moved.claims_the_same(test.point)):
        return
    there = GradientTest(moved, test.precision, test.grains, test.clock)
    there.narrow = test.narrow
    rng = np.random.default_rng(0)
    outcome = vote(there, partial(together, rng, moved.params, names))
    if outcome.verdict == "wrong":
        text = "gradients: right at the point, but not after a call there, at a point beside it"
        why = outcome.reason or "they may be kept from a call before"
        raise Broken("state", f"{text}: {why}", "wrong")


def _narrow(grains: Mapping[str, float]) -> str:
    kinds = " and ".join(sorted({k for k, u in UNIT.items() if u in grains.values()}))
    come = "come" if len(grains) > 1 else "comes"
    return f"{gradients_of(grains)} {come} in {kinds}: right as far as that shows"


def _consistent(calls: Calls, params: Arrays) -> ProbePoint:
    """Return the point, of which the same is said twice, and by a loss of its own.

    Raises:
        Broken: it is not; or the loss cannot be read.
    """
    here = behaviour.second_call(probe(calls, params))
    if calls.has_loss:
        alone = contract.finite(calls.value(params))
        if abs(alone - here.value) > math.sqrt(2.0**-53) * max(abs(alone), abs(here.value)):
            raise Broken("loss", f"loss: returns {alone!r}, value_and_grad {here.value!r}")
        here = replace(here, value=alone)
    refuse_rounded(calls, params, here.value)
    return here


def _wide(here: ProbePoint) -> tuple[ProbePoint, Precision]:
    """Return the point in float64 where the code follows, and what it computes in."""
    given = narrowest(here.params)
    if given == "float64":
        return here, detected(here)
    wide = promoted(here)
    if wide is None:
        remark = f"judged in {given}, which the code does not leave: little can be seen"
        return here, replace(detected(here), remark=remark)
    there = probe(here.calls, wide)
    there = replace(there, value=here.calls.value(wide))
    remark = f"{given} parameters, judged in float64: the code follows the type of its input"
    return there, replace(detected(there), promoted=True, remark=remark)


def summary(blocks: tuple[Block, ...]) -> tuple[str, str]:
    """Return the verdict on all blocks, and the reason."""
    wrong = [b for b in blocks if b.verdict == "wrong"]
    unseen = [b for b in blocks if b.verdict == "undecided"]
    if wrong:
        right = [b.name for b in blocks if b.verdict == "right"]
        rest = f"; {', '.join(right)} right" if right else ""
        whose = gradients_of([b.name for b in wrong])
        return "wrong", f"{whose} not the derivative of the loss{rest}"
    if unseen:
        reasons = sorted({b.reason for b in unseen})
        names = ", ".join(b.name for b in unseen)
        return "undecided", f"{names}: {'; '.join(reasons)}"
    entries = sum(math.prod(b.shape) for b in blocks)
    plural = "y" if entries == 1 else "ies"
    return "right", f"all {entries:,} entr{plural} of {', '.join(b.name for b in blocks)}"
