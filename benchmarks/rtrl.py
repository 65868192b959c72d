"""RTRL against BPTT, a step of each, as a ratio of times: ``--help``.

With n inputs, n states and one output, over the same forward pass. A step is what a longer
sequence costs more than a shorter one, divided by the difference of their lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks import timing

GIVEN = timing.options(__doc__) if __name__ == "__main__" else None

import numpy as np  # noqa: E402 — after the number of threads is settled

from bpttcheck.bptt.recursion import recursion  # noqa: E402
from bpttcheck.cells.forward import equations  # noqa: E402
from bpttcheck.cells.rnn import rnn  # noqa: E402
from bpttcheck.witnesses import rtrl  # noqa: E402

SIZES = (4, 8, 16, 32, 64, 128)
ALGORITHMS = {"BPTT": (recursion, 16, 144), "RTRL": (rtrl.rnn, 4, 12)}
"""What to call, and the two lengths that a step is the difference of."""


def calls(n: int) -> dict[str, timing.Call]:
    """Return both algorithms, each over its short and its long sequence."""
    random = np.random.default_rng(0)
    shapes = {"U": (n, n), "W": (n, n), "V": (1, n)}
    weights = {k: random.normal(size=s) / np.sqrt(n) for k, s in shapes.items()}
    weights |= {"b": np.zeros(n), "b_s": np.zeros(1)}
    found: dict[str, timing.Call] = {}
    for name, (algorithm, *lengths) in ALGORITHMS.items():
        for T in lengths:
            x, ds = random.normal(size=(T, 1, n)), random.normal(size=(T, 1, 1))
            run = equations(rnn(), weights, x, {"h": np.zeros((1, n))})
            found[f"{name} {T}"] = lambda a=algorithm, r=run, d=ds: a(weights, r, d)
            if name == "RTRL":
                there, back = rtrl.rnn(weights, run, ds), recursion(weights, run, ds)
                timing.assert_same(f"n = {n}", back.dW, there.W)
    return found


def rows(seconds: float) -> Iterator[list[str]]:
    """Time a step of each, in turns."""
    for n in SIZES:
        times = timing.turns(calls(n), seconds)
        steps = {}
        for name, (_, short, long) in ALGORITHMS.items():
            pairs = zip(times[f"{name} {short}"], times[f"{name} {long}"], strict=True)
            steps[name] = median((b - a) / (long - short) for a, b in pairs)
        shown = (f"{1e6 * step:#.3g}".rstrip(".") for step in steps.values())
        yield [str(n), *shown, f"{steps['RTRL'] / steps['BPTT']:,.0f}"]


def main(given: Any) -> None:
    """Print the table."""
    timing.about(given)
    print("\nMicroseconds a step, and RTRL / BPTT\n")
    timing.table(["n", "BPTT", "RTRL", "ratio"], rows(given.seconds))


if __name__ == "__main__":
    main(GIVEN)
