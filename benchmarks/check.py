"""What gradient checkers see: planted mistakes, false alarms, a million parameters: ``--help``.

Points are drawn from four regimes (ordinary; zero biases and state; saturated; large, where a clip
at ±5 matters). A mistake counts at a point where it changes the gradient by more than 10⁻¹² of its
largest entry. "Best" is the tightest tolerance, among powers of ten, at which a checker passes all
correct points drawn for that purpose. Ours has none to choose.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

from benchmarks.gradcheckers import Checker, available
from benchmarks.planted import MISTAKES, REGIMES, drawn, network
from bpttcheck import check_gradients

Point = tuple[dict[str, Any], Any]

CHANGED = 1e-12
TURNS = 50
TOLERANCES = [10.0**-k for k in range(12, 0, -1)]


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="of each mistake (default 20)")
    parser.add_argument("--peer-seeds", type=int, default=5, help="the same for the others")
    parser.add_argument("--correct", type=int, default=2000, help="correct cases (default 2000)")
    parser.add_argument("--ours", action="store_true", help="what ours finds, and at what cost")
    parser.add_argument("--size", type=int, default=1000, help="n of the large W (default 1000)")
    return parser.parse_args()


def progress(text: str) -> None:
    """Say on stderr where we are."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)


def errors(mistake: str, point: Point) -> dict[str, Any]:
    """Return what a mistake adds to each gradient."""
    params, y = point
    wrong, right = (network(m, params, y)(params)[1] for m in (mistake, ""))
    return {name: wrong[name] - right[name] for name in right}


def matters(mistake: str, point: Point) -> bool:
    """Tell whether a mistake changes the gradient at a point."""
    params, y = point
    right = network("", params, y)(params)[1]
    changed = errors(mistake, point)
    return any(np.abs(changed[n]).max() > CHANGED * np.abs(right[n]).max() for n in right)


def points(seeds: int, sizes: tuple[int, ...] = (8, 3, 2, 4, 2)) -> Iterator[tuple[str, Point]]:
    """Draw points of every regime."""
    for regime in REGIMES:
        for seed in range(seeds):
            yield regime, drawn(seed, regime, sizes)


def tightest(name: str, checker: Checker) -> float:
    """Return the tightest tolerance at which a checker passes 60 correct points."""
    level = 0
    for k, (_, (params, y)) in enumerate(points(15)):
        progress(f"tolerance of {name}: {k}")
        while not checker(network("", params, y), params, TOLERANCES[level]):
            level += 1
            if level == len(TOLERANCES):
                return float("inf")
    return TOLERANCES[level]


def detection(
    checkers: dict[str, Checker], tolerances: dict[str, float], given: argparse.Namespace
) -> None:
    """Print how many mistakes each checker sees, and that ours keeps its promise."""
    ours: dict[str, list[bool]] = {m: [] for m in MISTAKES}
    seen: dict[tuple[str, str], list[bool]] = {}
    alone: dict[str, list[bool]] = {}
    promised = kept = 0
    floors: dict[str, list[float]] = {"wrong": [], "all": []}
    calls: list[int] = []
    spent = 0.0
    for mistake in MISTAKES:
        progress(f"detection: {mistake}")
        for _, point in points(given.seeds):
            if not matters(mistake, point):
                continue
            params, y = point
            start = time.process_time()
            report = check_gradients(network(mistake, params, y), params, locate=False)
            spent += time.process_time() - start
            calls.append(report.losses + report.gradients)
            floors["all"] += [4 * b.floor for b in report.blocks]
            floors["wrong"] += [4 * b.floor for b in report.blocks if b.verdict == "wrong"]
            ours[mistake].append(report.verdict == "wrong")
            changed = errors(mistake, point)
            for block in report.blocks:
                entries = np.abs(changed[block.name])
                if (entries > 0).sum() == 1 and entries.max() >= 4 * block.floor:
                    promised += 1
                    kept += block.verdict == "wrong"
        for _, point in points(0 if given.ours else given.peer_seeds):
            if not matters(mistake, point):
                continue
            params, y = point
            for name, checker in checkers.items():
                for how in (None, tolerances.get(name)):
                    if name == "bpttcheck" and how is not None:
                        continue
                    label = name + (" (best)" if how is not None else "")
                    answer = checker(network(mistake, params, y), params, how)
                    seen.setdefault((label, mistake), []).append(not answer)
        for seed in range(0 if given.ours else given.peer_seeds):
            short = drawn(seed, "ordinary", (3, 1, 2, 4, 2))
            for name, checker in checkers.items():
                answer = checker(network(mistake, *short), short[0], tolerances.get(name))
                alone.setdefault(name, []).append(not answer)
    every = [hit for hits in ours.values() for hit in hits]
    print(f"\nOurs: {sum(every):,} of {len(every):,} mistaken points found "
          f"({len(MISTAKES)} mistakes, {given.seeds} seeds, {len(REGIMES)} regimes).")  # fmt: skip
    for mistake, hits in ours.items():
        if not all(hits):
            print(f"  - {mistake}: {sum(hits)} of {len(hits)}")
    print(f"Errors of one entry of at least 4E: {kept} of {promised} found.")
    print(f"Found if ≥, median: {median(floors['wrong']):.2e} over {len(floors['wrong']):,} wrong "
          f"arrays, {median(floors['all']):.2e} over all {len(floors['all']):,}.")  # fmt: skip
    print(f"A point: {np.mean(calls):,.0f} calls, median {median(calls):,.0f}; "
          f"{spent / len(calls):.3f} CPU seconds.\n")  # fmt: skip
    if given.ours:
        return
    labels = list(dict.fromkeys(label for label, _ in seen))
    print("| checker | mistaken points found | mistakes always found | at T = 3, B = 1 alone |")
    print("|---|---:|---:|---:|")
    for label in labels:
        mine = {m: hits for (other, m), hits in seen.items() if other == label}
        hits = [hit for found in mine.values() for hit in found]
        always = sum(all(found) for found in mine.values())
        name = label.removesuffix(" (best)")
        is_best = label != name or name == "bpttcheck"
        short_hits = f"{np.mean(alone[name]):.0%}" if is_best else ""
        tolerance = f", {tolerances[name]:.0e}" if label != name else ""
        print(
            f"| {label}{tolerance} | {np.mean(hits):.1%} | {always} of {len(mine)} | {short_hits} |"
        )


def correct(checkers: dict[str, Checker], given: argparse.Namespace) -> None:
    """Print false alarms on correct code, of random sizes and all regimes, and the 95 % bound."""
    print("\n| correct code | cases | called wrong | undecided | 95 % bound |")
    print("|---|---:|---:|---:|---:|")
    for label, dtype, relu in (
        ("float64, tanh", np.float64, False), ("float64, ReLU", np.float64, True),
        ("float32, tanh", np.float32, False),
    ):  # fmt: skip
        count = given.correct // 2 if label == "float64, tanh" else given.correct // 4
        verdicts = []
        for seed in range(count):
            progress(f"{label}: {seed} of {count}")
            sizes = tuple(int(k) for k in np.random.default_rng(seed).integers(1, (13, 4, 4, 6, 4)))
            params, y = drawn(seed, REGIMES[seed % len(REGIMES)], sizes, dtype)
            check = network("", params, y, relu=relu)
            verdicts.append(check_gradients(check, params, seed=seed, locate=False).verdict)
        wrong = verdicts.count("wrong")
        bound = f"{1 - 0.05 ** (1 / count):.2%}" if not wrong else ""
        print(f"| {label} | {count:,} | {wrong} | {verdicts.count('undecided')} | {bound} |")
    print("\n| correct code, default tolerances | cases | rejected |\n|---|---:|---:|")
    for name, checker in list(checkers.items())[1:]:
        for dtype in (np.float64, np.float32):
            alarms = [
                not _answer(checker, network("", *point), point[0])
                for regime in REGIMES
                for seed in range(100, 110)
                for point in [drawn(seed, regime, dtype=dtype)]
            ]
            print(f"| {name}, {np.dtype(dtype)} | {len(alarms)} | {sum(alarms)} |")


def _answer(checker: Checker, function: Any, params: Any) -> bool:
    try:
        return checker(function, params, None)
    except (TypeError, ValueError, RuntimeError):
        return False


def large(checkers: dict[str, Checker], given: argparse.Namespace) -> None:
    """Print what is seen of one entry among a million."""
    params, y = drawn(0, "ordinary", (4, 2, 8, given.size, 8))
    right = network("", params, y)
    count = sum(a.size for a in params.values())
    print(f"\nOne entry of W wrong by 10⁻⁶ of its RMS, among {count:,} parameters:\n")
    print("| checker | right code | wrong code | seconds | calls |\n|---|---|---|---:|---:|")
    spot = (given.size // 3, given.size // 2)
    calls = [0]

    def counting(entry: float) -> Any:
        def value_and_grad(p: dict[str, Any]) -> Any:
            calls[0] += 1
            loss, g = right(p)
            g["W"][spot] += entry * float(np.sqrt(np.mean(g["W"] ** 2)))
            return loss, g

        return value_and_grad

    for name in ("bpttcheck", "its fast mode", "JAX check_vjp"):
        if name not in checkers:
            continue
        progress(f"large: {name}")
        calls[0], start = 0, time.perf_counter()
        good = checkers[name](counting(0.0), params, None)
        seconds, spent = time.perf_counter() - start, calls[0]
        bad = checkers[name](counting(1e-6), params, None)
        label = "torch gradcheck, fast" if name == "its fast mode" else name
        words = ("passes" if good else "rejected", "passes" if bad else "rejected")
        print(f"| {label} | {words[0]} | {words[1]} | {seconds:.1f} | {spent:,} |")


def speed(checkers: dict[str, Checker]) -> None:
    """Print the time of a verdict on right code at T = 8, B = 3, in turns, as a ratio to ours."""
    params, y = drawn(0, "ordinary")
    right = network("", params, y)
    verdict = check_gradients(right, params, locate=False)

    def alone(function: Any, given: dict[str, Any], _tolerance: float | None) -> bool:
        for _ in range(verdict.losses + verdict.gradients):
            function(given)
        return True

    checkers = checkers | {"the function alone, as often as ours calls it": alone}
    times: dict[str, list[float]] = {name: [] for name in checkers}
    for turn in range(TURNS):
        for name, checker in checkers.items():
            start = time.perf_counter()
            checker(right, params, None)
            if turn:  # the first one imports
                times[name].append(time.perf_counter() - start)
    ours = median(times["bpttcheck"])
    report = check_gradients(right, params)
    print(f"\nA verdict on right code: {1e3 * ours:.0f} ms, {verdict.losses} losses and "
          f"{verdict.gradients} gradients; {report.losses} and {report.gradients} with a point "
          "beside it.\n\n| checker | time, of ours | ours, of its |\n|---|---:|---:|")  # fmt: skip
    for name in checkers:
        ratios = [t / o for t, o in zip(times[name], times["bpttcheck"], strict=True)]
        print(f"| {name} | {median(ratios):.2f} | {1 / median(ratios):.2f} |")


def main() -> None:
    """Run everything."""
    given = options()
    if given.ours:
        detection({}, {}, given)
        return
    checkers = available()
    speed(checkers)
    large(checkers, given)
    correct(checkers, given)
    tolerances = {n: tightest(n, c) for n, c in checkers.items() if n != "bpttcheck"}
    detection(checkers, {n: t for n, t in tolerances.items() if np.isfinite(t)}, given)


if __name__ == "__main__":
    main()
