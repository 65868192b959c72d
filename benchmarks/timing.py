"""Interleaved timing, ratios with their spread, and the table that shows them."""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median, quantiles
from typing import Any

Call = Callable[[], Any]
TURNS = range(5, 201)


def options(description: str | None, **choices: Sequence[str]) -> argparse.Namespace:
    """Return the options of the command line, with the process on as many cores as they say.

    To be called before anything is imported that starts threads: each library then starts as many
    as there are cores to run on. ``choices`` has words by name, of which some can be chosen.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--cores", type=int, default=len(cores) or None, help="all by default")
    parser.add_argument("--seconds", type=float, default=2.0, help="time for a row (default: 2)")
    for name, words in choices.items():
        parser.add_argument(f"--{name}", nargs="+", default=list(words), choices=words)
    given = parser.parse_args()
    if cores and given.cores:
        os.sched_setaffinity(0, cores[: given.cores])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(given.cores or os.cpu_count())
    return given


def installed(*names: str) -> list[str]:
    """Return those of the libraries that can be imported, and say which cannot."""
    found = [name for name in names if importlib.util.find_spec(name)]
    if missing := [name for name in names if name not in found]:
        print(f"Not installed, left out: {', '.join(missing)}.")
    return found


def about(given: argparse.Namespace, *libraries: str) -> None:
    """Print what the numbers depend on."""
    names = ["numpy", *libraries]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    print(
        f"{given.cores} cores, {platform.machine()}; Python {platform.python_version()}, {versions}"
    )


def assert_same(name: str, ours: Any, theirs: Any) -> None:
    """Refuse to time a function that computes something else than ours.

    The two differ by rounding alone, in sums of as many terms as the arrays have; half the digits
    of the dtype, relative to the largest entry, is far above that and far below any mistake.
    """
    import numpy as np  # here, after the number of threads is settled

    theirs = np.asarray(theirs).reshape(np.shape(ours))
    scale = np.abs(ours).max()
    error = np.abs(ours - theirs).max() / scale
    if not error <= np.sqrt(np.finfo(ours.dtype).eps):
        raise AssertionError(f"{name}: another result than ours, relative difference {error:.1e}")


def turns(contenders: Mapping[str, Call], seconds: float) -> dict[str, list[float]]:
    """Time all contenders in turns, for about ``seconds``; return seconds per call, by turn.

    On one core they are those of the processor, in which other programs' time is not.
    """
    clock = time.process_time if os.environ.get("OMP_NUM_THREADS") == "1" else time.perf_counter
    calls = {}
    for name, call in contenders.items():  # also warms up: compilers, caches, thread pools
        call()
        start = clock()
        call()
        once = clock() - start
        calls[name] = max(1, round(0.002 / max(once, 1e-7)))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    collecting = gc.isenabled()
    gc.disable()
    end = time.perf_counter() + seconds
    for turn in range(TURNS.stop):
        if turn >= TURNS.start and time.perf_counter() > end:
            break
        for name, call in contenders.items():
            count = calls[name]
            start = clock()
            for _ in range(count):
                call()
            times[name].append((clock() - start) / count)
        gc.collect(0)
    if collecting:
        gc.enable()
    return times


def ratio(ours: list[float], theirs: list[float]) -> str:
    """Return the median of the turns' ratios, with their quartiles."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, _, high = quantiles(ratios, n=4)
    return f"{median(ratios):.2f} ({low:.2f}–{high:.2f})"


def milliseconds(times: list[float]) -> str:
    """Return the median time, three digits, in milliseconds."""
    return f"{1e3 * median(times):#.3g}".rstrip(".")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print a Markdown table, a row as soon as it is there."""
    head = list(head)
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join("---" if i == 0 else "---:" for i in range(len(head))) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
        sys.stdout.flush()
