"""False alarms on right programs, of many styles and precisions: ``--help``.

Program k is the same everywhere: a text as people write it, whose gradient is the derivative of its
loss, rounded as usual (a test compares it with the complex step in the longest float type).
Each is asked at one point, with ``check_gradients``; the first ``--problems`` also over cases.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from benchmarks.programs import PRECISIONS, STYLES, Program, program
from bpttcheck import check_gradients
from bpttcheck.check.search.problem import check_problem
from bpttcheck.check.verdict.report import Report

VERDICTS = ("right", "wrong", "undecided", "an error of ours")


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000, help="programs (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default 0)")
    parser.add_argument("--problems", type=int, default=20, help="asked over cases too (20)")
    parser.add_argument("--only", choices=STYLES, help="one style alone")
    parser.add_argument("--show", type=int, metavar="K", help="print program K, and what is said")
    return parser.parse_args()


def asked(one: Program, *, locate: bool = False) -> Report:
    """Return what is said of a program at its own case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a program may underflow
        function, params = one.problem(replace(one.case))
        try:
            return check_gradients(function, params, seed=one.number, locate=locate)
        except Exception as error:  # a checker that raises is one more false alarm
            return Report(VERDICTS[3], f"{type(error).__name__}: {error}")


def alarm(one: Program, report: Report) -> Iterable[str]:
    """Return what was said of a program that is called wrong."""
    yield f"{one.number}: {one.style}, {one.precision}, {one.model}, {one.loss}: {report.reason}"
    for block in report.blocks:
        if block.verdict == "wrong":
            yield (f"    {block.name}{list(block.index or ())}: got {block.got}, expected "
                   f"{block.expected} ± {block.bound}; found if ≥ {4 * block.floor:.1e}; "
                   f"{block.oracle}")  # fmt: skip


def bound(count: int, seen: int) -> float:
    """Return the 95 % upper bound on a rate of which so many were seen (Clopper and Pearson)."""
    low, high = seen / count, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        chance = sum(math.comb(count, k) * rate**k * (1 - rate) ** (count - k)
                     for k in range(seen + 1))  # fmt: skip
        low, high = (rate, high) if chance > 0.05 else (low, rate)
    return high


def table(title: str, keys: Iterable[str], counts: Counter[tuple[str, str]]) -> None:
    """Print how many are right, wrong and undecided."""
    print(f"\n| {title} | programs | {' | '.join(VERDICTS)} |\n|---|{'---:|' * 5}")
    for key in keys:
        row = [counts[key, verdict] for verdict in VERDICTS]
        if sum(row):
            print(f"| {key} | {sum(row):,} | {' | '.join(f'{k:,}' for k in row)} |")


def points(given: argparse.Namespace) -> None:
    """Ask every program at its point, and print what was said."""
    counts: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    calls: list[tuple[int, int]] = []
    start = time.process_time()
    chosen = map(program, range(given.first, given.first + given.count))
    for one in (p for p in chosen if given.only in (None, p.style)):
        if sys.stderr.isatty():
            print(f"\r{one.number} ", end="", file=sys.stderr, flush=True)
        report = asked(one)
        calls.append((report.losses + report.gradients, one.number))
        for key in (one.style, one.precision, one.model, "all"):
            counts[key, report.verdict] += 1
        if report.verdict in VERDICTS[1::2]:
            print("\n".join(alarm(one, asked(one, locate=True))), flush=True)
        elif report.verdict == "undecided":
            reasons[f"{one.style}, {one.precision}"] += 1
    table("style", STYLES, counts)
    table("precision", PRECISIONS, counts)
    table("network", sorted({k for k, _ in counts} - {*STYLES, *PRECISIONS, "all"}), counts)
    total = sum(counts["all", v] for v in VERDICTS)
    wrong = counts["all", "wrong"]
    print(f"\n{total:,} right programs: {counts['all', 'right']:,} right, {wrong:,} wrong, "
          f"{counts['all', 'undecided']:,} undecided, {counts['all', VERDICTS[3]]} errors of ours; "
          f"at most {bound(total, wrong):.2%} are called wrong (95 %).")  # fmt: skip
    every, spent = sorted(calls), (time.process_time() - start) / total
    many, number = every[-1]
    print(f"Calls: median {every[total // 2][0]:,}, of 95 % at most "
          f"{every[19 * total // 20][0]:,}, most {many:,} (program {number}); "
          f"{spent:.2f} CPU seconds each.")  # fmt: skip
    for reason, count in reasons.most_common(8):
        print(f"  undecided: {count} of {reason}")


def problems(given: argparse.Namespace) -> None:
    """Ask the first programs over cases."""
    said: Counter[str] = Counter()
    for number in range(given.first, given.first + given.problems):
        one = program(number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = check_problem(one.problem)
        said[report.verdict] += 1
        if report.verdict != "right":
            print(f"{number}: {one.style}, {one.precision}, {one.model}: {report}")
    print(f"\nOver cases: {dict(said)}")


def main() -> None:
    """Run everything."""
    given = options()
    if given.show is not None:
        one = program(given.show)
        print(f"# {one.style}, {one.precision}; {one.case}\n{one.text}\n{asked(one, locate=True)}")
        return
    points(given)
    if given.problems:
        problems(given)


if __name__ == "__main__":
    main()
