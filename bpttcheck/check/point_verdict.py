"""The verdict on one point: what is asked of it, and what was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check import behaviour, contract, generic
from bpttcheck.check.block import Block
from bpttcheck.check.block_verdicts import judged_blocks, located
from bpttcheck.check.calls import Calls
from bpttcheck.check.clock import Clock, Spent
from bpttcheck.check.contract import Broken
from bpttcheck.check.directional_test import ask as vote
from bpttcheck.check.directions import together
from bpttcheck.check.gradient_test import GradientTest
from bpttcheck.check.report import Report
from bpttcheck.check.rounded import refuse_rounded
from bpttcheck.check.working_precision import UNIT, Precision, detected, grains, narrowest, promoted


@dataclass(frozen=True)
class Asked:
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
                alike = [known for known in point if known.lower() == name.lower()]
                near = alike or get_close_matches(name, point, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"only: expected names among {', '.join(point)}, got {name!r}{hint}"
                )
        return self.only


def checked(
    calls: Calls,
    point: dict[str, Array],
    asked: Asked,
    locate: bool = True,
    suspect: str = "",
) -> Report:
    """Return the report of a point, without the cause.

    Raises:
        Broken: the function does not do what was asked of it.
    """
    value, claim, returned = calls.value_and_grad(point)
    value, claim = behaviour.second_call(calls, point, value, claim)
    if calls.has_loss:
        alone = contract.finite(calls.value(point))
        if abs(alone - value) > math.sqrt(2.0**-53) * max(abs(alone), abs(value)):
            raise Broken("loss", f"loss: returns {alone!r}, value_and_grad {value!r}")
        value = alone
    refuse_rounded(calls, point, value)
    given, narrow_claim = narrowest(point), claim
    point, value, claim, precision, returned = _wide(calls, point, value, claim, returned)
    narrow = grains(returned[1], claim)
    test = GradientTest(calls, point, value, claim, precision, narrow, asked.clock)
    test.saturated = asked.saturated
    if precision.promoted:
        test.narrow = UNIT[given], {n: g - narrow_claim[n] for n, g in claim.items()}
    names = asked.names(point)
    blocks: tuple[Block, ...] = ()
    remarks: tuple[str, ...] = ()
    rounds: list[tuple[tuple[str, ...], bool]] = [(names, True)] if asked.enough else []
    rounds = [*([((suspect,), False)] if suspect in names else []), *rounds, (names, False)]
    code = generic.Code(test)

    def differences_tell(name: str) -> None:
        """Tell of a wrong gradient, unless the code is generic: balls have the last word then."""
        if asked.on_wrong is not None and code.formula is None:
            asked.on_wrong(name)

    for some, enough in rounds:
        rng = np.random.default_rng(asked.seed)
        blocks = judged_blocks(test, some, asked.thorough, locate, rng, differences_tell, enough)
        rng = np.random.default_rng([asked.seed, 1])
        blocks, remarks = generic.judged(code, blocks, rng, locate)
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
        value,
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
    moved = behaviour.there_and_back(test.calls, dict(test.params), dict(test.claim))
    if moved is None or not (ask or moved.unmoved(dict(test.claim))):
        return
    there = GradientTest(
        test.calls, moved.params, moved.value, moved.claim, test.precision, test.grains, test.clock
    )
    there.narrow = test.narrow
    rng = np.random.default_rng(0)
    outcome = vote(there, partial(together, rng, moved.params, names))
    if outcome.verdict == "wrong":
        text = "gradients: right at the point, but not after a call there, at a point beside it"
        why = outcome.reason or "they may be kept from a call before"
        raise Broken("state", f"{text}: {why}", "wrong")


def _narrow(grains: Mapping[str, float]) -> str:
    kinds = " and ".join(sorted({k for k, u in UNIT.items() if u in grains.values()}))
    return f"gradients of {', '.join(grains)} come in {kinds}: right as far as that shows"


def _wide(
    calls: Calls, point: dict[str, Array], value: float, claim: dict[str, Array], returned: Any
) -> tuple[dict[str, Array], float, dict[str, Array], Precision, Any]:
    """Return the point, loss and gradients in float64 where the code follows, and what it is in."""
    given = narrowest(point)
    if given == "float64":
        return point, value, claim, detected(calls, point, value, claim), returned
    wide = promoted(calls, point, value)
    if wide is None:
        remark = f"judged in {given}, which the code does not leave: little can be seen"
        found = detected(calls, point, value, claim)
        return point, value, claim, replace(found, remark=remark), returned
    _, claim, returned = calls.value_and_grad(wide)
    value = calls.value(wide)
    remark = f"{given} parameters, judged in float64: the code follows the type of its input"
    precision = replace(detected(calls, wide, value, claim), promoted=True, remark=remark)
    return wide, value, claim, precision, returned


def summary(blocks: tuple[Block, ...]) -> tuple[str, str]:
    """Return the verdict on all blocks, and the reason."""
    wrong = [b for b in blocks if b.verdict == "wrong"]
    unseen = [b for b in blocks if b.verdict == "undecided"]
    if wrong:
        names = ", ".join(b.name for b in wrong)
        right = [b.name for b in blocks if b.verdict == "right"]
        rest = f"; {', '.join(right)} right" if right else ""
        what = "gradient" if len(wrong) == 1 else "gradients"
        return "wrong", f"{what} of {names} not the derivative of the loss{rest}"
    if unseen:
        reasons = sorted({b.reason for b in unseen})
        names = ", ".join(b.name for b in unseen)
        return "undecided", f"{names}: {'; '.join(reasons)}"
    entries = sum(math.prod(b.shape) for b in blocks)
    plural = "y" if entries == 1 else "ies"
    return "right", f"all {entries:,} entr{plural} of {', '.join(b.name for b in blocks)}"
