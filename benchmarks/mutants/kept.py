"""What is kept in the repository of a run: the numbers of its table, its survivors, the matrix."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.mutants.rooms import JUDGING, MATHEMATICS
from benchmarks.mutants.table import by_room

Row = Mapping[str, Any]
RESULTS, MATRIX = (Path(__file__).with_name(name) for name in ("results.json", "matrix.json"))


def results(
    rows: Iterable[Row], equal: Mapping[str, str], about: Mapping[str, Any], before: Path = RESULTS
) -> dict[str, Any]:
    """Return what is kept of a run.

    What the tests killed when these mutants were first asked about stays, beside what they kill
    since: it is the tests of today that kill a mutant that survived then.

    Arguments:
        rows: of all mutants.
        equal: why some do the same as the right program.
        about: the version, the seed and the limits.
        before: the file that was kept last.
    """
    rows = list(rows)
    last = json.loads(before.read_text(encoding="utf-8")) if before.exists() else {}
    known = {tuple(key) for key in last.get("first", [])}
    survivors = [r for r in rows if r["tests"]["outcome"] != "killed"]
    missed = {(r["key"], r["room"]) for r in survivors}
    # A survivor of the first time stays one of the first time, if it is in this sample.
    here = {(r["key"], r["room"]) for r in rows}
    first = sorted((known & here) | missed)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        **about,
        "mathematics": MATHEMATICS,
        "judging": JUDGING,
        "rooms": by_room(rows, equal),
        "first": first,
        "survivors": [
            {
                **{k: r[k] for k in ("key", "room", "path", "line", "operator", "before", "after")},
                "outcome": r["tests"]["outcome"],
                "why": equal.get(r["key"], ""),
            }
            for r in survivors
        ],
    }


def write(path: Path, content: Any) -> None:
    """Write a file as it is kept."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> Any:
    """Return what is kept in a file."""
    return json.loads(path.read_text(encoding="utf-8"))
