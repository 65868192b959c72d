"""The gallery of mistakes as it was last run: ``python -m site_tools.gallery`` runs it again.

Each mistake is searched for its smallest failing case and diagnosed, which takes some seconds; so
the outcome is kept beside this file, and a test runs some of it anew, all of it by night.
"""

from __future__ import annotations

import json
import linecache
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bpttcheck.check.gallery import NETWORKS, Exhibit, gallery

RECORD = Path(__file__).with_name("gallery.json")


def row(exhibit: Exhibit) -> dict[str, Any]:
    """Return what is kept of an exhibit: words and names, no digits that a platform decides."""
    report = exhibit.report
    case = report.case.to_dict() if report.case is not None else {}
    return {
        "network": exhibit.network,
        "cause": None if report.cause is None else report.cause.name,
        "right_line": exhibit.right,
        "wrong_line": exhibit.wrong,
        "verdict": report.verdict,
        "wrong": [block.name for block in report.blocks if block.verdict == "wrong"],
        "case": {name: case[name] for name in ("T", "B", "m", "n", "p", "regime")},
        "right": [] if report.cause is None else _right(report.cause.to_dict()),
        "needs": list((report.search or {}).get("lines", ())),
        "mend": _mend(exhibit),
    }


def _mend(exhibit: Exhibit) -> dict[str, Any] | None:
    """Return the lines that a mend changes, and its words; or the first line to look at.

    None where none was looked for, as in tests.
    """
    mend = exhibit.report.mend
    if mend is None:
        return None
    changed = [[edit.before.strip(), edit.after.strip()] for edit in mend.edits]
    lines = linecache.getlines(mend.suspects[0].file) if mend.suspects and not changed else []
    return {
        "changed": changed,
        "words": mend.words,
        "partial": mend.partial,
        "others": [[edit.after.strip() for edit in edits] for edits in mend.alternatives],
        "look": lines[mend.suspects[0].line - 1].strip() if lines else "",
    }


def _right(cause: dict[str, Any]) -> list[str]:
    """Return what is right in this very network, and the id of the identity that says so."""
    mistake = cause["explanations"][0][0]
    return [mistake["right"], mistake["identity"]]


def rows(names: Iterable[str] | None = None) -> dict[str, Any]:
    """Run some exhibits, or all."""
    planted = [name for _, mistakes in NETWORKS.values() for name, _, _ in mistakes]
    found = {}
    for name in planted if names is None else names:
        started = time.process_time()
        (exhibit,) = gallery([name])
        found[name] = row(exhibit)
        seconds = time.process_time() - started
        print(f"{name}: {found[name]['cause']}, {seconds:.0f} s", file=sys.stderr)
    return found


def recorded() -> dict[str, Any]:
    """Return the exhibits as they were last run, by the cause that was planted."""
    found: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    text = json.dumps(rows(), ensure_ascii=False, indent=1)
    RECORD.write_text(text + "\n", encoding="utf-8")
