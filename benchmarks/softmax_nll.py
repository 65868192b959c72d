"""Softmax, NLL and its gradient against plain NumPy, SciPy and PyTorch: ``--help``.

A row is a function and the shape (rows, p) of its logits, uniform in ±30; targets are class
indices. Plain NumPy is what one would write: exp(o − max o) over its sum, ln Σ exp, ŷ less one at
the target. PyTorch's gradient is its whole cross_entropy, forward and backward: it offers no less.
Ratios are ours / theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import timing

GIVEN = timing.options(__doc__) if __name__ == "__main__" else None

import numpy as np  # noqa: E402 — after the number of threads is settled

import bpttcheck  # noqa: E402
from benchmarks.timing import Call, assert_same  # noqa: E402

SHAPES = [(1, 10), (100, 10), (10_000, 10), (1_000, 1_000), (100, 50_000)]
FUNCTIONS = ("softmax", "log_softmax", "nll", "nll_gradient")


def ours(o: Any, y: Any) -> dict[str, Call]:
    """Return the reference functions."""
    return {
        "softmax": lambda: bpttcheck.softmax(o),
        "log_softmax": lambda: bpttcheck.log_softmax(o),
        "nll": lambda: bpttcheck.nll(o, y),
        "nll_gradient": lambda: bpttcheck.nll_gradient(o, y),
    }


def plain(o: Any, y: Any) -> dict[str, Call]:
    """Return what one would write in NumPy."""
    rows = np.arange(len(y))

    def softmax() -> Any:
        e = np.exp(o - o.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def log_softmax() -> Any:
        d = o - o.max(axis=-1, keepdims=True)
        return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))

    def nll_gradient() -> Any:
        result = softmax()
        result[rows, y] -= 1
        return result

    return {
        "softmax": softmax,
        "log_softmax": log_softmax,
        "nll": lambda: -log_softmax()[rows, y].sum(),
        "nll_gradient": nll_gradient,
    }


def scipy(o: Any, y: Any) -> dict[str, Call]:
    """Return SciPy's functions, of which there are two."""
    from scipy import special

    return {
        "softmax": lambda: special.softmax(o, axis=-1),
        "log_softmax": lambda: special.log_softmax(o, axis=-1),
    }


def torch(o: Any, y: Any) -> dict[str, Call]:
    """Return PyTorch's functions."""
    import torch
    from torch.nn import functional

    logits, classes = torch.from_numpy(o), torch.from_numpy(y)
    watched = logits.clone().requires_grad_()

    def nll_gradient() -> Any:
        loss = functional.cross_entropy(watched, classes, reduction="sum")
        return torch.autograd.grad(loss, watched)[0]

    return {
        "softmax": lambda: functional.softmax(logits, dim=-1),
        "log_softmax": lambda: functional.log_softmax(logits, dim=-1),
        "nll": lambda: functional.cross_entropy(logits, classes, reduction="sum"),
        "nll_gradient": nll_gradient,
    }


def rows(libraries: dict[str, Any], seconds: float) -> Iterator[list[str]]:
    """Check, then time every function over all shapes."""
    for dtype in (np.float64, np.float32):
        for shape in SHAPES:
            random = np.random.default_rng(0)
            o = random.uniform(-30, 30, shape).astype(dtype)
            y = random.integers(0, shape[-1], shape[:-1])
            calls = {name: make(o, y) for name, make in libraries.items()}
            for function in FUNCTIONS:
                contenders = {n: c[function] for n, c in calls.items() if function in c}
                result = contenders["ours"]()
                for name, call in contenders.items():
                    assert_same(f"{name}, {function}", result, call())
                times = timing.turns(contenders, seconds)
                yield [
                    f"{function} {shape}, {np.dtype(dtype).name}",
                    timing.milliseconds(times["ours"]),
                    *(
                        timing.ratio(times["ours"], times[name]) if name in times else ""
                        for name in list(libraries)[1:]
                    ),
                ]


def main(given: Any) -> None:
    """Print the table."""
    names = timing.installed("scipy", "torch")
    timing.about(given, *names)
    print("\nMilliseconds, and ours / theirs\n")
    peers = {"scipy": scipy, "torch": torch}
    libraries = {"ours": ours, "NumPy": plain} | {name: peers[name] for name in names}
    head = ["function (rows, p), dtype", "ours, ms", *list(libraries)[1:]]
    timing.table(head, rows(libraries, given.seconds))


if __name__ == "__main__":
    main(GIVEN)
