"""The matrix: each witness, number system and forward pass wrong in turn, and who notices."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import zip_longest
from pathlib import Path

from benchmarks.mutants import asking, kept
from benchmarks.mutants.bench import Question
from benchmarks.mutants.mutant import Mutant
from benchmarks.mutants.rooms import ROOT
from benchmarks.mutants.run import Row, Run

LIST = Path(__file__).with_name("matrix.toml")
KINDS = ("witness", "system", "forward")


@dataclass(frozen=True)
class Liar:
    """One thing wrong: of what kind it is, its name, what is wrong, and whom it lies to."""

    kind: str
    name: str
    wrong: str
    mutant: Mutant
    verify: str
    """The identities that ``verify`` is asked for."""

    @property
    def kernel(self) -> str:
        """The identities that the kernel is asked about: all of the model."""
        return f"{self.verify.partition('.')[0]}.*"


def liars(root: Path = ROOT) -> Iterator[Liar]:
    """Return all of the list.

    Raises:
        ValueError: a text does not stand in its file just once.
    """
    given = tomllib.loads(LIST.read_text(encoding="utf-8"))
    for kind in KINDS:
        for row in given[kind]:
            source = (root / row["path"]).read_text(encoding="utf-8")
            if source.count(row["before"]) != 1:
                raise ValueError(
                    f"{row['path']}: expected {row['before']!r} once, "
                    f"got it {source.count(row['before'])} times"
                )
            start = source.index(row["before"])
            line = source.count("\n", 0, start) + 1
            mutant = Mutant(row["path"], line, kind, start, row["before"], row["after"], False)
            yield Liar(kind, row["name"], row["wrong"], mutant, row["verify"])


def _in_turn(every: Iterable[Liar]) -> list[Liar]:
    """Return them one of each kind after the other, so that a run that is stopped has seen all."""
    by_kind: dict[str, list[Liar]] = {}
    for liar in every:
        by_kind.setdefault(liar.kind, []).append(liar)
    return [liar for turn in zip_longest(*by_kind.values()) for liar in turn if liar]


def asked(run: Run, liar: Liar) -> Row:
    """Return who notices one."""
    source = (run.bench.copy / liar.mutant.path).read_text(encoding="utf-8")
    text = liar.mutant.applied(source)
    row: Row = {"kind": liar.kind, "name": liar.name, "wrong": liar.wrong}
    row["path"] = liar.mutant.path
    row["tests"] = run.tests(liar.mutant, source, text)
    questions = {
        "verify": (liar.verify, asking.verify([liar.verify], run.examples)),
        "kernel": (liar.kernel, kernel_alone(liar.kernel)),
    }
    for who, (pattern, question) in questions.items():
        with run.bench.holding(liar.mutant.path, text):
            answer = run.bench.ask(question, run.seconds)
        outcome = {0: "accepted", None: "out of time"}.get(answer.status, "rejected")
        if outcome == "rejected" and not run.holds(f"{who} {pattern}", question):
            outcome = "rejects what is right"
        row[who] = {"outcome": outcome, "asked": pattern, "seconds": answer.seconds}
    return row


def kernel_alone(pattern: str) -> Question:
    """Return the question whether the kernel, without the judge, agrees with these identities."""

    def question(left: Path) -> int:
        from bpttcheck.identities import REGISTRY
        from bpttcheck.runs import MODELS
        from bpttcheck.verification.examine import Examiner

        identities = [i for i in REGISTRY if fnmatchcase(i.id, pattern)]
        second = Examiner(MODELS[identities[0].model], 1, None).second
        for identity in identities:
            if second.on(identity.statement, identity.domain)[1] is not None:
                left.write_text(json.dumps({"failed": identity.id}))
                return 1
        return 0

    return question


def main() -> None:
    """Ask about all, and keep the rows in a file."""
    from benchmarks.mutants.__main__ import prepared, version

    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants.matrix")
    parser.add_argument("--folder", type=Path, help="as for python -m benchmarks.mutants")
    parser.add_argument("--seconds", type=float, default=60, help="of each question (default 60)")
    parser.add_argument("--near", action="store_true", help="ask without recording the suite")
    parser.add_argument("--resume", action="store_true", help="go on with the rows that are kept")
    given = parser.parse_args()
    run, folder = prepared(given.folder, seconds=given.seconds, recorded=not given.near)
    lines = folder / "matrix.jsonl"
    rows = []
    if given.resume and lines.exists():
        rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    done = {(row["name"], row["wrong"]) for row in rows}
    with lines.open("a" if given.resume else "w", encoding="utf-8") as file:
        for liar in _in_turn(liars()):
            if (liar.name, liar.wrong) in done:
                continue
            row = asked(run, liar)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            rows.append(row)
            outcomes = ", ".join(f"{k}: {row[k]['outcome']}" for k in ("tests", "verify", "kernel"))
            print(f"{liar.name}: {liar.wrong}: {outcomes}", flush=True)
    about = {"date": datetime.now(UTC).date().isoformat(), "version": version()}
    place = {(liar.name, liar.wrong): i for i, liar in enumerate(liars())}
    rows.sort(key=lambda row: place[row["name"], row["wrong"]])
    kept.write(kept.MATRIX, {**about, "rows": rows})


if __name__ == "__main__":
    main()
