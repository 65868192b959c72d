"""A problem asked at many sizes and regimes: one verdict, the smallest failing case, its cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

from bpttcheck.arguments import (
    count,
    did_you_mean,
    flag,
    function,
    jointly,
    listed,
    optional,
    takes,
)
from bpttcheck.cases import Case
from bpttcheck.check.program.contract import OPTIONS
from bpttcheck.check.search.course import ALWAYS, BUDGET, TELLING, Course, Interrupted, Progress
from bpttcheck.check.search.drawing import Drawn, Problem, takes_a_case
from bpttcheck.check.verdict.report import Report
from bpttcheck.ranges import Ranges, ranges_of

__all__ = ["ALWAYS", "TELLING", "Interrupted", "check_point", "check_problem", "takes_a_case"]

MOST = 1_000_000
"""Random cases of one check, which are drawn before it begins."""

EXAMPLES = 40
"""Random cases beyond those, by default."""


@takes(
    problem=function,
    max_examples=count(0, MOST),
    progress=optional(function),
    on_report=optional(function),
    verdict_only=flag,
    cases=jointly("dict(T=(2, 12), p=1, regimes=…)"),
    **OPTIONS,
)
def check_problem(
    problem: Problem,
    *,
    max_examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
    budget: float | None = BUDGET,
    on_verdict: Callable[[Report], None] | None = None,
    on_report: Callable[[Report], None] | None = None,
    verdict_only: bool = False,
    mend: bool = True,
    only: Sequence[str] = (),
    cases: Any = None,
    **options: Any,
) -> Report:
    """Check a problem at many sizes and regimes; report the smallest case that fails, and why.

    Arguments:
        problem: ``problem(case) -> (value_and_grad, params)`` for a :class:`~bpttcheck.cases.Case`
            with T, B, m, n, p, rng and regime; or without an argument, for one point. An attribute
            ``problem.cases`` says what makes sense, as ``cases`` does.
        max_examples: random cases, beyond those that are always visited.
        seed: of the random cases and directions.
        progress: called with a word (search, shrink, locate, cause), what is done, and of how much.
        budget: seconds for the verdict and its cause together; what is known by then is reported.
            None for no limit.
        on_verdict: called once with the report as soon as the verdict is known: wrong at the first
            case that fails; the smallest one and its cause come later, in what is returned.
        on_report: called once with the report of wrong code before a mend is looked for.
        verdict_only: the verdict is all: no smaller case, no places, no cause, no mend.
        mend: whether an edit of the code is looked for that makes wrong gradients right.
        only: names of the parameters whose gradients are asked; all by default.
        cases: what sizes and regimes make sense, such as
            ``dict(T=(2, 12), p=1, regimes=("given", "no zeros"))``.
        **options: for :func:`~bpttcheck.check_gradients`.

    Returns:
        A :class:`Report`: of the smallest failing case, with what is needed to fail; or of a case
        that is right, with how many were. It is right if every case that could be seen is, cases
        of T ≥ 2 in an ordinary regime among them, in which each gradient was seen clearly.

    Raises:
        TypeError, ValueError: the problem returns no pair of a function and parameters, or an
            argument is out of range.
        Interrupted: Ctrl-C; it carries the report so far.
    """
    said = (cases, "cases")
    if cases is None:
        said = getattr(problem, "cases", None), "problem.cases"
    ranges = ranges_of(*said)
    _known(options)
    planned: list[Case | None] = [None]
    if takes_a_case(problem):
        planned = [*ranges.all_clamped(ALWAYS), *ranges.drawn(max_examples, seed)]
    course = Course(
        problem,
        planned,
        ranges,
        seed=seed,
        progress=progress,
        budget=budget,
        on_verdict=on_verdict,
        on_report=on_report,
        verdict_only=verdict_only,
        mend=mend,
        only=only,
        **options,
    )
    return course.run()


def _known(options: Mapping[str, Any]) -> None:
    """Refuse options that no check has."""
    known = [*signature(check_problem).parameters][:-1]
    for name in options:
        if name not in OPTIONS:
            some = listed([*known, *(k for k in OPTIONS if k not in known)])
            hint = did_you_mean(name, [*known, *OPTIONS])
            raise TypeError(f"{name}: expected one of {some} of check_problem{hint}")


def check_point(
    problem: Problem, case: Case | None, put: Callable[[Drawn], Any], **how: Any
) -> Report:
    """Check a problem at one case, with other parameters than it draws.

    Arguments:
        problem: as for :func:`check_problem`.
        case: the only one, or None for a problem that takes none.
        put: returns the parameters to be asked instead of those that were drawn.
        **how: as there, but for ``max_examples`` and ``cases``.

    Returns:
        The :class:`Report` of the point, as it is.
    """
    return Course(problem, [case], Ranges(), put={case: put}, **how).run()
