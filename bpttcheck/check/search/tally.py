"""The verdict over all cases: what was right, what could not be seen, where and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bpttcheck.cases import Case, resized
from bpttcheck.check.search.common import where
from bpttcheck.check.search.visits import Visits
from bpttcheck.check.verdict.block_verdicts import TOO_LITTLE
from bpttcheck.check.verdict.report import Report
from bpttcheck.ranges import Ranges

ORDINARY = ("given", "no zeros")
"""The regimes that say something of a code at work."""

STAIRS = "staircase"
"""A loss that is one has no derivative that a gradient could be, wherever it is asked."""


@dataclass(frozen=True)
class Group:
    """Cases without a verdict for one reason, and what they have in common."""

    where: str
    why: str
    cases: tuple[Report, ...]

    def __str__(self) -> str:
        between = " " if self.why.startswith(("raises ", "calls ")) else ": "
        return f"{self.where}{between}{self.why}"

    @property
    def example(self) -> Report:
        """The smallest of them."""
        return min(self.cases, key=lambda report: _size(report.case))

    def to_dict(self) -> dict[str, Any]:
        """Return what a program reads."""
        case = self.example.case
        return {
            "where": self.where,
            "why": self.why,
            "cases": len(self.cases),
            "example": None if case is None else case.to_dict(),
            "reason": self.example.reason,
        }


def summed_up(visits: Visits, ranges: Ranges, planned: int, stopped: str = "") -> Report:
    """Return the verdict of cases of which none is wrong.

    It is right if every case that could be seen is, some of them of more than one step and of
    ordinary values, and if every gradient was seen clearly in one of those.

    Arguments:
        visits: the cases that were seen.
        ranges: what makes sense.
        planned: how many cases there are.
        stopped: why they were not all seen, if they were not.
    """
    reports = list(visits.seen.values())
    groups = undecided_groups(visits)
    search = summary(visits, planned, groups)
    rest = [str(group) for group in groups]
    if stopped:
        rest.append(f"{stopped} before {_the_other(planned - len(reports), len(reports))}")
    if not reports:
        return Report("undecided", "; ".join(rest), kind=_stopper(stopped), search=search)
    right = list(visits.of("right").values())
    lacking = _lacking(reports, right, ranges)
    count = f"{len(right)} of {len(reports)} cases"
    if visits.differs:
        reason = f"problem: not the same twice: {visits.differs}"
        shown = replace(_largest(right or reports), kind="not the same twice")
        return _over_all(shown, "undecided", [reason, f"right at {count}", *rest], search, visits)
    if not lacking:
        shown = _largest([r for r in right if _ordinary(r, ranges)])
        return _over_all(shown, "right", [f"at {count}", *rest], search, visits)
    shown = max(groups, key=lambda g: len(g.cases)).example if groups else _largest(right)
    if len(groups) == 1 and not right and len(reports) > 1:
        told = [_everywhere(groups[0])]
    else:
        told = [f"right at {count}" if right else f"seen clearly at none of {len(reports)} cases"]
        told += [lacking] if right else []
        told += [str(group) for group in groups]
    return _over_all(shown, "undecided", [*told, *rest[len(groups) :]], search, visits)


def undecided_groups(visits: Visits) -> list[Group]:
    """Return the cases without a verdict, by what the reason is; the largest group first."""
    found: dict[str, list[Report]] = {}
    for report in visits.of("undecided").values():
        found.setdefault(why(report), []).append(report)
    seen = [case for case in visits.seen if case is not None]
    groups = [
        Group(where([r.case for r in reports], seen), reason, tuple(reports))
        for reason, reports in found.items()
    ]
    return sorted(groups, key=lambda g: -len(g.cases))


def summary(visits: Visits, planned: int, groups: Sequence[Group] = ()) -> dict[str, Any]:
    """Return what a program reads of a search: counts, and what was not decided."""
    verdicts = dict.fromkeys(report.verdict for report in visits.seen.values())
    return {
        "cases": {verdict: visits.count(verdict) for verdict in verdicts},
        "planned": planned,
        "undecided": [group.to_dict() for group in groups],
        "lines": [f"{_with_example(g)}: {g.example.reason}" for g in groups],
    }


def _with_example(group: Group) -> str:
    """Return where a group is, with the case of it that is quoted, unless it is the only one."""
    case = str(group.example.case)
    return case if group.where == case else f"{group.where}, e.g. {case}"


def why(report: Report) -> str:
    """Return why a point has no verdict, in few words, without its numbers."""
    reason = report.reason.split(": ", 1)[-1]
    if report.kind == "raised":
        found = re.match(r"raised (\S+?)(?: at (.+?:\d+|a cell of the notebook:\d+))?:", reason)
        if found:
            return f"raises {found[1]}" + (f" at {found[2]}" if found[2] else "")
    if report.kind == "exit":
        return reason.replace("called", "calls", 1)
    if report.kind in ("random", "state"):
        return "random, or keeps state between calls"
    if report.kind == "nan":
        return "the loss is not finite"
    if report.kind == "rounded":
        return "the loss is rounded to few digits"
    reasons = [b.reason for b in report.blocks if b.verdict == "undecided" and b.reason]
    if not reasons:
        return reason
    if all(TOO_LITTLE in one for one in reasons):
        return TOO_LITTLE.removeprefix("is ")
    first = next(one for one in reasons if TOO_LITTLE not in one)
    return re.split(r"[:;(]", first)[0].strip()


def _stopper(stopped: str) -> str:
    return "budget" if "budget" in stopped else "interrupted"


def _everywhere(group: Group) -> str:
    between = "" if group.why.startswith(("raises ", "calls ")) else ","
    told = f"{group.why}{between} at {group.where}"
    messages = {report.reason.split(": ", 2)[-1] for report in group.cases}
    said = messages.pop()
    return f"{told}: {said}" if group.why.startswith("raises ") and not messages else told


def _the_other(missing: int, seen: int) -> str:
    if not seen:
        return "the first case was judged"
    return f"the other {missing}" if missing else "the last one was judged"


def _lacking(reports: Sequence[Report], right: Sequence[Report], ranges: Ranges) -> str:
    """Return what is missing for "right"; empty if nothing is."""
    if any(STAIRS in b.reason for r in reports for b in r.blocks if b.verdict == "undecided"):
        return f"the loss is a {STAIRS}"
    if not any(_ordinary(report, ranges) for report in right):
        steps = "T ≥ 2 and " if ranges.most("T") > 1 else ""
        return f"none of {steps}ordinary values could be seen"
    names = {block.name: None for report in reports for block in report.blocks}
    clear = {
        block.name
        for report in reports
        for block in report.blocks
        if block.verdict == "right" and _ordinary(report, ranges)
    }
    missed = [name for name in names if name not in clear]
    if missed:
        return f"{', '.join(missed)}: never seen clearly"
    # Where more than three of four ordinary cases could not be seen, too little was.
    ordinary = [r for r in reports if _ordinary(r, ranges) and r.kind not in ("raised", "exit")]
    seen = sum(report.verdict == "right" for report in ordinary)
    return "" if 4 * seen >= len(ordinary) else f"{seen} of {len(ordinary)} ordinary cases seen"


def _ordinary(report: Report, ranges: Ranges) -> bool:
    """Tell whether a case says something of a code at work, or as much as makes sense."""
    case = report.case
    regimes = [name for name in ORDINARY if name in ranges.regimes] or ranges.regimes
    return case.regime in regimes and (case.T > 1 or ranges.most("T") < 2)


def _over_all(
    shown: Report, verdict: str, told: Sequence[str], search: dict[str, Any], visits: Visits
) -> Report:
    kind = "" if verdict == "right" else shown.kind or "undecided"
    notes = tuple(dict.fromkeys((*shown.notes, *visits.notes)))
    return replace(
        shown, verdict=verdict, reason="; ".join(told), search=search, kind=kind, notes=notes
    )


def _largest(reports: Sequence[Report]) -> Report:
    return max(reports, key=lambda report: _size(report.case))


def _size(case: Case) -> tuple[int, ...]:
    return (case.T * case.B * case.n, case.T, case.B, case.n, case.m, case.p)


def alone(visits: Visits, case: Case | None, stopped: str) -> Report:
    """Return the verdict of a single point."""
    report = visits.seen.get(case)
    if report is None:
        reason = f"{stopped} before the point was judged"
        return Report("undecided", reason, kind=_stopper(stopped))
    notes = tuple(dict.fromkeys((*report.notes, *visits.notes)))
    if report.ok and visits.differs:
        reason = f"problem: not the same twice: {visits.differs}"
        report = replace(report, verdict="undecided", reason=reason, kind="not the same twice")
    return replace(report, notes=notes)


def here(report: Report) -> str:
    """Return the reason of a failing case: what is right there may be wrong at another."""
    right = [block.name for block in report.blocks if block.verdict == "right"]
    ending = f"{', '.join(right)} right"
    return f"{report.reason} here" if right and report.reason.endswith(ending) else report.reason


def wrong_lines(visits: Visits, case: Case) -> Iterator[str]:
    """Yield what the neighbours of a failing case say: what is needed to fail."""
    for symbol in "TBmnp":
        size = getattr(case, symbol)
        if size > 1:
            yield from _neighbour(visits, resized(case, symbol, size - 1), f"{symbol} = {size - 1}")
    if case.regime != "given" and _verdict(visits, replace(case, regime="given")) == "right":
        yield "right at the parameters as the problem draws them"


def _neighbour(visits: Visits, case: Case, words: str) -> Iterator[str]:
    verdict = _verdict(visits, case)
    if verdict == "right":
        yield f"right at {words}, all else equal"
    if verdict == "undecided":
        yield f"not decided at {words}, all else equal: {why(visits.seen[case])}"


def _verdict(visits: Visits, case: Case) -> str:
    return visits.seen[case].verdict if case in visits.seen else ""


def by_name(visits: Visits) -> Iterator[str]:
    """Yield at which of the cases that were seen each gradient is wrong."""
    asked: dict[str, dict[bool, list[Case]]] = {}
    for report in visits.seen.values():
        for block in report.blocks:
            if block.verdict != "undecided":
                cases = asked.setdefault(block.name, {True: [], False: []})
                cases[block.verdict == "wrong"].append(report.case)
    told: dict[str, list[str]] = {}
    for name, cases in asked.items():
        wrong, right = cases[True], cases[False]
        text = f"right at all {len(right)} cases that asked it"
        if len(right) == 1:
            text = "right at the one case that asked it"
        if wrong:
            here = where(wrong, wrong + right)
            others = "case" if len(right) == 1 else "cases"
            there = f", right at the {len(right)} other {others} that asked it" if right else ""
            text = f"wrong at {here}{there}"
        told.setdefault(text, []).append(name)
    if any(text.startswith("wrong") for text in told):
        yield from (f"{', '.join(names)}: {text}" for text, names in told.items())
