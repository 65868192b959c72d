"""A gallery of mistakes: one backward pass, a line of it changed, and what the check says of it.

Nothing is recorded: each exhibit is run, searched for its smallest failing case and diagnosed.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bpttcheck.check.report import Report
from bpttcheck.check.search import check_problem
from bpttcheck.diagnosis.catalogue import CATALOGUE, Entry

SOURCE = """\
import numpy as np


def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {
        "U": rng.normal(size=(n, m)), "W": rng.normal(size=(n, n)) / np.sqrt(n),
        "V": rng.normal(size=(p, n)), "b": np.zeros(n), "c": np.zeros(p),
        "x": rng.normal(size=(T, B, m)), "h0": rng.normal(size=(B, n)),
    }
    y = rng.normal(size=(T, B, p))

    def value_and_grad(params):
        U, W, V, b, c, x, h0 = params.values()
        a, h = np.zeros((T, B, n)), np.zeros((T + 1, B, n))
        h[0] = h0
        for t in range(T):
            a[t] = x[t] @ U.T + h[t] @ W.T + b
            h[t + 1] = np.tanh(a[t])
        o = h[1:] @ V.T + c
        loss = ((o - y) ** 2).sum() / 2
        do = o - y
        dU, dW, db = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b)
        dV, dc = np.einsum("tbi,tbj->ij", do, h[1:]), do.sum((0, 1))
        dx, message = np.zeros_like(x), np.zeros_like(h0)
        for t in range(T - 1, -1, -1):
            dh = do[t] @ V + message
            da = dh * (1 - h[t + 1] ** 2)
            dU += da.T @ x[t]
            dW += da.T @ h[t]
            db += da.sum(0)
            dx[t] = da @ U
            message = da @ W
        grads = {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "x": dx, "h0": message}
        return loss, grads

    return value_and_grad, params
"""

MISTAKES = (
    ("recurrent-transpose", "message = da @ W", "message = da @ W.T"),
    ("recurrent-message-dropped", "dh = do[t] @ V + message", "dh = do[t] @ V"),
    ("recurrent-truncated", "message = da @ W", "message = da @ W if t % 4 else 0 * da"),
    ("recurrent-weight-missing", "message = da @ W", "message = da"),
    ("message-not-reset", "message = da @ W", "message = da @ W + dh"),
    ("slope-missing", "da = dh * (1 - h[t + 1] ** 2)", "da = dh"),
    ("slope-missing-in-message", "message = da @ W", "message = dh @ W"),
    ("slope-missing-in-weights", "dW += da.T @ h[t]", "dW += dh.T @ h[t]"),
    ("slope-twice", "(1 - h[t + 1] ** 2)", "(1 - h[t + 1] ** 2) ** 2"),
    ("slope-of-preactivation", "(1 - h[t + 1] ** 2)", "(1 - a[t] ** 2)"),
    ("slope-of-activated", "(1 - h[t + 1] ** 2)", "(1 - np.tanh(h[t + 1]) ** 2)"),
    ("slope-of-another-step", "(1 - h[t + 1] ** 2)", "(1 - h[t] ** 2)"),
    ("slope-of-another-function", "(1 - h[t + 1] ** 2)", "h[t + 1] * (1 - h[t + 1])"),
    ("state-shifted", "dW += da.T @ h[t]", "dW += da.T @ h[t + 1]"),
    ("state-wraps-around", "dW += da.T @ h[t]", "dW += da.T @ h[1:][t - 1]"),
    ("initial-state-forgotten", "dW += da.T @ h[t]", "dW += da.T @ h[t] * (t > 0)"),
    ("first-step-skipped", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
    ("last-step-skipped", "range(T - 1, -1, -1)", "range(T - 2, -1, -1)"),
    ("output-gradient-at-last-step", "dh = do[t] @ V", "dh = do[t] @ V * (t == T - 1)"),
    ("output-gradient-repeated", "dh = do[t] @ V", "dh = do[-1] @ V"),
    ("output-gradient-shifted", "dh = do[t] @ V", "dh = do[min(t + 1, T - 1)] @ V"),
    ("time-sum-missing", "dW += da.T", "dW = da.T"),
    ("batch-sum-missing", "db += da.sum(0)", "db += da[0]"),
    ("axis-missing", "db += da.sum(0)", "db += da.sum()"),
    ("stale-cache", "dU += da.T @ x[t]", "dU += da.T @ x[-1]"),
    ("sign", "        do = o - y", "        do = y - o"),
    ("common-factor", "        do = o - y", "        do = (o - y) / B"),
    ("another-loss", "        do = o - y", "        do = np.sign(o - y)"),
    ("clipped", "message = da @ W", "message = np.clip(da @ W, -1, 1)"),
    ("clipped-result", '"W": dW', '"W": np.clip(dW, -1, 1)'),
    ("weight-decay", '"W": dW', '"W": dW + 1e-3 * W'),
    ("zero", '"h0": message', '"h0": np.zeros_like(h0)'),
    ("transposed-gradient", '"W": dW', '"W": dW.T'),
    ("input-gradient-without-recurrence", "dx[t] = da @ U",
     "dx[t] = (do[t] @ V * (1 - h[t + 1] ** 2)) @ U"),
    ("time-reversed", '"x": dx', '"x": dx[::-1]'),
    ("initial-gradient-short", '"h0": message', '"h0": dh'),
)  # fmt: skip
"""The cause, a piece of the source, and what stands there instead."""


@dataclass(frozen=True)
class Exhibit:
    """A mistake: the catalogue's entry, the right and the wrong line, and the report of the check.

    ``report.case`` is the smallest failing case, ``report.cause`` the diagnosis.
    """

    entry: Entry
    right: str
    wrong: str
    report: Report


def gallery(names: Iterable[str] | None = None, *, max_examples: int = 10) -> Iterator[Exhibit]:
    """Yield the mistakes of the gallery, each run as ``bpttcheck check`` would.

    Arguments:
        names: causes of the catalogue; all that are planted without.
        max_examples: random cases, beyond those that are always visited.

    Raises:
        ValueError: a name that is not planted.
    """
    planted = {cause: (old, new) for cause, old, new in MISTAKES}
    for name in planted if names is None else names:
        if name not in planted:
            raise ValueError(f"names: expected some of {', '.join(planted)}, got {name!r}")
        old, new = planted[name]
        right = next(line.strip() for line in SOURCE.splitlines() if old in line)
        wrong = next(line.strip() for line in _text(old, new).splitlines() if new in line)
        report = check_problem(problem_with(old, new), max_examples=max_examples)
        yield Exhibit(CATALOGUE[name], right, wrong, report)


def problem_with(old: str = "", new: str = "") -> Callable[..., Any]:
    """Return ``problem`` of the source, with one piece of it replaced."""
    text, name = _text(old, new), f"<gallery: {new}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec"), space)
    found: Callable[..., Any] = space["problem"]
    return found


def _text(old: str, new: str) -> str:
    return SOURCE.replace(old, new, 1) if old else SOURCE
