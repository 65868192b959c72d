"""What is asked of a mutant: whether a test fails, and whether ``bpttcheck verify`` rejects it."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

SLOW, MORE, COMPILING = 20.0, 10.0, 60.0
"""A test hangs, and fails, that takes so many times longer than recorded, and seconds more."""


PROFILE = "mutants"
"""Hypothesis' profile: who fails is enough, the smallest example takes longest."""


class _Chosen:
    """A plugin of pytest: these tests, in this order, each for so long; who failed first.

    Tests that are too new to be known come before all others: those with a hint in their ID, those
    of the room, and then file by file, as they are given.
    """

    def __init__(
        self,
        tests: Mapping[str, float],
        known: Set[str],
        own: tuple[str, ...],
        hints: Sequence[str],
        more: float,
    ) -> None:
        self._order = {test: i for i, test in enumerate(tests)}
        self._seconds, self._known, self._own, self._hints = tests, known, own, hints
        self._more = more
        self.failed = ""
        self.why = ""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        new = {item.nodeid for item in items} - self._known
        items[:] = [item for item in items if item.nodeid in self._order or item.nodeid in new]
        items.sort(key=lambda item: self._place(item.nodeid))

    def _place(self, test: str) -> tuple[bool, int, bool, int]:
        if test in self._order:
            return True, 0, False, self._order[test]
        hinted = (i for i, hint in enumerate(self._hints) if hint in test)
        return False, next(hinted, len(self._hints)), not test.startswith(self._own), 0

    def pytest_runtest_setup(self, item: Any) -> None:
        def hangs(*_: object) -> None:
            import pytest

            pytest.fail("hangs", pytrace=False)

        signal.signal(signal.SIGPROF, hangs)
        limit = self._more + SLOW * self._seconds.get(item.nodeid, 1.0)
        signal.setitimer(signal.ITIMER_PROF, limit, limit)

    def pytest_runtest_teardown(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed, self.why = report.nodeid, _last(report)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed, self.why = report.nodeid, _last(report)


def _last(report: Any) -> str:
    lines = [line for line in str(report.longrepr).splitlines() if line.strip()]
    told = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (told or lines or [""])[-1][:200]


def _without_shrinking() -> None:
    """Let Hypothesis draw as in CI (see ``tests/conftest.py``), and stop where something fails."""
    with contextlib.suppress(ImportError):
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            PROFILE,
            derandomize=True,
            max_examples=30,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            phases=[Phase.explicit, Phase.generate],
            report_multiple_bugs=False,
        )
        os.environ["HYPOTHESIS_PROFILE"] = PROFILE


def failing(
    seconds: Mapping[str, float],
    known: Set[str],
    files: Iterable[str],
    own: tuple[str, ...] = (),
    hints: Sequence[str] = (),
    more: float = MORE,
) -> Any:
    """Return the question whether one of these tests fails; pytest's status answers it.

    Arguments:
        seconds: how long each takes, by its ID, in the order in which they are asked.
        known: the IDs of all that there were when that was recorded.
        files: further files, of which the tests that are not known are asked too.
        own: the folders of the room's own tests.
        hints: parts of the IDs of those of them to ask first.
        more: seconds that a test may take longer, beside :data:`SLOW` times as long.
    """

    def question(left: Path) -> int:
        import pytest

        _without_shrinking()
        plugin = _Chosen(seconds, known, own, hints, more)
        asked = list(dict.fromkeys([*files, *(test.partition("::")[0] for test in seconds)]))
        arguments = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short"]
        # What this process has imported before it forked, pytest cannot rewrite any more.
        arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        try:
            return int(pytest.main([*arguments, *asked], plugins=[plugin]))
        except SystemExit as left_by:  # of a module that cannot be imported, in the conftest
            return left_by.code if isinstance(left_by.code, int) else 1
        finally:
            said = {"failed": plugin.failed, "why": plugin.why}
            left.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")

    return question


def imports(_left: Path) -> int:
    """Import the package: 0 where that goes well."""
    importlib.import_module("bpttcheck.cli")
    return 0


def verify(patterns: Sequence[str], examples: int) -> Any:
    """Return the question whether ``bpttcheck verify`` accepts all that some patterns match."""

    def question(left: Path) -> int:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # in this very process, then
        from bpttcheck.cli import main

        for pattern in patterns:
            status = main(["verify", pattern, "--max-examples", str(examples)])
            if status:
                left.write_text(json.dumps({"failed": pattern, "why": f"exit {status}"}))
                return int(status)
        return 0

    return question
