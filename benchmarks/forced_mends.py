"""The mender forced on right programs, of which no edit may come back: ``--help``.

It is told that one gradient, another one each time, ought to be twice what it is. Some edits make
it so; the check of the program with them is the usual one, says wrong, and nothing is told. Edits
of the forward pass are counted apart: with another loss these are right.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.programs import program
from bpttcheck.check.program.clock import Spent, within
from bpttcheck.check.search import mending_point
from bpttcheck.check.search.course import ALWAYS, TELLING, Course
from bpttcheck.check.search.mending_slopes import Slopes, slopes_of
from bpttcheck.mend import Mend
from bpttcheck.ranges import ranges_of

FACTOR = 2.0


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="programs (default 200)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default 0)")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each (default 20)")
    return parser.parse_args()


@contextmanager
def misled(number: int) -> Iterator[None]:
    """Let the slopes of one gradient, the one of that number, be others than they are."""

    def slopes(test: Any, name: str, place: int, ways: int) -> Slopes:
        found = slopes_of(test, name, place, ways)
        wrong = place == number % len(test.params)
        return replace(found, values=FACTOR * found.values) if wrong else found

    vars(mending_point)["slopes_of"] = slopes
    try:
        yield
    finally:
        vars(mending_point)["slopes_of"] = slopes_of


def forced(problem: Any, number: int, seconds: float) -> Mend | None:
    """Return what comes back of a right problem; None where nothing was asked, or time was over."""
    course = Course(problem, [*ALWAYS], ranges_of(None, "cases"), budget=seconds)
    with within(course.clock), misled(number):
        try:
            course.best = course.visits.located(TELLING[0])
        except Spent:
            return None
        course.failing = TELLING[0]
        course._mend()
    return course.best.mend


def main() -> None:
    """Force the mender on all, and count what came back."""
    given = options()
    told = forward = asked = tried = 0
    start = time.process_time()
    for number in range(given.first, given.first + given.count):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            one = program(number)
            found = forced(one.compiled(one.text, np), number, given.seconds)
        if found is None:
            continue
        asked, tried = asked + bool(found.tried), tried + found.tried
        forward += found.changes_loss
        if found.edits and not found.changes_loss:
            told += 1
            print(f"{number}:", *found.lines(), sep="\n", flush=True)
    spent = (time.process_time() - start) / given.count
    print(
        f"{given.count} right programs: {asked} of them searched, {tried:,} edits tried, "
        f"{told} told, {forward} of the forward pass; {spent:.1f} CPU seconds each."
    )


if __name__ == "__main__":
    main()
