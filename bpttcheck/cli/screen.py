"""What a terminal shows: progress on stderr, tables on stdout, both plain when they are piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bpttcheck.cli.output import complain
from bpttcheck.cli.pace import Pace

Report = Callable[[str, int, int], None]
"""Takes what is done, how many of it, and of how many."""

STYLE = {
    "holds": "green",
    "holds-if": "yellow",
    "refuted": "red",
    "ill-typed": "magenta",
    "undecided": "bold red",
}

PLAIN_WIDTH = 110

EVERY = 10.0
"""Seconds between two lines that say how fast it goes, where there is no terminal."""


class _Console(Console):
    """A console that leaves a reader who has left to the one who runs the command."""

    def on_broken_pipe(self) -> None:
        """Pass the error on; the exit status would be that of a failure otherwise."""
        raise BrokenPipeError


def out() -> Console:
    """Return the console for results; piped, it has a fixed width and no colour."""
    return _Console(width=None if _terminal() else PLAIN_WIDTH, highlight=False)


def _terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def styled(verdict: str) -> str:
    """Return the verdict with its colour."""
    return f"[{STYLE[verdict]}]{verdict}[/]"


@contextmanager
def progress() -> Iterator[Report]:
    """Provide a way to report progress: a live bar on a terminal, a few plain lines elsewhere."""
    if sys.stderr is not None and sys.stderr.isatty():
        with _live() as report:
            yield report
    else:
        yield _plain_lines()


@contextmanager
def _live() -> Iterator[Report]:
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cases"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {}
        pace = Pace()

        def report(what: str, done: int, total: int) -> None:
            pace.take(what, done, total)
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total, pace="")
            bars.update(tasks[what], completed=done, pace="")
            bars.update(next(iter(tasks.values())), pace=f"all: {pace}")

        yield report


def _plain_lines() -> Report:
    shown: dict[str, int] = {}
    pace = Pace()
    due = time.monotonic() + EVERY

    def report(what: str, done: int, total: int) -> None:
        nonlocal due
        pace.take(what, done, total)
        if time.monotonic() > due and done < total:
            due = time.monotonic() + EVERY
            complain(f"all: {pace}")
        quarter = 4 * done // max(1, total)
        if quarter > shown.get(what, 0):
            shown[what] = quarter
            complain(f"{what}: {done} of {total} cases")

    return report
