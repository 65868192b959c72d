"""A library's cells over many points, in its own environment: what is called right, what wrong.

    python -m libraries.trial flax > row.json

A folder's ``run.py`` has ``CELLS``, from the name of a layout to a function of the arrays by name,
which returns the outputs and a pullback, or None where the library has no gradients; ``FORMS`` of
those that have layers or options which no layout is named for; and ``VERSIONS``, of what was
imported.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bpttcheck import adaptors, check_conformance
from bpttcheck.conformance import Conformance
from libraries import lies
from libraries.forms import Form, form_of
from libraries.points import drawn, sizes_of

SCALES = (1e-3, 0.1, 1.0, 3.0, 10.0)
POINTS = {1: (SCALES, 5), 4: (SCALES, 3), 30: ((0.1, 1.0, 10.0), 1), 200: ((1.0,), 1)}
"""By T, by what the weights are multiplied and how many seeds."""

Run = Callable[[Mapping[str, Any]], tuple[Any, Any]]


def adapted(run: Run, params: Mapping[str, Any]) -> adaptors.Adapted:
    """Return a cell as an adaptor has it: with its pullback, or its outputs alone."""
    if run(params)[1] is None:
        return adaptors.from_outputs(lambda p: run(p)[0], params)
    return adaptors.from_vjp(run, None, params)


def of(name: str, form: Form, run: Run, steps: list[int], dtypes: list[str]) -> dict[str, Any]:
    """Return what came of one cell."""
    counts, reasons = dict[str, Any](), list[str]()
    single = "T" not in form.layout.sequences()["x"][1]
    began = time.perf_counter()
    for dtype in dtypes:
        for T in [1] if single else steps:
            found = Counter[str]()
            for report, where in _points(form, run, T, dtype):
                found[report.verdict] += 1
                if report.verdict == "wrong":
                    reasons.append(f"{dtype}, T = {T}, {where}: {report.reason}")
            counts[f"{dtype}, T = {T}"] = dict(found)
    return {
        "layout": name,
        "date": datetime.date.today().isoformat(),
        "verdicts": counts,
        "wrong": reasons[:3],
        "lies": lies.caught(form, run, adapted, dtypes),
        "seconds": round(time.perf_counter() - began),
    }


def _points(form: Form, run: Run, T: int, dtype: str) -> Iterator[tuple[Conformance, str]]:
    scales, seeds = POINTS[T]
    for scale in scales:
        for seed in range(seeds):
            params = drawn(form, sizes_of(form, T), dtype, scale, seed)
            report = check_conformance(*adapted(run, params), form.layout, seed=seed, **form.how(T))
            yield report, f"weights × {scale:g}, seed {seed}"


def main() -> None:
    """Run a library's cells and print a list of rows as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library")
    parser.add_argument("--cell", help="one alone")
    parser.add_argument("--steps", type=int, nargs="*", default=list(POINTS))
    asked = parser.parse_args()
    library = importlib.import_module(f"libraries.{asked.library}.run")
    rows = []
    for name, run in library.CELLS.items():
        if asked.cell in (None, name):
            dtypes = getattr(library, "DTYPES", ["float32", "float64"])
            row = of(name, form_of(library, name), run, asked.steps, dtypes)
            rows.append({"library": asked.library, "versions": library.VERSIONS, **row})
            print(name, row["verdicts"], row["lies"], f"{row['seconds']} s", file=sys.stderr)
            for line in row["wrong"]:
                print("   ", line, file=sys.stderr)
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
