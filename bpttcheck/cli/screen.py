"""What a terminal shows: progress on stderr, tables on stdout, both plain when they are piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bpttcheck.cli.output import complain

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
    )
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
            complain(f"{what}: {done} of {total} cases")

    return report
