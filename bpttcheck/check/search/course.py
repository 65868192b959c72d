"""The course of a check: the verdict, a smaller case, the wrong entries, the cause; in a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from bpttcheck import arguments
from bpttcheck.cases import Case
from bpttcheck.check.program import contract
from bpttcheck.check.program.clock import Clock, Spent, within
from bpttcheck.check.program.probe_point import ProbePoint
from bpttcheck.check.program.process_state import randomness_kept, undisturbed
from bpttcheck.check.search import tally
from bpttcheck.check.search.drawing import Drawn, Problem
from bpttcheck.check.search.shrink import shrunk
from bpttcheck.check.search.visits import Visits
from bpttcheck.check.verdict.further_points import further_points, walked
from bpttcheck.check.verdict.report import Report
from bpttcheck.check.verdict.undiagnosed import undiagnosed
from bpttcheck.ranges import Ranges

Progress = Callable[[str, int, int], None]

TELLING = (
    Case(T=6, B=5, m=3, n=4, p=2, regime="no zeros", seed=7),
    Case(T=5, B=3, m=3, n=3, p=3, regime="no zeros", seed=8),
    Case(T=13, B=2, m=2, n=4, p=3, regime="given", seed=9),
)
"""Where mistakes differ: all sizes different, all weights square, more steps than a truncation."""

ALWAYS = (
    TELLING[0],
    Case(T=1, B=1, m=2, n=3, p=2, regime="given", seed=1),
    Case(T=2, B=2, m=2, n=3, p=2, regime="no zeros", seed=2),
    Case(T=8, B=2, m=2, n=3, p=3, regime="given", seed=3),
    Case(T=8, B=2, m=2, n=3, p=2, regime="saturated", seed=5),
    Case(T=12, B=1, m=1, n=2, p=2, regime="no zeros", seed=6),
)
"""Visited whatever chance draws: long and short, batches, zero and other biases, saturation.

The first shows most mistakes: whoever waits for the verdict on wrong code waits for one case.
"""

BUDGET = 120.0
"""Seconds for the verdict and its cause together, by default."""

PLACES = 5
"""A cause has to reproduce the gradients at so many points besides the failing one."""

TRIALS = 8
"""So many questions are usual until a failing case is small: what progress is measured by."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a search; ``report`` says what was seen until then."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


class Course:
    """Visits the planned cases until one is wrong, and goes on from there.

    ``alone`` says that there is one point, whose verdict is the verdict.
    """

    def __init__(
        self,
        problem: Problem,
        planned: list[Case | None],
        ranges: Ranges,
        *,
        put: Mapping[Case | None, Callable[[Drawn], Any]] | None = None,
        seed: int = 0,
        progress: Progress | None = None,
        budget: float | None = BUDGET,
        on_verdict: Callable[[Report], None] | None = None,
        on_report: Callable[[Report], None] | None = None,
        verdict_only: bool = False,
        mend: bool = True,
        only: Sequence[str] = (),
        data: Any = None,
        locate: bool = True,
        **options: Any,
    ) -> None:
        names = (only,) if isinstance(only, str) else tuple(only or ())
        options |= {"only": names} if names else {}
        self.visits = Visits(problem, seed, options, names, put or {})
        self.visits.doubting = any(case and case.regime != "saturated" for case in planned)
        self.planned, self.ranges = planned, ranges
        self.alone = planned == [None] or put is not None
        self.data, self.locating, self.mending = contract.data(data), locate, mend
        self.clock = Clock(arguments.seconds("budget", budget))
        self.progress = progress or (lambda *_: None)
        self.on_verdict = on_verdict or (lambda _: None)
        self.on_report = on_report or (lambda _: None)
        self.verdict_only = verdict_only
        self.failing: Case | None = None
        self.best: Report | None = None
        self.missing = "the smallest case and the cause were found"
        self.stopped = ""
        self.notes: list[str] = []

    def run(self) -> Report:
        """Return the report of the whole search."""
        try:
            with undisturbed(), within(self.clock):
                return self._run()
        except KeyboardInterrupt as stop:
            if isinstance(stop, Interrupted):
                raise
            found = getattr(stop, "mend", None)
            if found is not None and self.best is not None:
                self.best = replace(self.best, mend=found)
            self.stopped = "interrupted"
            self.notes.append(f"interrupted before {self.missing}")
            raise Interrupted(self._so_far()) from None

    def _run(self) -> Report:
        for done, case in enumerate(self.planned):
            with self._budgeted():
                if self.visits.wrong(case):
                    self.failing, self.best = case, self.visits.at(case)
            if self.best is not None or self.stopped:
                break
            self.progress("search", done + 1, len(self.planned))
        if self.best is None:
            self.failing = self.visits.convicted()
            self.best = self.visits.seen[self.failing] if self.failing is not None else None
        # Before the rest, which takes longer: who waits is told at once.
        self.on_verdict(self._first_word())
        if self.best is not None and not self.verdict_only:
            if self.failing is not None and not self.alone:
                self._shrink(self.failing)
            if self.locating:
                self._explain()
            if self.mending:
                self._mend()
        return self._so_far()

    @contextmanager
    def _budgeted(self, without: str = "") -> Iterator[None]:
        """Leave the block where the budget is over, and note what is missing for that."""
        try:
            yield
        except Spent:
            self.stopped = f"the budget of {self.clock.seconds:g} s was over"
            if without:
                self.notes.append(f"{without}: {self.stopped}")

    def _shrink(self, case: Case) -> None:
        asked = len(self.visits.seen)

        def fails(smaller: Case) -> bool:
            done = len(self.visits.seen) - asked
            self.progress("shrink", done, max(TRIALS, done + 1))
            wrong = self.visits.wrong(smaller)
            if wrong:  # it stays, whatever ends the search
                self.failing, self.best = smaller, self.visits.at(smaller)
            return wrong

        with self._budgeted("the case may not be the smallest"):
            shrunk(case, fails, self.ranges)
            self.visits.again(self.failing)

    def _explain(self) -> None:
        """Ask every gradient of the failing point, locate the wrong ones, and find the cause."""
        assert self.best is not None
        self.progress("locate", 0, 1)
        with self._budgeted("the wrong entries are not all located"):
            self.best = self.visits.located(self.failing)
            self.clock.strike()
        self.progress("locate", 1, 1)
        if self.best.evidence is None:
            return
        from bpttcheck.check.cause.diagnose import diagnosed  # a third of the package

        self.progress("cause", 0, 1)
        with self._budgeted("no cause is named"), randomness_kept():
            self.best = self._borne_out(
                diagnosed(
                    self.best,
                    self._further_points,
                    self._located,
                    self.data,
                    self.clock,
                    checked=undiagnosed,
                    cells=contract.cells_of(self.visits.problem),
                )
            )
        self.progress("cause", 1, 1)

    def _mend(self) -> None:
        """Look for the edit of the code that makes it right."""
        assert self.best is not None
        if self.best.evidence is None or self.clock.over:
            return
        from bpttcheck.check.search import again, mending  # right code does without

        self.missing = "a mend was found"
        self.on_report(self._so_far())
        self.progress("mend", 0, 1)
        with self._budgeted("no mend was looked for"):
            places = again.places(self.visits, self.ranges, self.best, self._further_points)
            failed: list[Case | None] = []
            right = partial(again.right, self.visits, self.planned, self.ranges, failed=failed)
            further = partial(again.failed_point, self.visits, self.best, failed)
            maker = getattr(self.visits.problem, "__qualname__", "")
            code = mending.UserCode(self.visits.made, right, maker, further)
            self.best = mending.mended(self.best, places, code, self.clock.left)
        self.progress("mend", 1, 1)

    def _further_points(self, report: Report) -> list[ProbePoint]:
        """Return the code at shapes that tell mistakes apart, and at large ones, failing or not."""
        if report.case is None:
            assert report.evidence is not None
            return further_points(report.evidence.calls, report)
        wrong = sorted((c for c in self.visits.of("wrong") if c is not None), key=tally._size)
        telling = self.ranges.all_clamped((*TELLING, *wrong[:-3:-1], *ALWAYS[:2:-2]))
        cases = [case for case in telling if case != report.case][:PLACES]
        found = [self.visits.probed(report, case) for case in cases]
        return [point for point in found if point is not None]

    def _located(self) -> list[Report]:
        assert self.best is not None
        if self.best.case is None:
            assert self.best.evidence is not None
            return walked(self.best.evidence.calls, self.best)
        telling = self.ranges.all_clamped(TELLING[:2])
        return [self.visits.located(case) for case in telling if case != self.failing]

    def _borne_out(self, report: Report) -> Report:
        """Return the report without a cause that rests on the smallest case, or that others belie.

        In a case of few steps and states many mistakes are the same; and a gradient is not zero
        where another case has one that is not.
        """
        if report.cause is None:
            return report
        mistakes = [m for e in report.cause.explanations for m in e.mistakes]
        zero = {name for m in mistakes if m.cause == "zero" for name in m.labels}
        if zero & self.visits.nonzero:
            why = "at the points that were tried a gradient is zero, but not at all"
        elif report.cause.points < 2 and not self.alone:
            why = f"{report.cause.name} reproduces the gradients at one point alone"
        else:
            return report
        return replace(report, cause=None, notes=(*report.notes, f"no cause is named: {why}"))

    def _first_word(self) -> Report:
        """Return the report of the verdict; it says what is yet to come."""
        report = self._so_far()
        if self.best is None or self.verdict_only:
            return report
        rest = ["all that is wrong", *([] if self.alone else ["the smallest case"])]
        rest = [*rest, "the cause"] if self.locating else rest
        return replace(report, reason=f"{report.reason}; {_and(rest)} will follow")

    def _so_far(self) -> Report:
        if self.best is not None:
            report = self._wrong(self.best)
        elif self.alone:
            report = tally.alone(self.visits, self.planned[0], self.stopped)
        else:
            report = tally.summed_up(self.visits, self.ranges, len(self.planned), self.stopped)
        report = replace(report, target=_name(self.visits.problem))
        total = (self.clock.losses, self.clock.gradients)
        if self.alone:  # what was asked of the point is all that was asked
            return replace(report, losses=total[0], gradients=total[1])
        return replace(report, total=total)

    def _wrong(self, report: Report) -> Report:
        notes = tuple(dict.fromkeys((*report.notes, *self.visits.notes, *self.notes)))
        report = replace(report, notes=notes)
        if self.alone:
            return report
        lines = list(tally.wrong_lines(self.visits, report.case))
        if report.cause is None:
            lines += tally.by_name(self.visits)
        search = tally.summary(self.visits, len(self.planned)) | {"lines": lines}
        return replace(report, search=search, reason=tally.here(report))


def _name(problem: Problem) -> str:
    """Return where a function is from, as the command line names it; empty if it has no name."""
    name, module = getattr(problem, "__qualname__", ""), getattr(problem, "__module__", None)
    return f"{module}:{name}" if name and module else name


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
