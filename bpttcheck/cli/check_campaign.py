"""``bpttcheck check --scheduler``: many ordinary checks of one TARGET, each with its own seed.

What is found follows from the seed alone, on however many workers: the first check has the seed
that was given, the k-th that of the k-th child of its SeedSequence, and of wrong ones the first
counts.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bpttcheck.check.program.target import TargetError
from bpttcheck.cli import one_check
from bpttcheck.cli.finding import Found, bare
from bpttcheck.cli.one_check import OneCheck
from bpttcheck.cli.scheduler import cluster_of
from bpttcheck.cli.screen import progress
from bpttcheck.cli.settings import DEFAULTS
from bpttcheck.cli.usage import UsageError
from bpttcheck.verification.driving import Driver, ExecutorLost
from bpttcheck.verification.shards import Failure, ShardOutcome, block_seed

EACH = 40
"""Random cases of one check: as many as ``check`` has by default."""

SHOWN = 5
"""So many of the checks without a verdict are named."""

Progress = Callable[[str, int, int], None]


def planned(target: str, how: Mapping[str, Any], folder: str, skip: int = 0) -> list[OneCheck]:
    """Return the checks of a campaign.

    Raises:
        TargetError: TARGET names nothing.
        OSError: the file that it names cannot be read.
    """
    digest = one_check.digest_of(target, folder)
    options = []
    for name in ("seconds", "only", "cases"):
        value = how.get(name)
        if value == DEFAULTS.get(name):
            continue
        if isinstance(value, str | float | list):  # a table of pyproject.toml is read there too
            text = ",".join(value) if isinstance(value, list) else str(value)
            options += [f"--{name}", text]
    options += ["--thorough"] if how.get("thorough") else []
    total, seed = how["max_examples"], how["seed"]
    return [
        OneCheck(
            number,
            target,
            folder,
            digest,
            block_seed(seed, number) if number else seed,
            min(EACH, total - number * EACH),
            float(how["budget"]),
            tuple(options),
        )
        for number in range(skip, -(-total // EACH))
    ]


class CheckCampaign:
    """The checks of a campaign, handed out in their order, and what came of them."""

    do = staticmethod(one_check.do)

    def __init__(self, checks: Iterable[OneCheck], progress: Progress) -> None:
        self.checks = list(checks)
        self.reports: dict[OneCheck, Mapping[str, Any]] = {}
        self.failures: dict[OneCheck, Failure] = {}
        self.refused: Mapping[str, Any] | None = None
        """Why no worker can do it: the error that one of them told."""
        self._left = deque(self.checks)
        self._progress = progress

    def next(self, _sharers: int) -> OneCheck | None:
        """Return the next check; None where what comes later can change nothing."""
        wrong = self.wrong
        if self.refused or not self._left or (wrong and self._left[0].number > wrong.number):
            return None
        return self._left.popleft()

    def again(self, shards: Iterable[OneCheck]) -> None:
        """Take back checks that were lost."""
        self._left.extendleft(shards)

    def take(self, check: OneCheck, outcome: ShardOutcome) -> None:
        """Take in what a check found."""
        (report,) = outcome.found.values()
        if report["error"]:
            self.refused = report["error"]
            return
        self.reports[check] = report
        cases = sum(one.examples for one in self.reports)
        self._progress(check.target, cases, sum(one.examples for one in self.checks))

    def fail(self, check: OneCheck, failure: Failure) -> None:
        """Note that a check cannot be done."""
        self.failures[check] = failure

    @property
    def wrong(self) -> OneCheck | None:
        """The first check known to be wrong."""
        wrong = [check for check, report in self.reports.items() if report["verdict"] == "wrong"]
        return min(wrong, key=lambda check: check.number, default=None)

    @property
    def missing(self) -> list[OneCheck]:
        """The checks that nothing is known of."""
        return [check for check in self.checks if check not in self.reports]

    def summed_up(self, found: Found, stopped: str = "") -> None:
        """Put down what all checks together say, where none is wrong.

        Arguments:
            found: takes it.
            stopped: why it did not come to its end, if it did not.
        """
        verdicts = Counter(str(report["verdict"]) for report in self.reports.values())
        cases = Counter[str]()
        for report in self.reports.values():
            search = report["search"]
            cases.update(search["cases"] if search else [report["verdict"]])
        lines = self._undecided()
        if stopped and self.missing:
            lines.append(f"{stopped}; --skip {self.missing[0].number} goes on from here")
        open_ = len(self.checks) - verdicts["right"]
        ok, verdict = not open_, "undecided" if open_ else "right"
        seen = sum(cases.values())
        reason = f"at {cases['right']:,} of {seen:,} cases, in {len(self.reports):,} checks"
        if not ok:
            reason = f"{open_:,} of {len(self.checks):,} checks are not decided; right {reason}"
        kind = "" if ok else "interrupted" if stopped else "undecided"
        calls = self._calls()
        searches = [report["search"] or {"planned": 1} for report in self.reports.values()]
        found.report = {
            **bare(verdict, reason, kind),
            "ok": ok,
            "seed": self.checks[0].seed,
            "evaluations_in_all": calls,
            "search": {
                "cases": dict(cases),
                "planned": sum(search["planned"] for search in searches),
                "undecided": self._groups(),
                "lines": lines,
                "checks": {**verdicts, "planned": len(self.checks)},
            },
        }
        told = f"{calls['loss']:,} losses and {calls['value_and_grad']:,} gradients evaluated"
        first = f"right {reason}" if ok else f"undecided: {reason}"
        found.text = "\n".join([first, *lines, "", told])

    def _calls(self) -> dict[str, int]:
        total = Counter[str]()
        for report in self.reports.values():
            total.update(report["evaluations_in_all"])
        return {name: total[name] for name in ("loss", "value_and_grad")}

    def _groups(self) -> list[Mapping[str, Any]]:
        """Return why cases have no verdict: each reason once, with how many cases there are."""
        together: dict[str, dict[str, Any]] = {}
        for report in self.reports.values():
            for group in (report["search"] or {}).get("undecided", ()):
                known = together.setdefault(group["why"], {**group, "cases": 0})
                known["cases"] += group["cases"]
        return sorted(together.values(), key=lambda group: -group["cases"])

    def _undecided(self) -> list[str]:
        """Return which checks have no verdict, and how each is asked again."""
        why = {
            check: report["reason"]
            for check, report in self.reports.items()
            if report["verdict"] == "undecided"
        }
        why |= {check: failure.reason for check, failure in self.failures.items()}
        lines = [f"{' '.join(check.again[:4])}: {why[check]}" for check in sorted(why, key=_number)]
        more = [f"and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
        return lines[:SHOWN] + more


def driven(found: Found, how: Mapping[str, Any], scheduler: str, skip: int) -> CheckCampaign:
    """Have a campaign made by the workers of a scheduler; where none is wrong, sum it up.

    Raises:
        UsageError: there is no such scheduler, or no such TARGET here or on its workers.
    """
    try:
        checks = planned(found.target, how, str(Path.cwd()), skip)
    except TargetError as wrong:
        raise UsageError(str(wrong)) from wrong
    except OSError as error:
        raise UsageError(f"TARGET: {found.target}: {error.strerror}") from error
    if not checks:
        raise UsageError(f"--skip: expected fewer than all checks of the campaign, got {skip}")
    stopped = ""
    with cluster_of(scheduler) as cluster, progress() as report:
        campaign = CheckCampaign(checks, report)
        try:
            Driver(campaign, cluster, cluster.sharers).run()
        except KeyboardInterrupt:
            found.interrupted, stopped = True, "interrupted"
        except ExecutorLost as lost:
            stopped = str(lost)
    if campaign.refused:
        found.error, found.kind = campaign.refused["message"], campaign.refused["kind"]
    elif campaign.wrong is None or found.interrupted:
        campaign.summed_up(found, stopped)
    return campaign


def _number(check: OneCheck) -> int:
    return check.number
