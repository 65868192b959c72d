"""Wrong gradients at magnitudes from 1e-300 to 1e300, and whether the printed floor is true.

A wrong gradient has to be found, or said to be out of sight; its right version has to be right, or
out of sight. Where a block is right, an error as large as "found if ≥" is planted in one entry, and
has to be found.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck import check_gradients
from bpttcheck.check.verdict.report import Report

Arrays = dict[str, Any]
Function = Callable[[Arrays], tuple[Any, Arrays]]

EXPONENTS = (-300, -250, -200, -180, -160, -150, -100, -50, -20, -8, 0,
             8, 20, 50, 100, 150, 200, 250, 300)  # fmt: skip

SLACK = 1 + 2.0**-20
"""A floor is printed with fewer digits than it has."""


@dataclass(frozen=True)
class Example:
    """A right function of one magnitude: what it is, what has the magnitude, and a point."""

    name: str
    large: str
    exponent: int
    function: Function
    params: Arrays


def tanh_layer(W: Any, x: Any) -> tuple[Any, Any]:
    """Return Σ tanh(W x) and its gradient."""
    h = np.tanh(W @ x)
    return h.sum(), (1 - h * h)[:, None] * x[None, :]


def softmax(W: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the cross-entropy of targets y and the softmax of W x, and its gradient."""
    z = W @ x
    q = np.exp(z - z.max())
    q = q / q.sum()
    return -(y * np.log(q)).sum(), (q - y)[:, None] * x[None, :]


def rnn(p: Arrays, x: Any) -> tuple[Any, Arrays]:
    """Return Σ_t ‖h_t‖² / 2 of a vanilla RNN, and its gradients."""
    U, W = p["U"], p["W"]
    h = [np.zeros(len(W))]
    for t in range(len(x)):
        h.append(np.tanh(U @ x[t] + W @ h[t]))
    loss = sum((s * s).sum() for s in h[1:]) / 2
    dU, dW, message = 0 * U, 0 * W, 0 * h[-1]
    for t in range(len(x) - 1, -1, -1):
        da = (h[t + 1] + message) * (1 - h[t + 1] * h[t + 1])
        dU = dU + da[:, None] * x[t][None, :]
        dW = dW + da[:, None] * h[t][None, :]
        message = W.T @ da
    return loss, {"U": dU, "W": dW}


def examples(exponent: int) -> Iterator[Example]:
    """Make every example of one magnitude."""
    s = 10.0**exponent
    rng = np.random.default_rng(0)
    a, c = rng.uniform(0.5, 2, (3, 3)), rng.uniform(0.5, 2, (3, 3))
    x, y = rng.uniform(0.5, 1, 3), np.array([0.5, 0.25, 0.25])
    steps, U, W = rng.normal(size=(4, 2)), rng.normal(size=(3, 2)), 0.5 * rng.normal(size=(3, 3))

    def beside(p: Arrays) -> tuple[Any, Arrays]:
        one, two = (tanh_layer(p[k], x) for k in "ab")
        return two[0] + s * one[0], {"a": s * one[1], "b": two[1]}

    def linear(p: Arrays) -> tuple[Any, Arrays]:
        return (c * p["a"]).sum(), {"a": c + 0 * p["a"]}

    def square(p: Arrays) -> tuple[Any, Arrays]:
        return (p["a"] * p["a"]).sum(), {"a": 2 * p["a"]}

    def square_over(p: Arrays) -> tuple[Any, Arrays]:
        return (p["a"] * (p["a"] / s)).sum(), {"a": 2 * (p["a"] / s)}

    def layer(over: float) -> Function:
        return lambda p: _named(tanh_layer(p["a"], x / over))

    def scores(over: float) -> Function:
        return lambda p: _named(softmax(p["a"], x / over, y))

    made: list[tuple[str, str, Function, Arrays]] = [
        ("Σ c a", "parameters", linear, {"a": s * a}),
        ("Σ c a", "loss and gradient", _times(s, linear), {"a": a}),
        ("Σ a²", "parameters", square, {"a": s * a}),
        ("Σ a²", "loss and gradient", _times(s, square), {"a": a}),
        ("Σ a² / s", "parameters and loss", square_over, {"a": s * a}),
        ("tanh", "parameters, 1 / inputs", layer(s), {"a": s * a / 4}),
        ("tanh", "loss and gradient", _times(s, layer(1.0)), {"a": a / 4}),
        ("tanh", "one gradient of two", beside, {"a": a / 4, "b": c / 4}),
        ("softmax", "parameters, 1 / inputs", scores(s), {"a": s * a}),
        ("softmax", "loss and gradient", _times(s, scores(1.0)), {"a": a}),
        ("RNN", "U, 1 / inputs", lambda p: rnn(p, steps / s), {"U": s * U, "W": W}),
        ("RNN", "loss and gradient", _times(s, lambda p: rnn(p, steps)), {"U": U, "W": W}),
    ]
    for name, large, function, params in made:
        yield Example(name, large, exponent, function, params)
        yield Example(f"{name}, floats alone", large, exponent, _floats(function), params)


def _named(pair: tuple[Any, Any]) -> tuple[Any, Arrays]:
    return pair[0], {"a": pair[1]}


def _times(s: float, function: Function) -> Function:
    """Return a function s times as large."""

    def value_and_grad(p: Arrays) -> tuple[Any, Arrays]:
        loss, gradients = function(p)
        return s * loss, {k: s * g for k, g in gradients.items()}

    return value_and_grad


def _floats(function: Function) -> Function:
    """Return a function that runs over floats alone."""

    def value_and_grad(p: Arrays) -> tuple[Any, Arrays]:
        loss, gradients = function(p)
        return float(loss), {k: np.asarray(g, dtype=float) for k, g in gradients.items()}

    return value_and_grad


MISTAKES: dict[str, Callable[[Any], Any]] = {
    "3/2 of it": lambda g: g * 1.5,
    "another sign": lambda g: -g,
    "zero": lambda g: 0 * g,
    "no transpose": lambda g: g.T if g.shape[0] == g.shape[1] else g[:, ::-1],
    "clip at ±5": lambda g: np.clip(g, -5, 5),
    "one entry halved": lambda g: _with(g, (0, 0), g[0, 0] / 2),
}
"""What is done to the gradient of the first array."""


def _with(g: Any, index: tuple[int, ...], value: Any) -> Any:
    changed = g.copy()
    changed[index] = value
    return changed


def asked(function: Function, params: Arrays) -> Report:
    """Return what is said of a function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return check_gradients(function, params, locate=False)
        except Exception as error:  # a checker that raises saw nothing
            return Report("an error of ours", f"{type(error).__name__}: {error}")


def mistaken(one: Example, change: Callable[[Any], Any]) -> Function:
    """Return the function with a mistake in the gradient of its first array."""
    first = next(iter(one.params))

    def value_and_grad(p: Arrays) -> tuple[Any, Arrays]:
        loss, gradients = one.function(p)
        return loss, gradients | {first: change(gradients[first])}

    return value_and_grad


def error(one: Example, change: Callable[[Any], Any]) -> tuple[float, float]:
    """Return by how much a mistake changes an entry at most, and the largest entry."""
    first = next(iter(one.params))
    with np.errstate(all="ignore"):
        gradient = one.function(one.params)[1][first]
        return float(np.abs(change(gradient) - gradient).max()), float(np.abs(gradient).max())


def matters(one: Example, mistake: str) -> bool:
    """Tell whether a mistake changes the gradient by a tenth of its largest entry.

    A loss of floats that another part drowns does not move: a gradient of zero there cannot be told
    from one that is zero by right, as that of W is at T = 1. The floor says so, and it is left out.
    """
    if mistake == "zero" and one.large == "one gradient of two" and "floats" in one.name:
        return False
    gap, largest = error(one, MISTAKES[mistake])
    return math.isfinite(gap) and gap > 0.1 * largest


def spoilt(one: Example, name: str, floor: float) -> Function:
    """Return the function with one entry off by what a report says is found."""
    with np.errstate(all="ignore"):
        gradient = one.function(one.params)[1][name]
    index = tuple(k // 2 for k in gradient.shape)
    error = SLACK * 4 * floor + math.ulp(float(gradient[index]))

    def value_and_grad(p: Arrays) -> tuple[Any, Arrays]:
        loss, gradients = one.function(p)
        g = gradients[name]
        return loss, gradients | {name: _with(g, index, g[index] + error)}

    return value_and_grad


def words(one: Example, what: str, report: Report) -> str:
    """Return a line about what was said."""
    floors = ", ".join(f"{b.name} {b.verdict} {4 * b.floor:.1e}" for b in report.blocks)
    return (f"1e{one.exponent:+d} {one.name} ({one.large}), {what}: {report.verdict}: "
            f"{report.reason} [{floors}]")  # fmt: skip


def asked_at(exponent: int, only: str = "") -> tuple[Counter[str], list[str]]:
    """Return the counts of one magnitude, and a line for whatever should not be."""
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for one in examples(exponent):
        if only not in one.name:
            continue
        for mistake, change in MISTAKES.items():
            if not matters(one, mistake):
                continue
            report = asked(mistaken(one, change), one.params)
            verdict = report.verdict
            if verdict == "right" and _below(one, change, report):
                verdict = "right, below its floor"
            counts[f"wrong: {verdict}"] += 1
            untrue = verdict == "undecided" and not _below(one, change, report)
            counts["untrue"] += untrue
            if verdict not in ("wrong", "undecided") or untrue:
                lines.append(words(one, mistake, report))
        report = asked(one.function, one.params)
        counts[f"right: {report.verdict}"] += 1
        if report.verdict not in ("right", "undecided"):
            lines.append(words(one, "right", report))
        for block in report.blocks:
            if block.verdict != "right":
                continue
            answer = asked(spoilt(one, block.name, block.floor), one.params)
            counts["floors"] += 1
            counts["true floors"] += answer.verdict == "wrong"
            if answer.verdict != "wrong":
                lines.append(words(one, f"4E = {4 * block.floor:.1e} in {block.name}", answer))
    return counts, lines


def _below(one: Example, change: Callable[[Any], Any], report: Report) -> bool:
    """Tell whether the error of every entry is below what the report says is found."""
    first = next(iter(one.params))
    floors = [4 * SLACK * b.floor for b in report.blocks if b.name == first]
    return not floors or error(one, change)[0] <= floors[0]


COLUMNS = {
    "wrong: wrong": "wrong code: found", "wrong: undecided": "out of sight",
    "wrong: right, below its floor": "right, floor above the error", "wrong: right": "right",
    "wrong: an error of ours": "our error", "right: right": "right code: right",
    "right: undecided": "out of sight", "right: wrong": "called wrong",
    "right: an error of ours": "our error",
}  # fmt: skip


def main() -> None:
    """Print a table by magnitude."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--exponents", type=int, nargs="+", default=EXPONENTS)
    parser.add_argument("--only", default="", help="examples whose name has this in it")
    given = parser.parse_args()
    print(f"| | {' | '.join(COLUMNS.values())} | floors true |")
    print("|---|" + "---:|" * (len(COLUMNS) + 1))
    every, lines = Counter[str](), list[str]()
    for exponent in given.exponents:
        counts, more = asked_at(exponent, given.only)
        every += counts
        lines += more
        _row(f"1e{exponent:+d}", counts)
    _row("all", every)
    print(f"\n{len(lines)} that should not be; {every['untrue']} undecided with an untrue floor")
    print("\n".join(lines))


def _row(label: str, counts: Counter[str]) -> None:
    cells = [str(counts[column]) for column in COLUMNS]
    floors = f"{counts['true floors']} of {counts['floors']}"
    print(f"| {label} | {' | '.join(cells)} | {floors} |", flush=True)


if __name__ == "__main__":
    main()
