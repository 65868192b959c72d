"""What a terminal shows: progress on stderr, tables on stdout, both plain when they are piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bpttcheck.statements.judge import Finding
from bpttcheck.statements.trial import Counterexample
from bpttcheck.verification.examine import Progress as Report
from bpttcheck.verification.paste import source_of

STYLE = {
    "holds": "green",
    "holds-if": "yellow",
    "refuted": "red",
    "ill-typed": "magenta",
    "unknown": "bold red",
}

PLAIN_WIDTH = 110


def out() -> Console:
    """Return the console for results; piped, it has a fixed width and no colour."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def styled(verdict: str) -> str:
    """Return the verdict with its colour."""
    return f"[{STYLE[verdict]}]{verdict}[/]"


@contextmanager
def progress() -> Iterator[Report]:
    """Provide a way to report progress: a live bar on a terminal, a few plain lines elsewhere."""
    if sys.stderr.isatty():
        with _live() as report:
            yield report
    else:
        yield _plain_lines()


@contextmanager
def _live() -> Iterator[Report]:
    columns = (TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("cases"), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield report


def _plain_lines() -> Report:
    shown: dict[str, int] = {}

    def report(what: str, done: int, total: int) -> None:
        quarter = 4 * done // total
        if quarter > shown.get(what, 0):
            shown[what] = quarter
            print(f"{what}: {done} of {total} cases", file=sys.stderr, flush=True)

    return report


def failed(finding: Finding) -> str:
    """Return the two sides and the relation between them that should not be."""
    return f" {finding.relation} ".join(finding.sides)


def counterexample_lines(name: str, found: Counterexample) -> list[str]:
    """Return a failure in a form to paste, and both sides."""
    finding, model = found.finding, found.case.model
    lines = [f"  case  {source_of(found.case)}"]
    if finding.reason:
        lines.append(f"  why   {finding.reason}")
    if finding.sides:
        at = ", ".join(f"{symbol} = {i}" for symbol, i in (finding.at or {}).items())
        lines.append(f"  sides {failed(finding)}" + (f" at {at}" if at else ""))
    return [
        *lines,
        f"  paste from bpttcheck.runs import {model}",
        "        from bpttcheck.verification import replay",
        f"        replay({name!r}, {source_of(found.case)})",
    ]
