"""``--format github``: verdicts as annotations of lines, which GitHub shows beside the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bpttcheck.cli.finding import Found


def workflow_commands(found: Found) -> Iterator[str]:
    """Return the workflow commands of one target: at the lines of a mend, or those to look at.

    Nothing is said of what is right.
    """
    title = f"bpttcheck {found.target}"
    if found.error:
        yield _command("error", title, found.error)
        return
    reason = str(found.report.get("reason", "")).partition("\n")[0]
    if found.verdict == "undecided":
        yield _command("warning", title, f"undecided: {reason}")
    if found.verdict != "wrong":
        return
    mend: dict[str, Any] = found.report.get("mend") or {}
    edits, suspects = mend.get("edits", []), mend.get("suspects", [])
    for edit in edits:
        what = "mend" if not mend["changes_loss"] else "mend of the forward pass"
        lines = [f"wrong: {reason}", f"{what}, {mend['words']}: {mend['makes']}"]
        lines += [f"- {line}" for line in edit["before"].splitlines()]
        lines += [f"+ {line}" for line in edit["after"].splitlines()]
        last = edit["line"] + max(1, len(edit["before"].splitlines())) - 1
        yield _command("error", title, "\n".join(lines), edit["file"], (edit["line"], last))
    if edits:
        return
    if not suspects:
        yield _command("error", title, f"wrong: {reason}")
        return
    first = suspects[0]
    text = f"wrong: {reason}\nlook here: {first['why']}"
    yield _command("error", title, text, first["file"], (first["line"], first["line"]))


def _command(
    level: str, title: str, text: str, file: str = "", lines: tuple[int, int] = (0, 0)
) -> str:
    told = {"title": title}
    if file:
        path, here = Path(file).resolve(), Path.cwd().resolve()
        name = path.relative_to(here).as_posix() if here in path.parents else str(path)
        told = {"file": name, "line": str(lines[0]), "endLine": str(lines[1])} | told
    properties = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in told.items())
    return f"::{level} {properties}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    """Return a text as a workflow command has it: these characters by their codes."""
    for character in ("%", "\r", "\n", *more):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
