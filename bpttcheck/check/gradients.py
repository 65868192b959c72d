"""``check_gradients``: a backward pass against the derivative of its own loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.cases import Case
from bpttcheck.check import arguments, behaviour, contract, generic
from bpttcheck.check.arguments import function
from bpttcheck.check.ballot import Judge
from bpttcheck.check.block import Block
from bpttcheck.check.blocks import judged_blocks, located
from bpttcheck.check.calls import Calls
from bpttcheck.check.clock import Clock
from bpttcheck.check.contract import Broken
from bpttcheck.check.place import LARGEST, Place, place
from bpttcheck.check.precision import UNIT, Precision, detected, grains, narrowest, promoted
from bpttcheck.check.report import Report

SECONDS = 60.0
"""The default limit on one call."""

BUDGET = 120.0
"""The default limit on the places and the cause of what is wrong."""

WALKED = 400
"""So many parameters are walked at further points, where the network is not recognised."""


def check_gradients(
    value_and_grad: Callable[[dict[str, Any]], Any],
    params: Mapping[str, Any],
    *,
    loss: Callable[[dict[str, Any]], Any] | None = None,
    thorough: bool = False,
    seed: int = 0,
    seconds: float | None = SECONDS,
    budget: float | None = BUDGET,
    locate: bool = True,
    only: Sequence[str] | str | None = None,
    data: Mapping[str, Any] | None = None,
    on_verdict: Callable[[Report], None] | None = None,
) -> Report:
    """Compare the gradients that a function returns with the derivatives of its own loss.

    Arguments:
        value_and_grad: called with a dictionary like ``params`` (copies, of its own each time);
            returns the loss, a single float, and a mapping of the same names to gradients.
        params: names and arrays of floats, the point of the check.
        loss: the loss alone, where that is cheaper; by default ``value_and_grad.loss``, if there
            is one, as an adaptor may give it.
        thorough: walk every entry, rather than random directions through each array.
        seed: of the random directions.
        locate: find the worst entries of what is wrong, and its cause; without, a rejection is
            cheap.
        data: arrays that the loss reads besides ``params`` (inputs, targets, an initial state), by
            any name, for the diagnosis. Those that the function's closure or object holds are
            found without.
        seconds: limit on one call, where the platform and the thread allow one; None for no limit.
        budget: seconds for everything after the verdict, places and cause; None for no limit.
        only: names of the parameters whose gradients are asked; by default all.
        on_verdict: called once, with a report that says no more than the verdict, when it is known.

    Returns:
        A :class:`Report`. It is ``undecided``, with the reason, where the function raises, exits,
        hangs, is random or has no finite loss, and where its precision or a kink hides the answer.

    Raises:
        TypeError, ValueError: ``params`` is no mapping of names to arrays of finite floats, or an
            option is out of range.

    Accuracy: of one entry, every error |Δg_i| ≥ 4E is found, E being the ``floor`` of its block.
    Errors in many entries are found unless they cancel along two random directions.
    """
    arrays = contract.data(data)
    clock = Clock(arguments.seconds("budget", budget))
    told = _Once(on_verdict)
    report, calls = undiagnosed(
        value_and_grad, params, loss=loss, thorough=thorough, seed=seed, seconds=seconds,
        locate=locate, only=only, clock=clock, on_wrong=told.wrong,
    )  # fmt: skip
    told.tell(report)
    if not locate or report.verdict != "wrong":
        return report
    from bpttcheck.check.diagnose import diagnosed  # a third of the package: right code needs none

    with behaviour.global_randomness_kept():
        located = partial(_located, calls, report)
        found = diagnosed(report, partial(_places, calls), located, arrays)
    return replace(found, losses=calls.losses, gradients=calls.gradients)


class _Once:
    """Tells of the verdict the first time that it is known."""

    def __init__(self, listener: Callable[[Report], None] | None) -> None:
        self._listener = listener

    def tell(self, report: Report) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener(report)

    def wrong(self, name: str) -> None:
        reason = f"gradient of {name} not the derivative of the loss"
        self.tell(Report("wrong", reason, kind="wrong"))


@dataclass(frozen=True)
class Asked:
    """What is asked of a point: which gradients, how, within what time."""

    thorough: bool = False
    seed: int = 0
    only: tuple[str, ...] | None = None
    clock: Clock = field(default_factory=Clock)
    on_wrong: Callable[[str], None] | None = None

    def names(self, point: Mapping[str, Array]) -> tuple[str, ...]:
        """Return the names of the parameters that are asked.

        Raises:
            ValueError: there is no such parameter.
        """
        if self.only is None:
            return tuple(point)
        for name in self.only:
            if name not in point:
                near = get_close_matches(name, point, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"only: expected names among {', '.join(point)}, got {name!r}{hint}"
                )
        return self.only


def undiagnosed(
    value_and_grad: Any, params: Any, *, loss: Any = None, thorough: bool = False, seed: int = 0,
    seconds: float | None = SECONDS, locate: bool = True, suspect: str = "",
    only: Sequence[str] | str | None = None, clock: Clock | None = None,
    on_wrong: Callable[[str], None] | None = None,
) -> tuple[Report, Calls]:  # fmt: skip
    """Return what :func:`check_gradients` does, but for the cause, and the calls that it made.

    If the gradient of ``suspect`` is wrong, that is all that is said of the point; ``on_wrong`` is
    called with the name of the first gradient that is.
    """
    point = contract.parameters(params)
    loss = getattr(value_and_grad, "loss", None) if loss is None else loss
    function("value_and_grad", value_and_grad)
    if loss is not None:
        function("loss", loss)
    arguments.seed(seed)
    arguments.seconds("seconds", seconds)
    names = (only,) if isinstance(only, str) else only if only is None else tuple(only)
    asked = Asked(thorough, seed, names, clock or Clock(), on_wrong)
    asked.names(point)
    calls = Calls(value_and_grad, loss, params, seconds)
    with behaviour.global_randomness_kept():
        try:
            return _checked(calls, point, asked, locate, suspect), calls
        except Broken as broken:
            report = Report(
                broken.verdict, broken.reason, kind=broken.kind, seed=seed,
                notes=tuple(calls.behaviour.values()), losses=calls.losses,
                gradients=calls.gradients,
            )  # fmt: skip
            return report, calls


def deepened(report: Report, clock: Clock | None = None) -> Report:
    """Return the report of the same point with every gradient asked, and the wrong ones located.

    The point is not drawn again: what was found wrong stays wrong.
    """
    judge = report.evidence
    if judge is None or report.verdict != "wrong":
        return report
    judge.clock = clock or judge.clock
    known = {block.name: block for block in report.blocks}
    rng = np.random.default_rng([report.seed, 2])
    with behaviour.global_randomness_kept():
        try:
            rest = tuple(name for name in judge.params if name not in known)
            if rest:
                others = judged_blocks(judge, rest, False, False, rng)
                others, _ = generic.judged(judge, others, rng, False)
                known |= {block.name: block for block in others}
            blocks = tuple(located(judge, known[n], rng, None) for n in judge.params if n in known)
        except Broken:
            return report
    verdict, reason = _summary(blocks)
    return replace(
        report, verdict=verdict, reason=reason, blocks=blocks, losses=judge.calls.losses,
        gradients=judge.calls.gradients,
    )  # fmt: skip


def beside(
    report: Report, value_and_grad: Any, params: Any, case: Case, **options: Any
) -> Place | None:
    """Return what the function of another case says at its parameters, unchecked."""
    assert report.evidence is not None
    precision = report.evidence.precision
    loss = options.get("loss") or getattr(value_and_grad, "loss", None)
    calls = Calls(value_and_grad, loss, params, options.get("seconds", SECONDS))
    point = contract.parameters(params)
    if precision.promoted:
        point = {name: a.astype(np.float64) for name, a in point.items()}
    with behaviour.global_randomness_kept():
        return place(str(case), calls, point, precision.unit, case)


def _elsewhere(report: Report, most: int) -> list[tuple[str, dict[str, Array]]]:
    """Return other parameters by name: near the point, and random ones of moderate size."""
    assert report.evidence is not None
    params = report.evidence.params
    if sum(a.size for a in params.values()) > most:
        return []
    rng = np.random.default_rng([report.seed, 1])
    near = {n: a + 0.3 * rng.uniform(-1, 1, a.shape) * (np.abs(a) + 0.5) for n, a in params.items()}
    anew = {n: rng.normal(size=a.shape) / math.sqrt(max(a.shape[-1:] or (1,)))
            for n, a in params.items()}  # fmt: skip
    return [
        (name, {n: a.astype(params[n].dtype) for n, a in point.items()})
        for name, point in (("beside the point", near), ("a random point", anew))
    ]


def _places(calls: Calls, report: Report) -> list[Place]:
    assert report.evidence is not None
    unit = report.evidence.precision.unit
    found = (place(name, calls, p, unit) for name, p in _elsewhere(report, LARGEST))
    return [one for one in found if one is not None]


def _located(calls: Calls, report: Report) -> list[Report]:
    found = []
    for _, point in _elsewhere(report, WALKED):
        try:
            found.append(_checked(calls, point, Asked(seed=report.seed)))
        except Broken:
            continue
    return found


def assert_gradients(
    value_and_grad: Callable[[dict[str, Any]], Any], params: Mapping[str, Any], **options: Any
) -> None:
    """Raise AssertionError with the report's text unless the gradients are right.

    Arguments:
        value_and_grad: as for :func:`check_gradients`.
        params: the point of the check.
        **options: its other arguments.

    Raises:
        AssertionError: the verdict is ``wrong`` or ``undecided``.
        TypeError, ValueError: as for :func:`check_gradients`.
    """
    report = check_gradients(value_and_grad, params, **options)
    if not report.ok:
        raise AssertionError(str(report))


def _checked(
    calls: Calls,
    point: dict[str, Array],
    asked: Asked,
    locate: bool = True,
    suspect: str = "",
) -> Report:
    value, claim, returned = calls.value_and_grad(point)
    value, claim = behaviour.second_call(calls, point, value, claim)
    if calls.has_loss:
        alone = contract.finite(calls.value(point))
        if abs(alone - value) > math.sqrt(2.0**-53) * max(abs(alone), abs(value)):
            raise Broken("loss", f"loss: returns {alone!r}, value_and_grad {value!r}")
        value = alone
    point, value, claim, precision, returned = _wide(calls, point, value, claim, returned)
    narrow = grains(returned[1], claim)
    judge = Judge(calls, point, value, claim, precision, narrow, asked.clock)
    names = asked.names(point)
    blocks: tuple[Block, ...] = ()
    remarks: tuple[str, ...] = ()
    for some in ((suspect,), names) if suspect in names else (names,):
        rng = np.random.default_rng(asked.seed)
        blocks = judged_blocks(judge, some, asked.thorough, locate, rng, asked.on_wrong)
        rng = np.random.default_rng([asked.seed, 1])
        blocks, remarks = generic.judged(judge, blocks, rng, locate)
        if any(b.verdict == "wrong" for b in blocks):
            break
    verdict, reason = _summary(blocks)
    remark = [precision.remark] if precision.remark else []
    remark += [_narrow(narrow)] if narrow and precision.name == "float64" else []
    notes = [*calls.behaviour.values(), *remark, *remarks]
    return Report(
        verdict, reason, blocks, value, precision.name, tuple(notes), calls.losses,
        calls.gradients, asked.seed, evidence=judge, kind="" if verdict == "right" else verdict,
    )  # fmt: skip


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


def _summary(blocks: tuple[Block, ...]) -> tuple[str, str]:
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
