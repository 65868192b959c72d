"""The smallest failing case: mistakes that show at some shapes and regimes only."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bpttcheck.cases import Case
from bpttcheck.check.blocks import TOO_LITTLE
from bpttcheck.check.gradients import beside, check_gradients, undiagnosed
from bpttcheck.check.place import Place
from bpttcheck.check.report import Report

Problem = Callable[..., Any]
Progress = Callable[[str, int, int], None]

ALWAYS = (
    Case(T=1, B=1, m=2, n=3, p=2, regime="given", seed=1),
    Case(T=2, B=2, m=2, n=3, p=2, regime="no zeros", seed=2),
    Case(T=8, B=2, m=2, n=3, p=3, regime="given", seed=3),
    Case(T=8, B=3, m=3, n=4, p=2, regime="no zeros", seed=4),
    Case(T=8, B=2, m=2, n=3, p=2, regime="saturated", seed=5),
    Case(T=12, B=2, m=1, n=2, p=2, regime="no zeros", seed=6),
)
"""Visited whatever chance draws: long and short, batches, zero and other biases, saturation."""

TELLING = (
    Case(T=6, B=5, m=3, n=4, p=2, regime="no zeros", seed=7),
    Case(T=5, B=3, m=3, n=3, p=3, regime="no zeros", seed=8),
    Case(T=13, B=2, m=2, n=4, p=3, regime="given", seed=9),
)
"""Where mistakes differ: all sizes different, all weights square, more steps than a truncation."""

EXAMPLES = 40
"""Random cases beyond those, by default."""


def takes_a_case(problem: Problem) -> bool:
    """Tell whether a problem wants a case: it has a parameter without a default."""
    try:
        parameters = inspect.signature(problem).parameters.values()
    except (TypeError, ValueError):
        return True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in kinds and p.default is p.empty for p in parameters)


def check_problem(
    problem: Problem,
    *,
    max_examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> Report:
    """Check a problem at many shapes and regimes, and report the smallest case that fails.

    Arguments:
        problem: ``problem(case) -> (value_and_grad, params)`` for a :class:`~bpttcheck.cases.Case`
            with T, B, m, n, p, rng and regime; or without an argument, for one point.
        max_examples: random cases, beyond those that are always visited.
        seed: of the random cases and directions.
        progress: called with a word, the cases done, and their number.
        options: for :func:`~bpttcheck.check_gradients`.

    Returns:
        The :class:`Report` of the smallest failing case, with what is needed to fail; or of the
        last case, with how many were right.

    Raises:
        TypeError, ValueError: the problem returns no pair of a function and parameters.
    """
    if not takes_a_case(problem):
        return _point(_called(problem, None), seed, options)
    search = _Search(problem, seed, options, progress or (lambda *_: None), max_examples)
    return search.run()


def _called(problem: Problem, case: Case | None) -> Any:
    arguments = () if case is None else (replace(case),)  # a case of its own: a fresh generator
    try:
        return problem(*arguments)
    except SystemExit as left:
        return Report("undecided", f"problem: called sys.exit({left.code!r})", kind="exit")
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        reason = f"problem: raised {type(error).__name__}: {first}"
        return Report("undecided", reason, kind="raised")


def _point(returned: Any, seed: int, options: Mapping[str, Any]) -> Report:
    point = _problem(returned, None)
    return point if isinstance(point, Report) else check_gradients(*point, seed=seed, **options)


def _problem(returned: Any, case: Case | None) -> Report | tuple[Any, Any]:
    """Return the function and its parameters in the case's regime, or why there are none."""
    if isinstance(returned, Report):
        return replace(returned, case=case)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        what = type(returned).__name__
        raise TypeError(f"problem: expected the pair (value_and_grad, params), got {what}")
    value_and_grad, params = returned
    if case is not None and isinstance(params, Mapping):
        params = case.applied(params)
    return value_and_grad, params


@dataclass
class _Search:
    problem: Problem
    seed: int
    options: Mapping[str, Any]
    progress: Progress
    max_examples: int
    seen: dict[Case, Report] = field(default_factory=dict)
    guilty: Counter[str] = field(default_factory=Counter)
    phase: str = "search"

    def at(self, case: Case) -> Report:
        """Return the report at a case, without the places of what is wrong.

        The gradient that was wrong most often is asked first, and alone if it is wrong again: the
        search wants to know where the code fails, and has many cases to ask.
        """
        if case not in self.seen:
            suspect = next((name for name, _ in self.guilty.most_common(1)), "")
            report = self._checked(case, locate=False, suspect=suspect)
            self.guilty.update(b.name for b in report.blocks if b.verdict == "wrong")
            self.seen[case] = report
            total = len(ALWAYS) + self.max_examples
            if self.phase == "search":
                self.progress(self.phase, min(len(self.seen), total), total)
        return self.seen[case]

    def wrong(self, case: Case) -> bool:
        """Tell whether the gradients are wrong at a case."""
        found = self.at(case).verdict == "wrong"
        if found:
            self.phase = "shrink"
        return found

    def run(self) -> Report:
        """Return the report of the whole search."""
        from bpttcheck.strategies import smallest  # Hypothesis is imported when it is used

        failing = [case for case in ALWAYS if self.wrong(case)]
        found = smallest(self.wrong, max_examples=self.max_examples, seed=self.seed)
        failing += [found] if found is not None else []
        if not failing:
            return self._all_right()
        return self._failed(self._shrunk(min(failing, key=_size), self.wrong))

    def _shrunk(self, case: Case, fails: Callable[[Case], bool]) -> Case:
        """Lower one size after another while it still fails; a regime that is plainer, too."""
        smaller = True
        while smaller:
            smaller = False
            for simpler in _simpler(case):
                if fails(simpler):
                    case, smaller = simpler, True
                    break
        return case

    def _broken(self, case: Case) -> bool:
        report = self.at(case)
        return report.verdict == "undecided" and not _harmless(report)

    def _places(self, report: Report) -> list[Place]:
        """Return the code at shapes that tell mistakes apart, and at the largest that failed."""
        failed = [case for case, report in self.seen.items() if report.verdict == "wrong"]
        found = []
        for case in dict.fromkeys((*TELLING, *sorted(failed, key=_size)[:-3:-1])):
            point = _problem(_called(self.problem, case), case)
            if case != report.case and not isinstance(point, Report):
                found.append(beside(report, *point, case, **self.options))
        return [one for one in found if one is not None]

    def _checked(self, case: Case, **how: Any) -> Report:
        """Return the report at a case, whatever was seen before, without the cause."""
        point = _problem(_called(self.problem, case), case)
        if isinstance(point, Report):
            return point
        report, _ = undiagnosed(*point, seed=self.seed, **{**self.options, **how})
        return replace(report, case=case)

    def _located(self) -> list[Report]:
        return [self._checked(case) for case in TELLING[:2]]

    def _failed(self, case: Case) -> Report:
        from bpttcheck.check.diagnose import diagnosed  # where a cause is looked for alone

        report = diagnosed(self._checked(case), self._places, self._located)
        report = self._borne_out(report)
        lines = []
        for symbol in "TBmnp":
            size = getattr(case, symbol)
            if size > 1 and self.at(replace(case, **{symbol: size - 1})).verdict == "right":
                lines.append(f"right at {symbol} = {size - 1}, all else equal")
        if case.regime != "given" and self.at(replace(case, regime="given")).verdict == "right":
            lines.append("right at the parameters as the problem draws them")
        if report.cause is None:
            lines += self._onset()
        outcomes = Counter(r.verdict for r in self.seen.values())
        return replace(report, search={"cases": dict(outcomes), "lines": lines})

    def _borne_out(self, report: Report) -> Report:
        """Return the report without a cause that another case belies: a gradient is not zero."""
        if report.cause is None:
            return report
        mistakes = [m for e in report.cause.explanations for m in e.mistakes]
        zero = {name for m in mistakes if m.cause == "zero" for name in m.labels}
        claims = [r.evidence.claim for r in self.seen.values() if r.evidence is not None]
        if not any(claim[name].any() for claim in claims for name in zero & claim.keys()):
            return report
        note = "no cause is named: at the points that were tried a gradient is zero, but not at all"
        return replace(report, cause=None, notes=(*report.notes, note))

    def _onset(self) -> list[str]:
        """Say from which T on each gradient is wrong, all other sizes being different."""
        lengths = range(1, TELLING[0].T + 1)
        reports = [self._checked(replace(TELLING[0], T=T), locate=False) for T in lengths]
        groups: dict[str, list[str]] = {}
        for name in dict.fromkeys(b.name for r in reports for b in r.blocks):
            wrong = [
                T for T, r in zip(lengths, reports, strict=True)
                if any(b.name == name and b.verdict == "wrong" for b in r.blocks)
            ]  # fmt: skip
            text = f"right for T = 1 … {lengths[-1]}"
            if wrong == list(lengths[wrong[0] - 1 :] if wrong else ()):
                text = f"wrong from T = {wrong[0]} on" if wrong else text
            elif wrong:
                text = f"wrong at T = {', '.join(map(str, wrong))}"
            groups.setdefault(text, []).append(name)
        if not any(text.startswith("wrong") for text in groups):
            return []
        case = TELLING[0]
        at = f"at B = {case.B}, m = {case.m}, n = {case.n}, p = {case.p}"
        return [f"{', '.join(names)}: {text} ({at})" for text, names in groups.items()]

    def _all_right(self) -> Report:
        reports = list(self.seen.values())
        outcomes = Counter(r.verdict for r in reports)
        broken = [c for c in self.seen if self._broken(c)]
        search = {"cases": dict(outcomes), "lines": []}
        if broken:
            self.phase = "shrink"
            case = self._shrunk(min(broken, key=_size), self._broken)
            return replace(self.at(case), search=search)
        seen = {b.name for r in reports for b in r.blocks if b.verdict == "right"}
        names = {b.name for r in reports for b in r.blocks}
        last = max(reports, key=lambda r: (r.verdict == "right", _size(r.case)))
        if names - seen or last.verdict != "right":
            missed = ", ".join(sorted(names - seen)) or "the loss"
            reason = f"{missed}: never seen clearly in {len(reports)} cases"
            return replace(last, verdict="undecided", reason=reason, search=search)
        reason = f"{outcomes['right']} of {len(reports)} cases"
        if outcomes["undecided"]:
            (why, _), *_ = Counter(_kind(r) for r in reports if not r.ok).most_common(1)
            search["lines"] = [f"undecided in {outcomes['undecided']}: {why}"]
        return replace(last, reason=reason, search=search)


def _size(case: Case) -> tuple[int, ...]:
    return (
        case.T * case.B * case.n,
        case.T,
        case.B,
        case.n,
        case.m,
        case.p,
        case.regime != "given",
    )


def _simpler(case: Case) -> list[Case]:
    found = []
    for symbol in "TBnmp":
        size = getattr(case, symbol)
        found += [replace(case, **{symbol: s}) for s in dict.fromkeys((1, size // 2, size - 1))
                  if 1 <= s < size]  # fmt: skip
    if case.regime != "given":
        found.append(replace(case, regime="given"))
    return found


def _kind(report: Report) -> str:
    """Return why a point has no verdict, without its numbers."""
    first = report.reason.split(": ", 1)[-1].split("; ")[0]
    return "gradients too small to be seen there" if TOO_LITTLE in first else first


def _harmless(report: Report) -> bool:
    """Tell whether a point without a verdict says nothing against the code."""
    saturated = report.case is not None and report.case.regime == "saturated"
    return report.kind == "undecided" or (saturated and report.kind in ("nan", "raised"))
