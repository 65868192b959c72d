"""The tables of mutation testing, from what is kept in ``benchmarks/mutants``."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from benchmarks.mutants import kept
from benchmarks.mutants.table import interval

KINDS = {
    "witness": "Witnesses",
    "system": "Number systems",
    "forward": "Forward passes",
}
FEW = 5
"""Of fewer mutants of a room, the rate would say nothing."""

_HEAD = (
    "Room",
    "Mutants",
    "Equivalent",
    "Killed by the tests",
    "At first",
    "Rejected by `verify`",
)
_VERIFY = """*Rejected by `verify`* asks no test: it is `bpttcheck verify` alone, and any exit
status but 0 that the right program does not have. Models are asked one after the other, those that
the file is about first, until the time is up: a mutant that is not rejected by then counts as
accepted. It cannot see an argument's check, the wording of an error, or compiled loops."""

NOTICED = {"killed": "✓", "rejected": "✓", "survived": "·", "accepted": "·", "not reached": "·",
           "out of time": "?", "rejects what is right": "?"}  # fmt: skip


def table() -> str:
    """Return the table by room."""
    found = kept.read(kept.RESULTS)
    first = dict.fromkeys(found["rooms"], 0)
    equal = {s["key"] for s in found["survivors"] if s["why"]}
    for key, room in found["first"]:
        if key not in equal:
            for name in _groups(found, room):
                first[name] += 1
    rows = []
    for name, n in found["rooms"].items():
        if n["mutants"] < FEW:
            continue
        shown = f"**{name}**" if name in ("the mathematics", "what judges", "all") else name
        cells = [
            shown,
            str(n["mutants"]),
            str(n["equivalent"] or ""),
            rate(n["killed"], n["asked"]),
            _per_cent(n["asked"] - first[name], n["asked"]),
            rate(n["rejected"], n["decided"]) if n["decided"] else "",
        ]
        rows.append(cells)
    verify = (
        f"`verify` for {found['deciding']:g} seconds, with {found['examples']} random cases a model"
        if found["deciding"]
        else "`verify` was not asked"
    )
    again = f", {found['again']:g} where it was asked about again" if found.get("again") else ""
    about = (
        f"{found['count']} mutants, seed {found['seed']}, of version {found['version']}, "
        f"{found['date']}; the tests of day {found['day']}, {found['seconds']:g} seconds of "
        f"processor time a mutant{again}; {verify}."
    )
    asked = ["", _VERIFY] if found["deciding"] else []
    return "\n".join([*_columns(rows), "", about, *asked])


def _columns(rows: list[list[str]]) -> list[str]:
    """Return the table without the columns that nobody has filled in."""
    filled = [j for j in range(len(_HEAD)) if any(row[j] for row in rows)]
    kept_of = [[row[j] for j in filled] for row in [list(_HEAD), *rows]]
    head, *below = [f"| {' | '.join(row)} |" for row in kept_of]
    return [head, f"|:--{'|--:' * (len(filled) - 1)}|", *below]


def _groups(found: Mapping[str, Any], room: str) -> list[str]:
    names = [room, "all"]
    names += ["the mathematics"] if room in found["mathematics"] else []
    names += ["what judges"] if room in found["judging"] else []
    return names


def rate(seen: int, of: int) -> str:
    """Return a rate and its interval of 95 %."""
    low, high = interval(seen, of)
    return f"{seen} of {of}<br>{_per_cent(seen, of)} ({100 * low:.0f}–{100 * high:.0f})"


def _per_cent(seen: int, of: int) -> str:
    return f"{100 * seen / of:.0f} %" if of else ""


def survivors() -> str:
    """Return what survives: the equivalents with their arguments, and the gaps."""
    found: list[Mapping[str, Any]] = kept.read(kept.RESULTS)["survivors"]
    equal = [row for row in found if row["why"]]
    gaps = [row for row in found if not row["why"] and row["outcome"] == "survived"]
    late = [row for row in found if not row["why"] and row["outcome"] != "survived"]
    lines = []
    if equal:
        lines += [f"{len(equal)} do the same as the right program, each for a reason:", ""]
        lines += [f"- {_place(row)}: {_change(row)}. {row['why']}" for row in equal]
    for rows, what in ((gaps, "survived all tests that they were asked of"),
                       (late, "ran out of time, which counts as survived")):  # fmt: skip
        if rows:
            lines += ["", f"{len(rows)} {what}:", ""]
            lines += [f"- {_place(row)}: {_change(row)}" for row in rows]
    return "\n".join(lines) or "None."


def _place(row: Mapping[str, Any]) -> str:
    return f"`{row['path'].removeprefix('bpttcheck/')}`"


def _change(row: Mapping[str, Any]) -> str:
    return f"{_code(row['before'])} → {_code(row['after'])}"


def _code(text: str) -> str:
    shown = " ".join(text.split())
    shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
    # Markdown reads on within: a["h"][0] would be a link.
    text = "".join(f"&#{ord(c)};" if c in "|[]*_`\\" else html.escape(c) for c in shown)
    return f"<code>{text}</code>" if shown else "nothing"


def matrix() -> str:
    """Return who notices which liar."""
    found = kept.read(kept.MATRIX)
    lines = []
    for kind, title in KINDS.items():
        lines += [f"### {title}", "", "| | Made wrong by | Tests | `verify` | Kernel alone |",
                  "|:--|:--|:-:|:-:|:-:|"]  # fmt: skip
        for row in found["rows"]:
            if row["kind"] == kind:
                marks = [NOTICED[row[who]["outcome"]] for who in ("tests", "verify", "kernel")]
                lines.append(f"| {row['name']} | {row['wrong']} | {' | '.join(marks)} |")
        lines.append("")
    return "\n".join([*lines, f"Version {found['version']}, {found['date']}."])
