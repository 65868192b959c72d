"""``check_gradients``: a backward pass against the derivative of its own loss."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bpttcheck.arguments import (
    function,
    takes,
)
from bpttcheck.check.program import contract
from bpttcheck.check.program.clock import Clock, Spent, current, within
from bpttcheck.check.program.process_state import randomness_kept
from bpttcheck.check.verdict.further_points import further_points, walked
from bpttcheck.check.verdict.report import Report
from bpttcheck.check.verdict.undiagnosed import SECONDS, undiagnosed

BUDGET = 120.0
"""The default limit on the places and the cause of what is wrong."""

LATER = """

note: not the last run of this example: cause and mend are looked for in that, or by locate=True"""
"""Seen where Hypothesis has no last run that fails: of flaky tests, and while fuzzing."""


@takes(value_and_grad=function, params=contract.structure, **contract.OPTIONS)
def check_gradients(
    value_and_grad: Callable[[Any], Any],
    params: Any,
    *,
    loss: Callable[[dict[str, Any]], Any] | None = None,
    thorough: bool = False,
    seed: int = 0,
    seconds: float | None = SECONDS,
    budget: float | None = BUDGET,
    locate: bool = True,
    mend: bool = True,
    only: Sequence[str] | str | None = None,
    data: Mapping[str, Any] | None = None,
    cell: Any = None,
    on_verdict: Callable[[Report], None] | None = None,
) -> Report:
    """Compare the gradients that a function returns with the derivatives of its own loss.

    Arguments:
        value_and_grad: called with a structure like ``params`` (copies, of its own each time);
            returns the loss, a single float, and gradients in that structure, or by the names.
        params: names and arrays of floats, or another structure of arrays, the point of the check.
        loss: the loss alone, where that is cheaper; by default ``value_and_grad.loss``, if there
            is one, as an adaptor may give it.
        thorough: walk every entry, rather than random directions through the arrays.
        seed: of the random directions.
        locate: find the worst entries of what is wrong, and its cause; without, a rejection is
            cheap.
        mend: look for an edit of the code that makes wrong gradients right, where it is located.
        data: arrays that the loss reads besides ``params`` (inputs, targets, an initial state), by
            any name, for the diagnosis. Those that the function's closure or object holds are
            found without.
        cell: a :class:`bpttcheck.Cell` of your own, or several: for the diagnosis, which knows
            ours.
        seconds: limit on one call, where the platform and the thread allow one; None for no limit.
        budget: seconds from the start; when they are over, places and cause are looked for no
            further. The verdict is not bounded by it. None for no limit.
        only: names of the parameters whose gradients are asked; by default all.
        on_verdict: called once, with a report that says no more than the verdict, when it is known.

    Returns:
        A :class:`Report`. It is ``undecided``, with the reason, where the function raises, exits,
        hangs, is random or has no finite loss, and where its precision or a kink hides the answer.

    Raises:
        TypeError, ValueError: ``params`` has no arrays of floats, or some that are not finite, or
            an option is out of range.

    Accuracy: of one entry, every error |Δg_i| ≥ 4E is found, E being the ``floor`` of its block.
    Errors in many entries are found unless they cancel along two random directions.
    """
    arrays, cells = contract.data(data), contract.cells(cell)
    outer = current()
    clock = Clock(budget) if outer.left == math.inf else outer
    told = _Once(on_verdict)
    with within(clock):
        try:
            report, calls = undiagnosed(
                value_and_grad,
                params,
                loss=loss,
                thorough=thorough,
                seed=seed,
                seconds=seconds,
                locate=locate,
                only=only,
                clock=clock,
                on_wrong=told.wrong,
            )
        except Spent:
            if clock is outer:
                raise  # the budget is another's, who says what becomes of it
            return told.tell(_unfinished(clock, seed))
        told.tell(report)
        if not locate or report.verdict != "wrong":
            return report
        from bpttcheck.check.cause.diagnose import diagnosed  # right code does without

        with randomness_kept():
            located = partial(walked, calls, report)
            found = diagnosed(
                report,
                partial(further_points, calls),
                located,
                arrays,
                clock,
                checked=undiagnosed,
                cells=cells,
            )
            if mend and clock.left > 0:
                from bpttcheck.check.search.again import function_mended

                asked = partial(undiagnosed, value_and_grad, params, loss=loss)
                found = function_mended(found, value_and_grad, asked, clock)
    return replace(found, losses=calls.losses, gradients=calls.gradients)


def _unfinished(clock: Clock, seed: int) -> Report:
    reason = f"the budget of {clock.seconds:g} s was over before the verdict"
    return Report(
        "undecided",
        reason,
        kind="budget",
        seed=seed,
        losses=clock.losses,
        gradients=clock.gradients,
    )


class _Once:
    """Tells of the verdict the first time that it is known."""

    def __init__(self, listener: Callable[[Report], None] | None) -> None:
        self._listener = listener or (lambda _: None)
        self._told: Report | None = None

    def tell(self, report: Report) -> Report:
        """Return what was told: this, if nothing was before."""
        if self._told is None:
            self._told = report
            self._listener(report)
        return self._told

    def wrong(self, name: str) -> None:
        reason = f"gradient of {name} not the derivative of the loss"
        self.tell(Report("wrong", reason, kind="wrong"))


class Undecided(AssertionError):
    """Nothing is known to be wrong, but not that all is right: ``report`` says why.

    Imported from ``bpttcheck.check``, for tests that treat it in another way than a failure.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


@takes(value_and_grad=function, params=contract.structure, **contract.OPTIONS)
def assert_gradients(value_and_grad: Callable[[Any], Any], params: Any, **options: Any) -> None:
    """Raise AssertionError with the report's text unless the gradients are right.

    Arguments:
        value_and_grad: as for :func:`check_gradients`.
        params: the point of the check.
        **options: its other arguments. Without ``locate``, what is wrong in a test of Hypothesis is
            located in its last run alone.

    Raises:
        AssertionError: the verdict is ``wrong``, or, an :class:`Undecided`, ``undecided``.
        TypeError, ValueError: as for :func:`check_gradients`.
    """
    __tracebackhide__ = True  # pytest shows the test's line, not this one
    later = "locate" not in options and _more_examples_follow()
    if later:
        options = {**options, "locate": False}  # and so no mend
    report = check_gradients(value_and_grad, params, **options)
    if report.verdict == "undecided":
        raise Undecided(report)
    if not report.ok:
        raise AssertionError(f"{report}{LATER if later else ''}")


def _more_examples_follow() -> bool:
    """Tell whether a test of Hypothesis will run again, after this example.

    It shrinks what fails, and shows the last run alone: only there is it worth looking for the
    entries, the cause and the mend, which take some hundred times as long as the verdict.
    """
    control = sys.modules.get("hypothesis.control")
    if control is None or not control.currently_in_test_context():
        return False
    return not getattr(control.current_build_context(), "is_final", True)
