"""A run: each mutant in turn, what the tests say and what ``verify`` says, kept line by line."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.mutants import asking
from benchmarks.mutants.bench import Bench, Question
from benchmarks.mutants.chosen import IGNORED, NothingRecorded, Record
from benchmarks.mutants.mutant import Mutant, hints
from benchmarks.mutants.reach import Reach
from benchmarks.mutants.rooms import MATHEMATICS, room, tests_of

Row = dict[str, Any]

COMPILED = "tests/bptt/test_compiled.py::"

MOST = 4
"""Files with tests that are newer than the record to ask, beside the room's own."""


@dataclass
class Run:
    """Asks about mutants.

    Arguments:
        bench: where they are tried.
        record: which tests touch what.
        reach: which parts of the registry touch what; None to leave ``verify`` out.
        seconds: of processor time that the tests get for a mutant.
        deciding: that ``verify`` gets.
        examples: random cases a model, for ``verify``.
    """

    bench: Bench
    record: Record | NothingRecorded
    reach: Reach | None
    seconds: float
    deciding: float
    examples: int
    good: set[str] = field(default_factory=set)
    """Tests that were seen to pass here where nothing is wrong."""
    bad: set[str] = field(default_factory=set)
    """Tests that fail here where nothing is wrong: they notice nothing."""

    def warm(self) -> None:
        """Let Numba compile what the tests have it compile, and Python every file.

        Raises:
            RuntimeError: not even the fastest test passes where nothing is wrong.
        """
        self._passes("")
        seconds = {t: s for t, s in self.record.seconds.items() if COMPILED in t}
        if seconds and not (self.bench.copy.parent / "numba").exists():
            question = asking.failing(seconds, self.record.known, (), more=asking.COMPILING)
            self.bench.ask(question, 600)

    def row(self, mutant: Mutant, last: Row | None = None) -> Row:
        """Return what is found out about a mutant, beyond what was the last time."""
        path = self.bench.copy / mutant.path
        source = path.read_text(encoding="utf-8")
        text = mutant.applied(source)
        name = room(mutant.path)
        found: Row = {"key": mutant.key, "room": name, **mutant.as_json()}
        if last is not None and last["tests"]["outcome"] == "killed":
            found["tests"] = last["tests"]
        else:
            found["tests"] = self.tests(mutant, source, text)
        if last is not None and "verify" in last:
            found["verify"] = last["verify"]
        elif self.wants_verify(mutant):
            found["verify"] = self._verify(mutant, source, text)
        return found

    def wants_verify(self, mutant: Mutant) -> bool:
        """Return whether ``verify`` is asked about a mutant."""
        return self.reach is not None and room(mutant.path) in MATHEMATICS

    def tests(self, mutant: Mutant, source: str, text: str) -> Row:
        """Return what the tests say of a mutant, whose file has another text."""
        used, asked = 0.0, 0
        fresh = "/compiled/" in mutant.path
        own, said = tests_of(room(mutant.path)), hints(source, mutant.line)
        parts = self.record.rounds(mutant, source) or [[]]
        for near, part in zip((True, False), parts, strict=False):
            while used < self.seconds:
                chosen = {t: self.record.seconds[t] for t in part if t not in self.bad}
                question = asking.failing(
                    chosen,
                    self.record.known,
                    self._new(mutant, near),
                    own,
                    said,
                    asking.COMPILING if fresh else asking.MORE,
                )
                with self.bench.holding(mutant.path, text):
                    answer = self.bench.ask(question, self.seconds - used, fresh=fresh)
                used += answer.seconds
                failed = str(answer.said.get("failed", ""))
                if answer.status is None:
                    return {"outcome": "out of time", "seconds": round(used, 1)}
                if answer.status in (0, 5):  # all pass, or there are none
                    break
                if self._passes(failed):
                    by = failed or "import"
                    return {"outcome": "killed", "by": by, "why": answer.said.get("why", ""),
                            "seconds": round(used, 1)}  # fmt: skip
                self.bad.add(failed)
            asked += len(part)
        return {"outcome": "survived", "asked": asked, "seconds": round(used, 1)}

    def _new(self, mutant: Mutant, near: bool) -> list[str]:
        """Return the files with tests that are newer than the record, the likely ones first.

        Those are the room's, and a few others that name the module.
        """
        if not near:
            return self._others(mutant) if isinstance(self.record, NothingRecorded) else []
        known = {test.partition("::")[0] for test in self.record.known}
        own = tests_of(room(mutant.path))
        name = re.compile(rf"\b{Path(mutant.path).stem.strip('_')}\b")
        found = []
        for path in sorted((self.bench.copy / "tests").rglob("test_*.py")):
            file = path.relative_to(self.bench.copy).as_posix()
            if file in known or file.startswith(IGNORED):
                continue
            named = len(name.findall(path.read_text(encoding="utf-8")))
            if named or file.startswith(own):
                found.append((not file.startswith(own), -named, file))
        ours = [file for far, _, file in sorted(found) if not far]
        return [*ours, *(file for far, _, file in sorted(found) if far)][: max(len(ours), MOST)]

    def _others(self, mutant: Mutant) -> list[str]:
        every = sorted((self.bench.copy / "tests").rglob("test_*.py"))
        files = [path.relative_to(self.bench.copy).as_posix() for path in every]
        asked, kind = (
            self._new(mutant, True),
            MATHEMATICS if room(mutant.path) in MATHEMATICS else (),
        )
        alike = tuple(folder for name in kind for folder in tests_of(name))
        left = [file for file in files if file not in asked and not file.startswith(IGNORED)]
        return sorted(left, key=lambda file: not file.startswith(alike))  # rooms of its kind first

    def _passes(self, failed: str) -> bool:
        """Return whether a test passes here where nothing is wrong; of a file, its fastest.

        So does the fastest of all where no test has begun, as where nothing can be imported.

        Raises:
            RuntimeError: not even that one passes.
        """
        if failed in self.bad:
            return False
        if failed not in self.good:
            seconds = self.record.seconds
            if not failed and not seconds:  # it could not be imported, for all that is known
                return self.bench.ask(asking.imports, 300).status == 0
            of = [t for t in seconds if not failed or t == failed or t.startswith(f"{failed}::")]
            one = min(of, key=seconds.__getitem__, default=failed)
            question = asking.failing({one: seconds.get(one, 1.0)}, self.record.known | {one},
                                    [one.partition("::")[0]])  # fmt: skip
            if self.bench.ask(question, 300).status != 0:
                if not failed:
                    raise RuntimeError(f"{one}: expected it to pass where nothing is wrong")
                return False
            self.good.add(failed)
        return True

    def holds(self, name: str, question: Question) -> bool:
        """Return whether a question is answered by 0 where nothing is wrong."""
        if name in self.bad:
            return False
        if name not in self.good:
            if self.bench.ask(question, 600).status != 0:
                self.bad.add(name)
                return False
            self.good.add(name)
        return True

    def _verify(self, mutant: Mutant, source: str, text: str) -> Row:
        assert self.reach is not None
        used = 0.0
        while used < self.deciding:
            patterns = self.reach.patterns(mutant, source)
            with self.bench.holding(mutant.path, text):
                question = asking.verify(patterns, self.examples)
                answer = self.bench.ask(question, self.deciding - used)
            used += answer.seconds
            if answer.status is None:
                break
            by = str(answer.said.get("failed", ""))
            row = {"by": by, "status": answer.status, "seconds": round(used, 1)}
            if not answer.status:
                return {"outcome": "accepted", **row}
            pattern = by or patterns[0]
            if self.holds(f"verify {pattern}", asking.verify([pattern], self.examples)):
                return {"outcome": "rejected", **row}
            self.reach.bad.add(pattern)
        return {"outcome": "out of time", "seconds": round(used, 1)}


def go(
    mutants: Iterable[Mutant],
    row: Callable[[Mutant, Row | None], Row],
    kept: Path,
    *,
    again: Callable[[Mutant, Row], bool] = lambda *_: False,
    tell: Callable[[str], None] = print,
) -> list[Row]:
    """Return the rows of all mutants: those kept in a file, and the others, which it then keeps.

    Arguments:
        mutants: what to ask about.
        row: finds out about one, with its row of the last time, if there is one.
        kept: a file with a row a line; the last of a mutant counts.
        again: which of the rows that are kept are asked anew.
        tell: called with a line for each that is new.
    """
    known = read(kept)
    rows = []
    wanted = list(mutants)
    for i, mutant in enumerate(wanted):
        found = known.get(mutant.key)
        if found is None or again(mutant, found):
            started = time.monotonic()
            found = row(mutant, found)
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(found, ensure_ascii=False) + "\n")
            tell(f"{i + 1}/{len(wanted)} {said(found)} ({time.monotonic() - started:.0f} s)")
        rows.append(found)
    return rows


def read(kept: Path) -> dict[str, Row]:
    """Return the rows of a file by the mutants' keys."""
    if not kept.exists():
        return {}
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    return {row["key"]: row for row in rows}


def said(row: Mapping[str, Any]) -> str:
    """Return a row in a line."""
    of = f"{row['key']} {row['path']}:{row['line']} {row['operator']}"
    verify = f"; verify: {row['verify']['outcome']}" if "verify" in row else ""
    by = row["tests"].get("by", "")
    return f"{of}: {row['tests']['outcome']} {by}{verify}"
