"""Right programs with one mistake in the text: what is granted to rounding must not hide one.

A mistake counts where it changes a gradient by more than 10⁻⁵ of its largest entry, 10⁻³ in
float32. Such a program may be wrong or undecided, never right.
"""

from __future__ import annotations

import argparse
import random
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.programs import PRECISIONS, STYLES, Program, program
from benchmarks.right_programs import asked, table
from bpttcheck.check.verdict.report import Report

SLIPS = {
    "no transpose": (r"@ (W\w*)\.T\b|\b(W\w*)\.T @", r"@ \1|\2 @"),
    "h_t for h_{t−1}": (r"\bh\[t\]\.T @|\(da, h\[t\]\)", "h[t + 1].T @|(da, h[t + 1])"),
    "slope of the step before": (r"\(1 - h\[t \+ 1\] ", "(1 - h[t] "),
    "no message": (r"dh = dh \+ dH\[t\]", "dh = dH[t] + 0 * dh"),
    "factor of the mean": (
        r"\(2\.0 / N\)|\(2 / N\)|2 \* e / N|\(1\.0 / N\) \*",
        "(1 / N)|(1 / N)|e / N|(1.01 / N) *",
    ),
    "factor of a constant": (r"0\.1 \* \(|\* 0\.7$", "0.1001 * (|* 0.7001"),
    "no sum over the batch": (r"da\.sum\(axis=0\)|np\.sum\(da, axis=0\)", "da[0]|da[0]"),
    "no leak": (r"alpha \* dh", "dh"),
    "sign": (r"\(q - y\)|\bq - y$", "(y - q)|y - q"),
    "off by 1e-4": (r"dV = (.*)", r"dV = 1.0001 * (\1)"),
    "a trace too late": (r"trace = decay \* trace \+", "trace = decay * decay * trace +"),
}
"""By name: a pattern with alternatives, and what stands in place of each."""


def spoilt(one: Program) -> tuple[str, Program] | None:
    """Return a program with a slip after its loss, by name; None where none fits."""
    start = one.source.index("def value_and_grad")
    start = one.source.index("        loss = ", start)
    before, text = one.source[:start], one.source[start:]
    first, rest = text.split("\n", 1)
    chance = random.Random(one.number)
    fitting = [k for k in SLIPS if re.search(SLIPS[k][0], rest, re.MULTILINE)]
    if not fitting:
        return None
    name = fitting[int(chance.random() * len(fitting))]
    pattern, replacement = SLIPS[name]
    for old, new in zip(pattern.split("|"), replacement.split("|"), strict=True):
        numbers = re.sub(r"\\2", r"\\1", new)
        changed = re.sub(old, numbers, rest, count=1, flags=re.MULTILINE)
        if changed != rest:
            return name, replace(one, source=f"{before}{first}\n{changed}")
    return None


def changed(one: Program, other: Program) -> float:
    """Return by how much gradients differ, of the largest entry of their array."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = []
        for p in (one, other):
            function, params = p.problem(replace(p.case))
            pairs.append(function(params)[1])
    gaps = []
    for name, g in pairs[0].items():
        largest = float(np.abs(g).max())
        gap = float(np.abs(np.asarray(pairs[1][name], float) - np.asarray(g, float)).max())
        gaps += [gap / largest] if largest else []
    return max(gaps, default=0.0)


def mistakes(first: int, count: int) -> Iterator[tuple[str, Program]]:
    """Return the spoilt programs whose slip counts."""
    for one in map(program, range(first, first + count)):
        found = spoilt(one)
        if found is None:
            continue
        try:
            size = changed(one, found[1])
        except ValueError:  # shapes that do not fit
            continue
        if size > (1e-5 if one.precision == "float64" else 1e-3):
            yield found


def main() -> None:
    """Ask about every spoilt program, and print what was said."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=500, help="programs (default 500)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default 0)")
    given = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    calls = 0
    for slip, one in mistakes(given.first, given.count):
        report = asked(one)
        calls += report.losses + report.gradients
        for key in (one.style, one.precision, slip, "all"):
            counts[key, report.verdict] += 1
        if report.verdict not in ("wrong", "undecided"):
            print(_line(slip, one, report), flush=True)
    table("style", STYLES, counts)
    table("precision", PRECISIONS, counts)
    table("mistake", (*SLIPS, "all"), counts)
    total = sum(n for (key, _), n in counts.items() if key == "all")
    print(f"\n{calls / max(total, 1):.0f} calls each")


def _line(slip: str, one: Program, report: Report) -> str:
    blocks: list[Any] = [f"{b.name} {4 * b.floor:.1e} of {b.size:.1e}" for b in report.blocks]
    return (f"{one.number}: {slip}; {one.style}, {one.precision}, {one.model}, {one.loss}: "
            f"{report.verdict}: {report.reason} [{', '.join(blocks)}]; "
            f"off by {changed(program(one.number), one):.0e}")  # fmt: skip


if __name__ == "__main__":
    main()
