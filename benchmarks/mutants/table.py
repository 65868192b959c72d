"""The table of a run: how many were killed, by room, with intervals."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.mutants.rooms import JUDGING, MATHEMATICS

Row = Mapping[str, Any]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def equivalents(path: Path = EQUIVALENT) -> dict[str, str]:
    """Return why a mutant does the same as the right program, by its key."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: row["why"] for key, row in read.items()}


def interval(seen: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a rate."""
    if not of:
        return 0.0, 1.0
    z = 1.959963984540054 if confidence == 0.95 else _quantile(confidence)
    rate, more = seen / of, z * z / of
    middle = (rate + more / 2) / (1 + more)
    half = z * math.sqrt(rate * (1 - rate) / of + more / of / 4) / (1 + more)
    low = 0.0 if seen == 0 else max(0.0, middle - half)
    high = 1.0 if seen == of else min(1.0, middle + half)
    return low, high


def _quantile(confidence: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence) / 2)


def counts(rows: Iterable[Row], equal: Mapping[str, str]) -> dict[str, int]:
    """Return the numbers of some rows.

    ``asked`` of the tests leaves equivalents out, unless a test noticed one; ``decided`` are those
    that ``verify`` was asked about.
    """
    found = dict.fromkeys(("mutants", "equivalent", "asked", "killed", "decided", "rejected"), 0)
    for row in rows:
        killed = row["tests"]["outcome"] == "killed"
        same = row["key"] in equal and not killed
        found["mutants"] += 1
        found["equivalent"] += same
        found["asked"] += not same
        found["killed"] += killed
        if "verify" in row and not same:
            found["decided"] += 1
            found["rejected"] += row["verify"]["outcome"] == "rejected"
    return found


def by_room(rows: Iterable[Row], equal: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the numbers of every room, of the mathematics, of what judges, and of all."""
    rows = list(rows)
    groups = {
        name: [r for r in rows if r["room"] == name] for name in sorted({r["room"] for r in rows})
    }
    groups["the mathematics"] = [r for r in rows if r["room"] in MATHEMATICS]
    groups["what judges"] = [r for r in rows if r["room"] in JUDGING]
    groups["all"] = rows
    return {name: counts(of, equal) for name, of in groups.items()}


def text(rows: Iterable[Row], equal: Mapping[str, str]) -> list[str]:
    """Return the table as lines of text, and the survivors below it."""
    rows = list(rows)
    lines = [f"{'':24}{'mutants':>8}{'equal':>6}  {'killed by the tests':28}rejected by verify"]
    for name, n in by_room(rows, equal).items():
        lines.append(
            f"{name:24}{n['mutants']:8}{n['equivalent']:6}  "
            f"{rate(n['killed'], n['asked']):28}"
            f"{rate(n['rejected'], n['decided']) if n['decided'] else ''}"
        )
    for row in rows:
        if row["tests"]["outcome"] != "killed":
            mark = "equivalent" if row["key"] in equal else row["tests"]["outcome"]
            lines.append(
                f"{mark}: {row['key']} {row['path']}:{row['line']} {row['operator']}: "
                f"{row['before']!r} -> {row['after']!r}"
            )
    return lines


def rate(seen: int, of: int) -> str:
    """Return a rate with its interval, in per cent."""
    low, high = interval(seen, of)
    share = f"{100 * seen / of:.0f} %" if of else "–"
    return f"{seen} of {of}, {share} ({100 * low:.0f}–{100 * high:.0f})"
