"""RNN, LSTM and GRU against PyTorch (eager), JAX (compiled) and HIPS autograd: ``--help``.

A row is a shape (T, B, m, n, p) with every bias and softmax + NLL of class indices, summed.
``forward`` is the pass with every intermediate kept; ``value_and_grad`` the loss and the gradients
of every weight, the initial states and the inputs. Ratios are ours / theirs; ours are NumPy's loops
or compiled ones. HIPS autograd takes
minutes for a gated network of these sizes, and is asked for the RNN alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from benchmarks import timing

CELLS, DTYPES = ("rnn", "lstm", "gru"), ("float64", "float32")
FUNCTIONS, LOOPS = ("value_and_grad", "forward"), ("numpy", "compiled")
PEERS = ("torch", "jax", "autograd")
GIVEN = None
if __name__ == "__main__":
    GIVEN = timing.options(
        __doc__, cells=CELLS, dtypes=DTYPES, functions=FUNCTIONS, loops=LOOPS, peers=PEERS
    )

from statistics import geometric_mean, median  # noqa: E402

import numpy as np  # noqa: E402 — after the number of threads is settled

import bpttcheck  # noqa: E402
from benchmarks import peers  # noqa: E402
from benchmarks.timing import Call, assert_same  # noqa: E402

SHAPES = [
    (8, 3, 4, 5, 3),
    (100, 1, 4, 16, 3),
    (1000, 1, 10, 10, 10),
    (100, 32, 32, 64, 32),
    (256, 32, 64, 128, 64),
    (128, 64, 256, 512, 256),
]
KIND = {"gru": {"reset": "after"}}


def problem(cell: str, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any, Any, Any]:
    """Return weights, inputs, class indices and initial states, of a usual size."""
    T, B, m, n, p = shape
    random, size = np.random.default_rng(0), {"m": m, "n": n, "p": p}

    def normal(*sizes: int) -> Any:
        return (random.standard_normal(sizes) / np.sqrt(sizes[-1])).astype(dtype)

    kind = getattr(bpttcheck, cell).kind(**KIND.get(cell, {}))
    params = {k: normal(*(size[s] for s in symbols)) for k, symbols in kind.axes.items()}
    x = random.standard_normal((T, B, m)).astype(dtype)
    states = {name: normal(B, n) for name in kind.initial}
    return params, x, random.integers(0, p, (T, B)), states


def ours(cell: str, params: Any, x: Any, y: Any, states: Any, **options: Any) -> tuple[Call, Call]:
    """Return our two calls."""
    network, given = getattr(bpttcheck, cell), KIND.get(cell, {}) | states

    def forward() -> Any:
        return network.forward(params, x, **given).s

    def value_and_grad() -> Any:
        return network.value_and_grad(params, x, y, **given, **options)

    return forward, value_and_grad


def contenders(cell: str, names: list[str], shape: tuple[int, ...], dtype: Any) -> dict[str, Any]:
    """Return for each function who computes it, after checking that all compute the same."""
    given = problem(cell, shape, dtype)
    mine = ours(cell, *given)
    found = {"forward": {"ours": mine[0]}, "value_and_grad": {"ours": mine[1]}}
    loss, grads = mine[1]()
    for name in names:
        theirs = peers.BY_NAME[name](cell, *given)
        found["forward"][name], found["value_and_grad"][name] = theirs
        assert_same(f"{name}, s", mine[0](), theirs[0]())
        their = theirs[1]()
        their_loss, their_grads = theirs[1].named(their) if name == "torch" else their
        assert_same(f"{name}, loss", loss, their_loss)
        for key, gradient in grads.items():
            assert_same(f"{name}, d{key}", gradient, their_grads[key])
    return found


def rows(cell: str, names: list[str], function: str, given: Any) -> Iterator[list[str]]:
    """Time one function over all shapes, and yield the geometric means of medians at last."""
    for dtype in given.dtypes:
        medians: dict[str, list[float]] = {name: [] for name in names}
        for shape in SHAPES:
            times = timing.turns(contenders(cell, names, shape, dtype)[function], given.seconds)
            for name in names:
                pairs = zip(times["ours"], times[name], strict=True)
                medians[name].append(median(a / b for a, b in pairs))
            yield [
                f"{shape}, {dtype}",
                timing.milliseconds(times["ours"]),
                *(timing.ratio(times["ours"], times[name]) for name in names),
            ]
        means = (f"{geometric_mean(medians[name]):.2f}" for name in names)
        yield [f"geometric mean, {dtype}", "", *means]


def main(given: Any) -> None:
    """Print the tables."""
    found = timing.installed(*given.peers)
    timing.about(given, *found, *(["numba"] if "compiled" in given.loops else []))
    for cell in given.cells:
        names = [name for name in found if cell == "rnn" or name != "autograd"]
        for function, loops in product(given.functions, given.loops):
            bpttcheck.compile_loops(loops == "compiled")
            print(f"\n{cell}, {function}, {loops} loops: milliseconds, and ours / theirs\n")
            head = ["(T, B, m, n, p), dtype", "ours, ms", *names]
            timing.table(head, rows(cell, names, function, given))


if __name__ == "__main__":
    main(GIVEN)
