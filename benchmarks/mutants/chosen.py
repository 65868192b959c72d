"""Which tests touch a line, and how long they take: recorded once, by pytest-cov's contexts."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar

from benchmarks.mutants import cutoff
from benchmarks.mutants.mutant import Mutant, statement_lines
from benchmarks.mutants.rooms import room, tests_of

IGNORED = ("tests/browser", "tests/site_tools")
"""Tests of the site, which a mutant of the package would be noticed by only in passing."""

LONG = 10.0
"""Seconds that a test is said to take which was cut off."""

SETTINGS = """[run]
branch = false
source = bpttcheck
core = ctrace
"""


def environment(day: str, root: Path) -> dict[str, str]:
    """Return the environment in which tests are asked: that of CI, on one day, on one thread."""
    return {
        **os.environ,
        "BPTTCHECK_DAY": day,
        "CI": "true",
        "HYPOTHESIS_PROFILE": "ci",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(root),
    }


def record(folder: Path, root: Path, day: str) -> None:
    """Run the suite once, in a copy of the repository, and keep what touched what."""
    settings = folder / "coveragerc"
    settings.write_text(SETTINGS, encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("-p", "benchmarks.mutants.cutoff"),
            *(f"--ignore={path}" for path in IGNORED),
            *("--cov=bpttcheck", f"--cov-config={settings}", "--cov-context=test"),
            *("--cov-report=", f"--junitxml={folder / 'junit.xml'}", "-o", "junit_family=xunit1"),
            "tests",
        ],
        cwd=root,
        env=environment(day, root) | {"COVERAGE_FILE": str(folder / "coverage")},
        check=False,  # a test that fails here is left out
    )


@dataclass(frozen=True)
class Record:
    """What was recorded.

    Arguments:
        folder: where ``coverage`` and ``junit.xml`` are.
        root: where the files were that were run.
    """

    folder: Path
    root: Path

    @cached_property
    def seconds(self) -> Mapping[str, float]:
        """How long every test took that passed, by its ID; fixtures that it shares included."""
        return {name: seconds for name, seconds, passed in self._cases if passed}

    @cached_property
    def _cases(self) -> list[tuple[str, float, bool]]:
        found = []
        for path in sorted(self.folder.glob("junit*.xml")):
            for case in ElementTree.parse(path).getroot().iter("testcase"):
                file = case.get("classname", "").replace(".", "/") + ".py"
                name, seconds = f"{file}::{case.get('name')}", float(case.get("time", 0))
                skipped = case.find("skipped")
                if skipped is not None and cutoff.SAID in skipped.get("message", ""):
                    found.append((name, max(seconds, LONG), True))
                    continue
                ended = ("failure", "error", "skipped")
                found.append((name, seconds, all(case.find(what) is None for what in ended)))
        return found

    @cached_property
    def known(self) -> frozenset[str]:
        """The IDs of all tests that there were, those that were skipped included."""
        return frozenset(name for name, _, _ in self._cases)

    @cached_property
    def files(self) -> Mapping[str, Mapping[int, frozenset[str]]]:
        """The tests that touch every line of a file."""
        return _Files(self)

    def touching(self, mutant: Mutant, source: str) -> frozenset[str]:
        """Return the tests that run the statement of a mutant.

        What is declared runs when it is imported, by no test: then all that run any line of
        the file do.
        """
        lines = self.files[mutant.path]
        if not mutant.declared:
            own = [lines.get(n, frozenset()) for n in statement_lines(source, mutant.line)]
            if any(own):
                return frozenset().union(*own)
        return frozenset().union(*lines.values())

    def rounds(self, mutant: Mutant, source: str, near: int = 5) -> list[list[str]]:
        """Return the tests to ask, in turn: those near by, then the others.

        Near are the files of the room's own tests, and a few more that take least. A mutant that no
        test touches, as in a process of its own, is asked of its room's tests.
        """
        touching = self.touching(mutant, source) & self.seconds.keys()
        own = tests_of(room(mutant.path))
        if not touching or mutant.declared:
            touching |= {test for test in self.seconds if test.startswith(own)}
        by_file: dict[str, list[str]] = {}
        for test in sorted(touching, key=lambda t: (round(self.seconds[t], 1), t)):
            by_file.setdefault(test.partition("::")[0], []).append(test)
        cost = {file: sum(self.seconds[t] for t in tests) for file, tests in by_file.items()}
        others = sorted((f for f in by_file if not f.startswith(own)), key=cost.__getitem__)
        first = {f for f in by_file if f.startswith(own)} | set(others[:near])
        parts = [[t for f, ts in by_file.items() if (f in first) == now for t in ts]
                 for now in (True, False)]  # fmt: skip
        return [sorted(part, key=lambda t: self._turn(t, own)) for part in parts if part]

    def _turn(self, test: str, own: tuple[str, ...]) -> tuple[int, str]:
        """Return when a test comes: the fast ones first, files not torn apart too often.

        Of as fast ones the room's come first, and its slower ones before the others' that are.
        """
        slow = sum(self.seconds[test] > bound for bound in (0.1, 1.0, 5.0))
        return slow + 2 * (not test.startswith(own)), test


class NothingRecorded:
    """In the place of a record where a few mutants do not repay the hour that it takes.

    The files of the room's tests are asked, and those that name the module; then all others.
    """

    seconds: ClassVar[Mapping[str, float]] = {}
    known: ClassVar[frozenset[str]] = frozenset()

    def rounds(self, mutant: Mutant, source: str) -> list[list[str]]:
        """Return no test, twice: files are chosen by their names."""
        return [[], []]


class _Files(Mapping[str, Mapping[int, frozenset[str]]]):
    def __init__(self, record: Record) -> None:
        from coverage import CoverageData

        self._root = record.root
        self._data = CoverageData(str(record.folder / "coverage"))
        self._data.read()
        self._of = lru_cache(8)(self._lines)

    def __getitem__(self, path: str) -> Mapping[int, frozenset[str]]:
        return self._of(path)

    def __iter__(self):
        return iter(self._data.measured_files())

    def __len__(self) -> int:
        return len(self._data.measured_files())

    def _lines(self, path: str) -> Mapping[int, frozenset[str]]:
        contexts = self._data.contexts_by_lineno(str(self._root / path))
        return {
            line: frozenset(c.partition("|")[0] for c in of if c) for line, of in contexts.items()
        }
