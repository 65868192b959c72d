"""A point that is checked, but for its cause; and what more is asked of it where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from bpttcheck import arguments
from bpttcheck.arguments import function
from bpttcheck.cases import Case
from bpttcheck.check.derivative.formula import formula
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.clock import Clock, Spent
from bpttcheck.check.program.contract import Broken
from bpttcheck.check.program.probe_point import ProbePoint, probed
from bpttcheck.check.program.process_state import randomness_kept
from bpttcheck.check.verdict.block_verdicts import judged_blocks, located
from bpttcheck.check.verdict.point_verdict import PointOptions, checked, summary
from bpttcheck.check.verdict.report import Report

SECONDS = 60.0
"""The default limit on one call."""


def calls_of(
    value_and_grad: Any, params: Any, loss: Any = None, seconds: float | None = SECONDS
) -> Calls:
    """Return the calls of a function at parameters like those given.

    Raises:
        TypeError, ValueError: as for :func:`check_gradients`.
    """
    function("value_and_grad", value_and_grad)
    loss = getattr(value_and_grad, "loss", None) if loss is None else loss
    if loss is not None:
        function("loss", loss)
    return Calls(value_and_grad, loss, params, arguments.seconds("seconds", seconds))


def undiagnosed(
    value_and_grad: Any,
    params: Any,
    *,
    loss: Any = None,
    seconds: float | None = SECONDS,
    **how: Any,
) -> tuple[Report, Calls]:
    """Return what :func:`check_gradients` does, but for the cause, and the calls that it made."""
    calls = calls_of(value_and_grad, params, loss, seconds)
    return judged(calls, **how), calls


def judged(
    calls: Calls,
    *,
    locate: bool = True,
    suspect: str = "",
    only: Sequence[str] | str | None = None,
    **how: Any,
) -> Report:
    """Return the report of a point without the cause, asked as :class:`PointOptions` says.

    If the gradient of ``suspect`` is wrong, that is all that is said of the point.
    """
    point, seed = calls.point(), arguments.seed("seed", how.get("seed", 0))
    names = (only,) if isinstance(only, str) else None if only is None else tuple(only)
    asked = PointOptions(only=names, **how)
    asked.names(point)
    with randomness_kept():
        try:
            return checked(calls, point, asked, locate, suspect)
        except Broken as broken:
            return Report(
                broken.verdict,
                broken.reason,
                kind=broken.kind,
                seed=seed,
                notes=tuple(calls.behaviour.values()),
                losses=calls.losses,
                gradients=calls.gradients,
            )


def deepened(
    report: Report, clock: Clock | None = None, only: Sequence[str] | None = None
) -> Report:
    """Return the report of the same point with every gradient asked, and the wrong ones located.

    The point is not drawn again: what was found wrong stays wrong.
    """
    test = report.evidence
    if test is None or report.verdict != "wrong":
        return report
    test.clock = clock or test.clock
    known = {block.name: block for block in report.blocks}
    rng = np.random.default_rng([report.seed, 2])
    # Where the budget ends or the function breaks, what is known by then is kept.
    with randomness_kept(), suppress(Broken, Spent):
        rest = tuple(name for name in only or test.params if name not in known)
        if rest:
            others = judged_blocks(test, rest, False, False, rng)
            if (found := formula(test)) is not None:
                from bpttcheck.check.verdict import generic  # little code is

                others, _ = generic.judged(found, others, rng, False)
            known |= {block.name: block for block in others}
        for name in test.params:
            if name in known:
                known[name] = located(test, known[name], rng)
    blocks = tuple(known[name] for name in test.params if name in known)
    verdict, reason = summary(blocks)
    return replace(
        report,
        verdict=verdict,
        reason=reason,
        blocks=blocks,
        losses=test.calls.losses,
        gradients=test.calls.gradients,
    )


def beside(report: Report, calls: Calls, case: Case) -> ProbePoint | None:
    """Return what the function of another case says at its parameters, unchecked."""
    assert report.evidence is not None
    precision, point = report.evidence.precision, calls.point()
    if precision.promoted:
        point = {name: a.astype(np.float64) for name, a in point.items()}
    with randomness_kept():
        return probed(calls, point, name=str(case), unit=precision.unit, case=case)
