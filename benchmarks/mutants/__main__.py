"""``python -m benchmarks.mutants --count 400 --seed 0``: see ``--help``."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import tomllib
from pathlib import Path

from benchmarks.mutants import kept, table
from benchmarks.mutants.bench import Bench
from benchmarks.mutants.chosen import NothingRecorded, Record, record
from benchmarks.mutants.reach import Reach
from benchmarks.mutants.rooms import ROOT, room
from benchmarks.mutants.run import Run, go
from benchmarks.mutants.sample import kept_sample


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mutants",
        description="Make the package wrong in one place, many times; see who notices.",
    )
    add = parser.add_argument
    add("--count", type=int, default=400, metavar="N", help="mutants (default 400)")
    add("--seed", type=int, default=0, metavar="S", help="of the sample (default 0)")
    add("--folder", type=Path, help="of the copy, the record and the rows (default: in ~/.cache)")
    add("--resume", action="store_true", help="go on with the rows that are kept")
    add("--again", action="store_true", help="with --resume: ask about the survivors again")
    add("--day", help="of the tests, see tests/day.py (default: that of the record, or today)")
    add("--seconds", type=float, default=60, metavar="C", help="of a mutant's tests (default 60)")
    add("--deciding", type=float, default=60, metavar="C", help="of its verify (default 60)")
    add("--examples", type=int, default=20, metavar="E", help="of verify (default 20)")
    add("--room", help="this room alone")
    add("--only", metavar="KEY", help="one mutant alone, whatever is kept")
    add("--keep", action="store_true", help="write results.json, which the site prints")
    add("--no-verify", action="store_true", help="leave bpttcheck verify out")
    return parser.parse_args()


def prepared(
    folder: Path | None,
    day: str | None = None,
    seconds: float = 60,
    deciding: float = 60,
    examples: int = 20,
    verify: bool = True,
    recorded: bool = True,
) -> tuple[Run, Path]:
    """Return what asks about mutants, and its folder; what has to be recorded first is."""
    folder = (folder or Path.home() / ".cache" / "bpttcheck-mutants").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    kept_day = folder / "day"
    if not kept_day.exists():
        kept_day.write_text(day or str(int(time.time()) // 86_400))
    day = day or kept_day.read_text().strip()
    bench = Bench(ROOT, folder, day)
    if recorded and not (folder / "junit.xml").exists():
        print("the suite runs once, to see which test touches which line", flush=True)
        record(folder, bench.copy, day)
    reached = Reach(bench.copy) if verify else None
    known = Record(folder, bench.copy) if recorded else NothingRecorded()
    run = Run(bench, known, reached, seconds, deciding, examples)
    if recorded:
        run.warm()
    return run, folder


def version() -> str:
    """Return the package's version, without importing it: a fork has to, anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def main() -> None:
    """Run everything."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with its processes
    given = options()
    run, folder = prepared(
        given.folder,
        given.day,
        given.seconds,
        given.deciding,
        given.examples,
        not given.no_verify,
    )
    lines = folder / f"rows-{given.seed}.jsonl"
    if not given.resume and not given.only:
        lines.unlink(missing_ok=True)
    mutants = kept_sample(given.count, given.seed, folder)
    rows = go(
        [m for m in mutants if given.room in (None, room(m.path)) and given.only in (None, m.key)],
        lambda mutant, last: run.row(mutant, None if given.only else last),
        lines,
        again=lambda mutant, row: (
            bool(given.only)
            or (given.again and row["tests"]["outcome"] != "killed")
            or (run.wants_verify(mutant) and "verify" not in row)
        ),
        tell=lambda line: print(line, flush=True),
    )
    print("\n".join(table.text(rows, table.equivalents())))
    if given.keep:
        about = {
            "version": version(),
            "count": len(rows),
            "seed": given.seed,
            "day": run.bench.day,
            "seconds": given.seconds,
            "deciding": given.deciding,
            "examples": given.examples,
        }
        kept.write(kept.RESULTS, kept.results(rows, table.equivalents(), about))
    if run.bad:
        print("fail where nothing is wrong:", *sorted(run.bad))


if __name__ == "__main__":
    main()
