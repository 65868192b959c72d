"""The cases that a search has asked, and what was said at each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bpttcheck.cases import Case
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.clock import current
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.search.drawing import Drawn, Problem, anew, draw, seeded, unlike
from bpttcheck.check.verdict.block_verdicts import ORACLE
from bpttcheck.check.verdict.report import Report
from bpttcheck.check.verdict.undiagnosed import beside, calls_of, deepened, judged

TWICE = 2
"""At the first so many cases a problem is called a second time."""

FEWEST = 2
"""Saturated cases that are wrong alone have to be so many."""

DOUBT = "off by differences alone, which rounding may be where units are saturated"

GLOBALLY = "problem draws from global generators, which were seeded by the case; better: case.rng"


@dataclass
class Visits:
    """Asks a problem at cases, each once; keeps the points that are wrong as they were drawn.

    ``differs`` says how a second call of the problem differed from the first, if one did.
    ``nonzero`` are the gradients that were somewhere not zero. ``put`` returns other parameters
    than were drawn, at some cases. ``doubting`` says that saturated cases alone do not convict.
    """

    problem: Problem
    seed: int
    options: Mapping[str, Any]
    only: tuple[str, ...] = ()
    put: Mapping[Case | None, Callable[[Drawn], Any]] = field(default_factory=dict)
    seen: dict[Case | None, Report] = field(default_factory=dict)
    nonzero: set[str] = field(default_factory=set)
    differs: str = ""
    doubting: bool = False
    _suspects: dict[Case | None, Report] = field(default_factory=dict)
    _guilty: Counter[str] = field(default_factory=Counter)
    _drawn: dict[Case | None, Drawn] = field(default_factory=dict)
    _globally: int = 0

    def at(self, case: Case | None) -> Report:
        """Return the report at a case, without the places of what is wrong.

        The gradient that was wrong most often is asked first, and alone if it is wrong again: the
        search wants to know where the code fails, and has many cases to ask.

        Raises:
            Spent: the budget is over.
        """
        if case not in self.seen:
            self.seen[case] = self._asked(case)
        return self.seen[case]

    def wrong(self, case: Case | None) -> bool:
        """Tell whether the gradients are wrong at a case."""
        return self.at(case).verdict == "wrong"

    def count(self, verdict: str) -> int:
        """Return at how many cases this was the verdict."""
        return sum(report.verdict == verdict for report in self.seen.values())

    def of(self, verdict: str) -> dict[Case | None, Report]:
        """Return the cases of a verdict."""
        return {case: r for case, r in self.seen.items() if r.verdict == verdict}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the problem, whatever the case."""
        notes = [GLOBALLY] if self._globally > 1 else []
        if self.differs:
            notes.append(f"the problem is not the same twice: {self.differs}")
        return tuple(notes)

    def again(self, case: Case | None) -> None:
        """Call the problem a second time at a case that is wrong: the same has to come."""
        if not self.differs and case in self._drawn:
            self._compare(case, self._drawn[case])

    def located(self, case: Case | None) -> Report:
        """Return the report at a case with every gradient asked, and the wrong ones located.

        A point that is wrong is not drawn again.
        """
        known = self.seen.get(case)
        if known is not None and known.verdict == "wrong":
            return replace(deepened(known, current(), self.only), case=case, point=known.point)
        drawn = self._draw(case)
        if isinstance(drawn, Report):
            return drawn
        return self._judged(case, self._calls(drawn), locate=True)

    def probed(self, report: Report, case: Case) -> ProbePoint | None:
        """Return what the code says at a case, unchecked; None if it says nothing there."""
        drawn = self._drawn.get(case) or self._draw(case)
        return None if isinstance(drawn, Report) else beside(report, self._calls(drawn), case)

    def made(self, case: Case | None) -> Callable[..., Any]:
        """Return the function of the problem at a case, made anew; nothing is contained."""
        function: Callable[..., Any] = self.problem(*(() if case is None else (anew(case),)))[0]
        return function

    def _draw(self, case: Case | None) -> Drawn | Report:
        drawn = draw(self.problem, case, self.options.get("seconds"))
        if isinstance(drawn, Report):
            return drawn
        self._globally += drawn.globally
        if case not in self.put:
            return drawn
        return replace(drawn, params=self.put[case](drawn))

    def _asked(self, case: Case | None) -> Report:
        current().strike()
        drawn = self._draw(case)
        if isinstance(drawn, Report):
            return drawn
        suspect = next((name for name, _ in self._guilty.most_common(1)), "")
        try:
            calls = self._calls(drawn)
        except (TypeError, ValueError) as refused:
            if not any(report.blocks for report in self.seen.values()):
                raise
            return Report("undecided", str(refused), kind="contract", case=case)
        report = self._judged(case, calls, locate=False, suspect=suspect, enough=True)
        if report.evidence is not None:
            self.nonzero |= {n for n, g in report.evidence.claim.items() if g.any()}
        # Before anything is called wrong: a problem that is not the same twice proves nothing.
        if len(self.seen) < TWICE or (report.verdict == "wrong" and not self._guilty):
            self._compare(case, drawn)
        if self._in_doubt(case, report):
            self._drawn[case] = drawn
            self._suspects[case] = replace(report, point=calls.point())
            return replace(
                report,
                verdict="undecided",
                reason=DOUBT,
                kind="undecided",
                blocks=(),
                evidence=None,
            )
        if report.verdict != "wrong":
            return replace(report, evidence=None)
        self._guilty.update(b.name for b in report.blocks if b.verdict == "wrong")
        self._drawn[case] = drawn
        return replace(report, point=calls.point())

    def _in_doubt(self, case: Case | None, report: Report) -> bool:
        """Tell whether differences alone reject a saturated case, and nothing else is wrong."""
        if case is None or case.regime != "saturated" or not self.doubting or self._guilty:
            return False
        wrong = [block for block in report.blocks if block.verdict == "wrong"]
        return bool(wrong) and all(b.oracle == ORACLE and b.reason == "" for b in wrong)

    def convicted(self) -> Case | None:
        """Return a saturated case that is wrong after all, since half of those decided are."""
        saturated = [r for c, r in self.seen.items() if c is not None and c.regime == "saturated"]
        right = sum(report.verdict == "right" for report in saturated)
        if len(self._suspects) < max(FEWEST, right):
            return None
        for case, report in self._suspects.items():
            self.seen[case] = report
            self._guilty.update(b.name for b in report.blocks if b.verdict == "wrong")
        return next(iter(self._suspects))

    def _calls(self, drawn: Drawn) -> Calls:
        how = {name: self.options[name] for name in ("loss", "seconds") if name in self.options}
        return calls_of(drawn.value_and_grad, drawn.params, **how)

    def _judged(self, case: Case | None, calls: Calls, **how: Any) -> Report:
        options = {n: v for n, v in self.options.items() if n not in ("loss", "seconds")}
        how = {"seed": self.seed, "clock": current(), **options, **how}
        how["saturated"] = case is not None and case.regime == "saturated"
        with seeded(case):
            return replace(judged(calls, **how), case=case)

    def _compare(self, case: Case | None, drawn: Drawn) -> None:
        other = self._draw(case)
        how = unlike(drawn, other, **self.options)
        if how and not self.differs:
            again = "called again" if case is None else "called again with the same case"
            self.differs = f"{again}, {how}"
