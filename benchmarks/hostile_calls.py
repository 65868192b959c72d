"""Every argument of every public function with every kind of badness, and how the calls end.

    python -m benchmarks.hostile_calls --count 20000 --seed 0

A call ends as documented if it returns finite numbers, of the shapes of what they belong to, and
leaves its arguments as they were; or raises an error that its docstring names, in one line that
names the argument and says what was expected and what came. Exit status 1 if one does not.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from benchmarks.hostile.badness import imported
from benchmarks.hostile.matrix import cells, outcomes
from benchmarks.hostile.valid_calls import every


def main() -> int:
    """Make the calls; print how they ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="callables whose names contain this")
    parser.add_argument("--examples", type=int, default=3, help="of each cause, so many")
    given = parser.parse_args()
    libraries = imported("pandas", "torch", "jax")
    calls = {k: v for k, v in every().items() if given.only in k}
    print(f"{len(calls)} callables, {len(cells(calls)):,} cells; with {', '.join(libraries)}")
    started = time.perf_counter()
    wrong: Counter[str] = Counter()
    shown: dict[str, list[str]] = {}
    for cell, end in outcomes(calls, given.count, given.seed):
        if end.wrong:
            wrong[end.wrong] += 1
            shown.setdefault(end.wrong, []).append(f"{cell}: {end.seen}")
    for cause, times in wrong.most_common():
        print(f"\n{times:6,}  {cause}")
        for line in shown[cause][: given.examples]:
            print(f"        {line}")
    seconds = time.perf_counter() - started
    good = given.count - wrong.total()
    ended = f"{good:,} ended as documented, {wrong.total():,} not"
    print(f"\n{given.count:,} calls in {seconds:.0f} s: {ended}")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
