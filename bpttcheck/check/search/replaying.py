"""A failing point asked again: exactly as it was drawn, without the search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bpttcheck.arguments import file, function, instance, optional, takes
from bpttcheck.arguments.wording import in_a_line
from bpttcheck.cases import Case
from bpttcheck.check.program import contract
from bpttcheck.check.program.contract import OPTIONS
from bpttcheck.check.search.drawing import Drawn, Problem, draw, rebuilt, takes_a_case
from bpttcheck.check.search.problem import check_point
from bpttcheck.check.verdict import saved
from bpttcheck.check.verdict.report import Report


@takes(problem=function, case=optional(instance(Case, "a Case, or None")))
def point_of(problem: Problem, case: Case | None = None) -> tuple[Any, Any]:
    """Return the function of a problem and its parameters at a case, as a search asks them.

    The global generators are seeded by the case, and the parameters are put in its regime.

    Raises:
        TypeError: ``problem`` is no function, or ``case`` no case; it returns no pair.
        RuntimeError: the problem raises, or exits.
    """
    if case is None and takes_a_case(problem):
        raise TypeError("case: expected a Case, which the problem takes, got None")
    drawn = draw(problem, case)
    if isinstance(drawn, Report):
        raise RuntimeError(drawn.reason)
    return drawn.value_and_grad, drawn.params


@takes(path=file, problem=function, **OPTIONS)
def replay(path: str | Path, problem: Problem, **options: Any) -> Report:
    """Check a problem at the point of a file that :meth:`Report.save_case` wrote.

    Arguments:
        path: of the file.
        problem: the one of which it was saved, changed or not.
        **options: for :func:`~bpttcheck.check.search.problem.check_point`, such as ``budget``.

    Returns:
        The :class:`Report` of the point, located and with its cause if it is still wrong.

    Raises:
        OSError, TypeError, ValueError: no such file, or none that was saved; the problem has other
            parameters.
    """
    point = saved.read(path)
    if (point.case is not None) != takes_a_case(problem):
        needs = "takes no case" if point.case is not None else "needs a case"
        raise ValueError(
            f"{in_a_line(str(path))}: saved of another kind of problem; this one {needs}"
        )

    report = check_point(
        problem,
        point.case,
        lambda drawn: _put(path, point, drawn),
        **{"seed": point.seed} | options,
    )
    if point.loss is not None and report.loss is not None and report.loss != point.loss:
        note = f"the loss was {point.loss!r} when the case was saved: the code or its data changed"
        report = replace(report, notes=(*report.notes, note))
    return replace(report, target=point.target or report.target)


def _put(path: str | Path, point: saved.SavedCase, drawn: Drawn) -> Any:
    """Return the parameters of a draw with the saved numbers in their place."""
    now = contract.parameters(drawn.params)
    if list(map(str, now)) != list(point.params):
        names, saved_names = ", ".join(map(str, now)), ", ".join(point.params)
        raise ValueError(f"{path}: saved with the parameters {saved_names}, got {names}")
    for name, array in now.items():
        old = point.params[str(name)]
        if old.shape != array.shape or old.dtype != array.dtype:
            raise ValueError(
                f"{path}: saved with {name} of shape {old.shape} and dtype {old.dtype}, "
                f"got shape {array.shape} and dtype {array.dtype}"
            )
    return rebuilt(drawn.params, lambda _: point.params)
